/// How every use case begins: who is calling, is it allowed, and in which channel.
#pragma once

#include <cariosan/commands.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/permissions.hpp"
#include "core/use_case.hpp"

namespace cariosan::core {

/// The caller, looked up and known to exist.
struct Actor {
    Workspace workspace;       ///< nil for the host
    std::optional<User> user;  ///< absent: host or backend

    std::optional<UserId> user_id() const { return user ? std::optional(user->id) : std::nullopt; }
};

/// Checks the caller against the table and finds the workspace and the user. `forbidden` for the wrong kind of caller,
/// `unauthorized` for a user who does not exist (the token outlived them).
Result<Actor> find_actor(const Permission& permission, const Caller& caller, Context& context);

/// Like `find_actor`, but then takes a token of the command's rate (`rate_limited`). A send takes its token later, after its
/// idempotency key was looked up.
Result<Actor> authorize(const Permission& permission, const Caller& caller, Context& context);

template <AnyCommand C>
Result<Actor> authorize(const Caller& caller, Context& context) {
    return authorize(permission_of<C>(), caller, context);
}

/// A channel and the caller's membership in it (absent for a backend).
struct ChannelAccess {
    Channel channel;
    std::optional<Membership> membership;
};

/// Finds the channel and checks the calling user's right in it: `not_found`, `not_a_member`, `not_admin`.
Result<ChannelAccess> open_channel(UserRight right, const Actor& actor, std::string_view channel,
                                   Context& context);

template <AnyCommand C>
Result<ChannelAccess> open_channel(const Actor& actor, std::string_view channel, Context& context) {
    return open_channel(permission_of<C>().user, actor, channel, context);
}

/// Like `open_channel`, but for a calling user: the channel as the item of "my channels" that the user sees. `members`: how many
/// it shows; absent: as many as usual.
Result<MyChannel> find_mine(UserRight right, const Actor& actor, std::string_view channel,
                            std::optional<std::int64_t> members, Context& context);

template <AnyCommand C>
Result<MyChannel> find_mine(const Actor& actor, std::string_view channel, std::optional<std::int64_t> members,
                            Context& context) {
    return find_mine(permission_of<C>().user, actor, channel, members, context);
}

/// `muted`, with `details.until` if the end is known, as far as the snapshot shows. It spares most refused texts a commit, where
/// `commit::check_not_silenced` decides.
Result<Done> precheck_not_silenced(ChannelId channel, UserId user, Context& context);

}  // namespace cariosan::core
