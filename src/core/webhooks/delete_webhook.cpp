#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Plan> plan(const DeleteWebhook& command, const Caller& caller, Context& context) {
    const auto actor = authorize<DeleteWebhook>(caller, context);
    if (!actor) return actor.error();
    const auto webhook = find_webhook(*actor, command.webhook, context);
    if (!webhook) return webhook.error();
    return planned(mutation::DeleteWebhook{.workspace = actor->workspace.id, .webhook = webhook->id});
}

}  // namespace cariosan::core
