#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {
namespace {

/// As many as `ListMyChannels` shows by default.
constexpr std::int64_t kMembersShown = 5;

}  // namespace

Result<Plan> plan(const UpdateMyChannel& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<UpdateMyChannel>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("channel", command.channel).result());
    CARIOSAN_TRY(const auto access, open_channel<UpdateMyChannel>(actor, command.channel, context));
    CARIOSAN_TRY(auto mine, context.reader.channels().find_of(actor.workspace.id, actor.user->id,
                                                              access.channel.id, kMembersShown));
    if (!mine) return caller_is_no_member();

    if (!command.muted || *command.muted == mine->muted) {
        return answered(std::move(*mine), access.channel.rev);
    }
    mine->muted = *command.muted;
    return planned(mutation::MuteChannel{.workspace = actor.workspace.id,
                                         .channel = access.channel.id,
                                         .user = actor.user->id,
                                         .muted = *command.muted},
                   std::move(*mine));
}

}  // namespace cariosan::core
