#include "core/propagate.hpp"
#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Plan> plan(const RetryDelivery& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<RetryDelivery>(caller, context));
    CARIOSAN_TRY(const auto webhook, find_webhook(actor, command.webhook, context));
    const auto event = parse_event_id(command.event_id);
    if (!event) return not_found("delivery");
    return planned(mutation::RetryDelivery{
        .workspace = actor.workspace.id, .webhook = webhook.id, .event = *event, .at = context.now});
}

}  // namespace cariosan::core
