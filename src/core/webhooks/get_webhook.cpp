#include "core/propagate.hpp"
#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetWebhook& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<GetWebhook>(caller, context));
    CARIOSAN_TRY(auto webhook, find_webhook(actor, command.webhook, context));
    return Outcome{.answer = std::move(webhook)};
}

}  // namespace cariosan::core
