#include "core/propagate.hpp"
#include "core/push/device_token.hpp"

namespace cariosan::core {

Result<Plan> plan(const RegisterDevice& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, open_device(command, caller, context));
    return planned(mutation::RegisterDevice{
        .workspace = actor.workspace.id,
        .user = actor.user->id,
        .token = command.token,
        .platform = command.platform,
        .max_devices = context.limits.devices_per_user,
        .at = context.now,
    });
}

}  // namespace cariosan::core
