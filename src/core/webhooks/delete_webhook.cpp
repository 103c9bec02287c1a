#include "core/propagate.hpp"
#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Plan> plan(const DeleteWebhook& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<DeleteWebhook>(caller, context));
    CARIOSAN_TRY(const auto webhook, find_webhook(actor, command.webhook, context));
    return planned(mutation::DeleteWebhook{.workspace = actor.workspace.id, .webhook = webhook.id, .at = context.now});
}

}  // namespace cariosan::core
