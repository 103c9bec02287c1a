#include "core/propagate.hpp"
#include "core/users/other_user.hpp"

namespace cariosan::core {

Result<Plan> plan(const UnblockUser& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto users, open_other_user(command, caller, context));
    return planned(mutation::UnblockUser{
        .workspace = users.actor.workspace.id,
        .user = users.actor.user->id,
        .blocked = users.other,
    });
}

}  // namespace cariosan::core
