/// Shared by registering and removing a device.
#pragma once

#include <algorithm>

#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

inline constexpr std::int64_t kDeviceTokenBytes = 4096;

/// The caller of a command about one of their devices. Errors never contain the token: anyone who knows it can send to it.
template <AnyCommand C>
Result<Actor> open_device(const C& command, const Caller& caller, Context& context) {
    auto actor = authorize<C>(caller, context);
    if (!actor) return actor;
    CARIOSAN_TRY_DONE(
        Fields(context.limits)
            .key("token", command.token, kDeviceTokenBytes)
            .require(std::ranges::all_of(command.token, [](char c) { return c > ' ' && c <= '~'; }), "token",
                     " must be visible ASCII characters")
            .result());
    return actor;
}

}  // namespace cariosan::core
