#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const UpdateMyChannel& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<UpdateMyChannel>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("channel", command.channel).result());
    CARIOSAN_TRY(auto mine, find_mine<UpdateMyChannel>(actor, command.channel, {}, context));

    const Preferences& now = mine.preferences;
    const bool changes = command.muted.value_or(now.muted) != now.muted ||
                         command.archived.value_or(now.archived) != now.archived ||
                         command.pinned.value_or(now.pinned) != now.pinned ||
                         command.marked_unread.value_or(now.marked_unread) != now.marked_unread;
    const std::int64_t rev = mine.channel.rev;
    if (!changes) return answered(std::move(mine), rev);
    return planned(mutation::SetPreferences{.workspace = actor.workspace.id,
                                            .channel = mine.channel.id,
                                            .user = actor.user->id,
                                            .muted = command.muted,
                                            .archived = command.archived,
                                            .pinned = command.pinned,
                                            .marked_unread = command.marked_unread},
                   std::move(mine));
}

}  // namespace cariosan::core
