#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetUser& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<GetUser>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("user", command.user).result());
    CARIOSAN_TRY(auto user, resolve_user(actor.workspace.id, command.user, "user", context));
    return Outcome{.answer = std::move(user)};
}

}  // namespace cariosan::core
