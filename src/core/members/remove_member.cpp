#include "core/access.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const RemoveMember& command, const Caller& caller, Context& context) {
    const auto actor = authorize<RemoveMember>(caller, context);
    if (!actor) return actor.error();
    auto shape =
        Fields(context.limits).reference("channel", command.channel).reference("user", command.user).result();
    if (!shape) return std::move(shape).error();

    // A member may always go, and only an admin may send others away.
    const auto access = open_channel(UserRight::member, *actor, command.channel, context);
    if (!access) return access.error();
    const auto user = find_user(actor->workspace.id, command.user, context);
    if (!user) return user.error();
    const bool leaves = actor->user && *user && (*user)->id == actor->user->id;
    if (actor->user && !leaves) {
        auto allowed = check_right(UserRight::admin, access->channel.type, access->membership);
        if (!allowed) return std::move(allowed).error();
    }
    if (access->channel.type == ChannelType::direct) {
        return Error(ErrorCode::forbidden, "the members of a direct channel stay");
    }
    if (!*user) return not_found("user").with("field", "user");
    const auto membership = context.reader.members().find(access->channel.id, (*user)->id);
    if (!membership) return membership.error();
    if (!*membership) return not_found("member").with("field", "user");

    return planned(mutation::RemoveMember{.workspace = actor->workspace.id,
                                          .channel = access->channel.id,
                                          .actor = actor->user_id(),
                                          .user = (*user)->id,
                                          .at = context.now});
}

}  // namespace cariosan::core
