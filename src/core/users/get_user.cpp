#include "core/access.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetUser& command, const Caller& caller, Context& context) {
    const auto actor = authorize<GetUser>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).reference("user", command.user).result();
    if (!shape) return std::move(shape).error();
    auto user = resolve_user(actor->workspace.id, command.user, "user", context);
    if (!user) return std::move(user).error();
    return Outcome{.answer = std::move(*user)};
}

}  // namespace cariosan::core
