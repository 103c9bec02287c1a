/// Who may run which command: the table that decides. What the protocol says of a command must agree, which a test checks.
#pragma once

#include <cariosan/commands.hpp>
#include <cariosan/error.hpp>
#include <cariosan/storage.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/rates/rate_limiter.hpp"

namespace cariosan::core {

/// What a user must be to run a command.
enum class UserRight : std::uint8_t {
    never,   ///< not for users
    self,    ///< any user: the command is about themselves
    member,  ///< a member of the channel
    admin,   ///< an admin of the group; in a direct channel, which has no roles, any member
};

/// One row of the table.
struct Permission {
    bool host = false;
    bool backend = false;  ///< trusted: no role is checked
    UserRight user = UserRight::never;
    RateKind rate = RateKind::read;  ///< the bucket to charge for a user; other callers are not charged here
};

/// The row of a command, by its index in `Command`.
const Permission& permission_of(std::size_t command_index) noexcept;

/// The index of `C` in `Command`.
template <AnyCommand C>
consteval std::size_t command_index() {
    return []<std::size_t... index>(std::index_sequence<index...>) {
        return ((std::is_same_v<C, std::variant_alternative_t<index, Command::variant>> ? index : 0) + ...);
    }
    (std::make_index_sequence<std::variant_size_v<Command::variant>>());
}

template <AnyCommand C>
const Permission& permission_of() noexcept {
    return permission_of(command_index<C>());
}

/// Whether a user with this membership (absent: not a member) has the right in a channel of this type:
/// `not_a_member`, `not_admin`.
Result<Done> check_right(UserRight right, ChannelType type, const std::optional<Membership>& membership);

}  // namespace cariosan::core
