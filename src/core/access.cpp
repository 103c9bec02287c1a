#include "core/access.hpp"

#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/resolve.hpp"

namespace cariosan::core {
namespace {

Result<Actor> find_user_of(const Permission& permission, const Caller& caller, Actor actor, Context& context) {
    if (permission.user == UserRight::never) return user_may_never();
    // An internal id is not accepted as an external id here: otherwise a user's rate could be taken from two buckets.
    CARIOSAN_TRY(auto user, caller.user_id() ? find_user_by_id(caller.workspace(), *caller.user_id(), context)
                                             : find_user(caller.workspace(), caller.user_reference(), context));
    if (!user) return Error(ErrorCode::unauthorized, "the calling user does not exist");
    if (caller.external_id() && *caller.external_id() != user->external_id) {
        return Error(ErrorCode::unauthorized, "the caller's external_id belongs to another user");
    }
    if (user->suspension && user->suspension->holds_at(context.now)) return user_is_suspended(*user->suspension);
    actor.user = std::move(user);
    return actor;
}

}  // namespace

Result<Actor> find_actor(const Permission& permission, const Caller& caller, Context& context) {
    if (caller.kind() == Caller::Kind::host) {
        if (permission.host) return Actor{};
        return Error(ErrorCode::forbidden, "this runs in a workspace: call it as its backend or as a user");
    }
    if (caller.kind() == Caller::Kind::backend && !permission.backend) {
        return permission.host ? Error(ErrorCode::forbidden, "only the host may do this")
                               : Error(ErrorCode::forbidden, "only a user may do this");
    }
    CARIOSAN_TRY(auto workspace, find_workspace(caller.workspace(), context));
    if (!workspace) {
        return caller.kind() == Caller::Kind::backend
                   ? not_found("workspace")
                   : Error(ErrorCode::unauthorized, "the workspace of the calling user does not exist");
    }
    Actor actor{.workspace = std::move(*workspace), .user = {}};
    if (caller.kind() == Caller::Kind::backend) return actor;
    return find_user_of(permission, caller, std::move(actor), context);
}

Result<Actor> authorize(const Permission& permission, const Caller& caller, Context& context) {
    CARIOSAN_TRY(auto actor, find_actor(permission, caller, context));
    if (actor.user && permission.rate != RateKind::send) {
        CARIOSAN_TRY_DONE(context.rates.take({actor.workspace.id, actor.user->id}, permission.rate, context.elapsed));
    }
    return actor;
}

Result<ChannelAccess> open_channel(UserRight right, const Actor& actor, std::string_view channel,
                                   Context& context) {
    CARIOSAN_TRY(auto found, find_channel(actor.workspace.id, channel, context));
    if (!found) return not_found("channel");
    ChannelAccess access{.channel = std::move(*found), .membership = {}};
    if (!actor.user) return access;

    CARIOSAN_TRY(access.membership, context.reader.members().find(access.channel.id, actor.user->id));
    CARIOSAN_TRY_DONE(check_right(right, access.channel.type, access.membership));
    return access;
}

Result<MyChannel> find_mine(UserRight right, const Actor& actor, std::string_view channel,
                            std::optional<std::int64_t> members, Context& context) {
    CARIOSAN_TRY(const auto access, open_channel(right, actor, channel, context));
    CARIOSAN_TRY(auto mine, context.reader.channels().find_of(actor.workspace.id, actor.user->id, access.channel.id,
                                                              members_shown(members, context.limits)));
    if (!mine) return caller_is_no_member();
    return std::move(*mine);
}

Result<Done> precheck_not_silenced(ChannelId channel, UserId user, Context& context) {
    CARIOSAN_TRY(const auto state, context.reader.silences().find(channel, user, context.now));
    if (!state.silenced) return Done{};
    return author_is_silenced(state.until);
}

}  // namespace cariosan::core
