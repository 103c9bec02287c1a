/// What blocking and unblocking have in common.
#pragma once

#include "core/access.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

struct TwoUsers {
    Actor actor;
    UserId other;
};

/// The caller, and the user the command names: `not_found`; `validation_error` if it is the caller itself.
template <AnyCommand C>
Result<TwoUsers> open_other_user(const C& command, const Caller& caller, Context& context) {
    auto actor = authorize<C>(caller, context);
    if (!actor) return std::move(actor).error();
    auto shape = Fields(context.limits).reference("user", command.user).result();
    if (!shape) return std::move(shape).error();
    const auto user = resolve_user(actor->workspace.id, command.user, "user", context);
    if (!user) return user.error();
    if (user->id == actor->user->id) return invalid_field("user", "nobody can block itself");
    return TwoUsers{.actor = std::move(*actor), .other = user->id};
}

}  // namespace cariosan::core
