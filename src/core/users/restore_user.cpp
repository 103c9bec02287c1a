#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const RestoreUser& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<RestoreUser>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("user", command.user).result());
    CARIOSAN_TRY(const auto user, resolve_user(actor.workspace.id, command.user, "user", context));
    return planned(mutation::RestoreUser{.workspace = actor.workspace.id, .user = user.id, .at = context.now});
}

}  // namespace cariosan::core
