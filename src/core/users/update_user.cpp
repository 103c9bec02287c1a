#include "core/access.hpp"
#include "core/resolve.hpp"
#include "core/users/user_fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const UpdateUser& command, const Caller& caller, Context& context) {
    const auto actor = authorize<UpdateUser>(caller, context);
    if (!actor) return actor.error();
    Fields fields(context.limits);
    fields.reference("user", command.user);
    auto metadata = check_user(command, std::move(fields), context);
    if (!metadata) return std::move(metadata).error();
    const auto user = resolve_user(actor->workspace.id, command.user, "user", context);
    if (!user) return user.error();
    return planned(mutation::UpdateUser{.workspace = actor->workspace.id,
                                        .user = user->id,
                                        .name = command.name,
                                        .avatar_url = command.avatar_url,
                                        .metadata = std::move(*metadata),
                                        .at = context.now});
}

}  // namespace cariosan::core
