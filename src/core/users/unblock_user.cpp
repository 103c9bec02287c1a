#include "core/users/other_user.hpp"

namespace cariosan::core {

Result<Plan> plan(const UnblockUser& command, const Caller& caller, Context& context) {
    const auto users = open_other_user(command, caller, context);
    if (!users) return users.error();
    return planned(mutation::UnblockUser{
        .workspace = users->actor.workspace.id,
        .user = users->actor.user->id,
        .blocked = users->other,
    });
}

}  // namespace cariosan::core
