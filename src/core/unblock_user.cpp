#include "core/access.hpp"
#include "core/fields.hpp"
#include "core/resolve.hpp"

namespace cariosan::core {

Result<Plan> plan(const UnblockUser& command, const Caller& caller, Context& context) {
    const auto actor = authorize<UnblockUser>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).reference("user", command.user).result();
    if (!shape) return std::move(shape).error();
    const auto user = resolve_user(actor->workspace.id, command.user, "user", context);
    if (!user) return user.error();
    if (user->id == actor->user->id) return invalid_field("user", "nobody can block itself");
    return planned(mutation::UnblockUser{
        .workspace = actor->workspace.id,
        .user = actor->user->id,
        .blocked = user->id,
    });
}

}  // namespace cariosan::core
