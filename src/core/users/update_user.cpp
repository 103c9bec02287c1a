#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/users/user_fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const UpdateUser& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<UpdateUser>(caller, context));
    Fields fields(context.limits);
    fields.reference("user", command.user);
    CARIOSAN_TRY(auto metadata, check_user(command, std::move(fields), context));
    CARIOSAN_TRY(const auto user, resolve_user(actor.workspace.id, command.user, "user", context));
    return planned(mutation::UpdateUser{.workspace = actor.workspace.id,
                                        .user = user.id,
                                        .name = command.name,
                                        .avatar_url = command.avatar_url,
                                        .metadata = std::move(metadata),
                                        .at = context.now});
}

}  // namespace cariosan::core
