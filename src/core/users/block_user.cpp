#include "core/propagate.hpp"
#include "core/users/other_user.hpp"

namespace cariosan::core {

Result<Plan> plan(const BlockUser& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto users, open_other_user(command, caller, context));
    return planned(mutation::BlockUser{
        .workspace = users.actor.workspace.id,
        .user = users.actor.user->id,
        .blocked = users.other,
        .max_blocks = context.limits.blocks_per_user,
        .at = context.now,
    });
}

}  // namespace cariosan::core
