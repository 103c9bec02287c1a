#include "core/access.hpp"
#include "core/fields.hpp"
#include "core/resolve.hpp"

namespace cariosan::core {

Result<Plan> plan(const BlockUser& command, const Caller& caller, Context& context) {
    const auto actor = authorize<BlockUser>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).reference("user", command.user).result();
    if (!shape) return std::move(shape).error();
    const auto user = resolve_user(actor->workspace.id, command.user, "user", context);
    if (!user) return user.error();
    if (user->id == actor->user->id) return invalid_field("user", "nobody can block itself");
    return planned(mutation::BlockUser{
        .workspace = actor->workspace.id,
        .user = actor->user->id,
        .blocked = user->id,
        .max_blocks = context.limits.blocks_per_user,
        .at = context.now,
    });
}

}  // namespace cariosan::core
