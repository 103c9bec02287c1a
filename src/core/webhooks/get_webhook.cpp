#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetWebhook& command, const Caller& caller, Context& context) {
    const auto actor = authorize<GetWebhook>(caller, context);
    if (!actor) return actor.error();
    auto webhook = find_webhook(*actor, command.webhook, context);
    if (!webhook) return std::move(webhook).error();
    return Outcome{.answer = *std::move(webhook)};
}

}  // namespace cariosan::core
