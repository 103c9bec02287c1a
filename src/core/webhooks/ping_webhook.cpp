#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Plan> plan(const PingWebhook& command, const Caller& caller, Context& context) {
    const auto actor = authorize<PingWebhook>(caller, context);
    if (!actor) return actor.error();
    const auto webhook = find_webhook(*actor, command.webhook, context);
    if (!webhook) return webhook.error();
    return planned(mutation::PingWebhook{
        .workspace = actor->workspace.id, .webhook = webhook->id, .at = context.now});
}

}  // namespace cariosan::core
