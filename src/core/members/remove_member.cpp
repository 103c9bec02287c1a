#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const RemoveMember& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<RemoveMember>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits)
                          .reference("channel", command.channel)
                          .reference("user", command.user)
                          .result());

    // Members may always leave; only an admin may remove others.
    CARIOSAN_TRY(const auto access, open_channel(UserRight::member, actor, command.channel, context));
    CARIOSAN_TRY(const auto user, find_user(actor.workspace.id, command.user, context));
    const bool leaves = actor.user && user && user->id == actor.user->id;
    if (actor.user && !leaves) {
        CARIOSAN_TRY_DONE(check_right(UserRight::admin, access.channel.type, access.membership));
    }
    if (access.channel.type == ChannelType::direct) {
        return members_stay();
    }
    if (!user) return not_found("user").with("field", "user");
    CARIOSAN_TRY(const auto membership, context.reader.members().find(access.channel.id, user->id));
    if (!membership) return member_is_missing();

    return planned(mutation::RemoveMember{.workspace = actor.workspace.id,
                                          .channel = access.channel.id,
                                          .actor = actor.user_id(),
                                          .user = user->id,
                                          .at = context.now});
}

}  // namespace cariosan::core
