#include "core/propagate.hpp"
#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Plan> plan(const UpdateWebhook& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<UpdateWebhook>(caller, context));
    Fields fields(context.limits);
    if (command.url) check_endpoint(fields, *command.url);
    CARIOSAN_TRY_DONE(fields.result());
    mutation::UpdateWebhook update{
        .workspace = actor.workspace.id, .url = command.url, .enabled = command.enabled, .at = context.now};
    if (command.events) {
        CARIOSAN_TRY(const auto events, read_events(*command.events));
        update.events = events;
    }
    CARIOSAN_TRY(const auto webhook, find_webhook(actor, command.webhook, context));
    update.webhook = webhook.id;
    return planned(std::move(update));
}

}  // namespace cariosan::core
