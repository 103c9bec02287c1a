#include "core/propagate.hpp"
#include "core/webhooks/signing_secret.hpp"
#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Plan> plan(const CreateWebhook& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<CreateWebhook>(caller, context));
    Fields fields(context.limits);
    check_endpoint(fields, command.url);
    check_request_key(fields, command.idempotency_key, context.limits);
    CARIOSAN_TRY_DONE(fields.result());
    CARIOSAN_TRY(const auto events, read_events(command.events));

    mutation::CreateWebhook create{.workspace = actor.workspace.id,
                                   .id = context.ids.make<WebhookId>(),
                                   .url = command.url,
                                   .events = events,
                                   .secret = make_signing_secret(context.crypto),
                                   .max_webhooks = context.limits.webhooks_per_workspace,
                                   .at = context.now};
    CARIOSAN_TRY(create.key, make_request_key(create, command.idempotency_key, context));
    return planned(std::move(create));
}

}  // namespace cariosan::core
