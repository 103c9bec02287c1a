#include "core/propagate.hpp"
#include "core/webhooks/signing_secret.hpp"
#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Plan> plan(const RotateWebhookSecret& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<RotateWebhookSecret>(caller, context));
    Fields fields(context.limits);
    check_request_key(fields, command.idempotency_key, context.limits);
    CARIOSAN_TRY_DONE(fields.result());
    CARIOSAN_TRY(const auto webhook, find_webhook(actor, command.webhook, context));

    mutation::RotateWebhookSecret rotate{.workspace = actor.workspace.id,
                                         .webhook = webhook.id,
                                         .secret = make_signing_secret(context.crypto),
                                         .at = context.now};
    CARIOSAN_TRY(rotate.key, make_request_key(rotate, command.idempotency_key, context));
    return planned(std::move(rotate));
}

}  // namespace cariosan::core
