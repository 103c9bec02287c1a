/// Shared by blocking and unblocking.
#pragma once

#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

struct TwoUsers {
    Actor actor;
    UserId other;
};

/// The caller, and the user the command names: `not_found`; `validation_error` if that is the caller.
template <AnyCommand C>
Result<TwoUsers> open_other_user(const C& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(auto actor, authorize<C>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("user", command.user).result());
    CARIOSAN_TRY(const auto user, resolve_user(actor.workspace.id, command.user, "user", context));
    if (user.id == actor.user->id) return nobody_blocks_itself();
    return TwoUsers{.actor = std::move(actor), .other = user.id};
}

}  // namespace cariosan::core
