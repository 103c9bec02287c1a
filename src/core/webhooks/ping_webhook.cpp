#include "core/propagate.hpp"
#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Plan> plan(const PingWebhook& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<PingWebhook>(caller, context));
    CARIOSAN_TRY(const auto webhook, find_webhook(actor, command.webhook, context));
    return planned(
        mutation::PingWebhook{.workspace = actor.workspace.id, .webhook = webhook.id, .at = context.now});
}

}  // namespace cariosan::core
