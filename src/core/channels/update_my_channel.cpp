#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const UpdateMyChannel& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<UpdateMyChannel>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("channel", command.channel).result());
    CARIOSAN_TRY(auto mine, find_mine<UpdateMyChannel>(actor, command.channel, {}, context));

    const std::int64_t rev = mine.channel.rev;
    if (!command.muted || *command.muted == mine.muted) return answered(std::move(mine), rev);
    mine.muted = *command.muted;
    return planned(mutation::MuteChannel{.workspace = actor.workspace.id,
                                         .channel = mine.channel.id,
                                         .user = actor.user->id,
                                         .muted = *command.muted},
                   std::move(mine));
}

}  // namespace cariosan::core
