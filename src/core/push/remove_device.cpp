#include "core/propagate.hpp"
#include "core/push/device_token.hpp"

namespace cariosan::core {

Result<Plan> plan(const RemoveDevice& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, open_device(command, caller, context));
    return planned(mutation::RemoveDevice{
        .workspace = actor.workspace.id,
        .user = actor.user->id,
        .token = command.token,
    });
}

}  // namespace cariosan::core
