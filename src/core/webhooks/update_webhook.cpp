#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Plan> plan(const UpdateWebhook& command, const Caller& caller, Context& context) {
    const auto actor = authorize<UpdateWebhook>(caller, context);
    if (!actor) return actor.error();
    Fields fields(context.limits);
    if (command.url) check_endpoint(fields, *command.url);
    if (auto shape = fields.result(); !shape) return std::move(shape).error();
    mutation::UpdateWebhook update{.workspace = actor->workspace.id,
                                   .url = command.url,
                                   .enabled = command.enabled,
                                   .at = context.now};
    if (command.events) {
        const auto events = read_events(*command.events);
        if (!events) return events.error();
        update.events = *events;
    }
    const auto webhook = find_webhook(*actor, command.webhook, context);
    if (!webhook) return webhook.error();
    update.webhook = webhook->id;
    return planned(std::move(update));
}

}  // namespace cariosan::core
