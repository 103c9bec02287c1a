#include <array>
#include <cstdint>

#include "core/propagate.hpp"
#include "core/webhooks/webhook_reference.hpp"
#include "encoding/base64.hpp"

namespace cariosan::core {
namespace {

/// In the form of Standard Webhooks: a prefix, and the key in base64.
std::string make_signing_secret(Crypto& crypto) {
    std::array<std::uint8_t, 32> key{};
    crypto.random(key);
    return "whsec_" + encoding::encode_base64({reinterpret_cast<const char*>(key.data()), key.size()});
}

}  // namespace

Result<Plan> plan(const CreateWebhook& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<CreateWebhook>(caller, context));
    Fields fields(context.limits);
    check_endpoint(fields, command.url);
    CARIOSAN_TRY_DONE(fields.result());
    CARIOSAN_TRY(const auto events, read_events(command.events));

    mutation::CreateWebhook create{.workspace = actor.workspace.id,
                                   .id = context.ids.make<WebhookId>(),
                                   .url = command.url,
                                   .events = events,
                                   .secret = make_signing_secret(context.crypto),
                                   .max_webhooks = context.limits.webhooks_per_workspace,
                                   .at = context.now};
    WebhookCredentials made;
    made.id = create.id;
    made.url = create.url;
    made.events = create.events;
    made.created_at = create.at;
    made.updated_at = create.at;
    made.signing_secret = create.secret;
    return planned(std::move(create), std::move(made));
}

}  // namespace cariosan::core
