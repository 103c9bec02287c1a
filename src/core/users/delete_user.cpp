#include "core/access.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const DeleteUser& command, const Caller& caller, Context& context) {
    const auto actor = authorize<DeleteUser>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).reference("user", command.user).result();
    if (!shape) return std::move(shape).error();
    const auto user = resolve_user(actor->workspace.id, command.user, "user", context);
    if (!user) return user.error();
    return planned(mutation::DeleteUser{.workspace = actor->workspace.id,
                                        .user = user->id,
                                        .erase = command.erase_messages,
                                        .at = context.now},
                   Done{});
}

}  // namespace cariosan::core
