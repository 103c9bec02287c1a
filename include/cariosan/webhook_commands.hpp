/// The commands of a workspace's backend about its webhooks. `cariosan/commands.hpp` says what holds for all of them.
#pragma once

#include <cariosan/caller.hpp>
#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <cariosan/webhooks.hpp>
#include <optional>
#include <string>
#include <vector>

namespace cariosan {

/// Creates a webhook. Only this answer has the secret that signs its deliveries. Repeated under the same key within
/// `kWebhookKeyLife` it creates nothing and answers the webhook as it is now, with the same secret; `conflict` if another
/// request was made under the key, `not_found` if the webhook has been deleted since.
struct CreateWebhook {
    using Answer = WebhookCredentials;
    std::string url{};                  ///< `http` or `https`, without user name and fragment
    std::vector<std::string> events{};  ///< wire names, at least one; "*" stands for all
    std::optional<std::string> idempotency_key{};  ///< 1–255 bytes; shared by all requests of the workspace for secrets
};

/// Makes a new secret for a webhook; only this answer has it. For `kWebhookSecretOverlap` deliveries are signed with the
/// replaced one, too, and with those replaced shortly before. A repeat is answered as that of `CreateWebhook`. `conflict` if
/// `kWebhookMaxSecrets` secrets are signing already: the first of them to expire makes room.
struct RotateWebhookSecret {
    using Answer = WebhookCredentials;
    std::string webhook{};
    std::optional<std::string> idempotency_key{};
};

struct ListWebhooks {
    using Answer = Page<Webhook>;
    ListRange range{};
};

struct GetWebhook {
    using Answer = Webhook;
    std::string webhook{};  ///< its id
};

/// Absent fields stay as they are. Enabling a webhook resets its failures and delivers what is pending.
struct UpdateWebhook {
    using Answer = Webhook;
    std::string webhook{};
    std::optional<std::string> url{};
    std::optional<std::vector<std::string>> events{};
    std::optional<bool> enabled{};
};

/// Deletes its deliveries too.
struct DeleteWebhook {
    using Answer = Done;
    std::string webhook{};
};

/// The deliveries of a webhook, newest first. Finished ones are kept for a week.
struct ListDeliveries {
    using Answer = Page<Delivery>;
    std::string webhook{};
    ListRange range{};
};

/// Delivers an event again, or a pending one at once. `conflict` if the webhook is disabled, or if the delivery is not pending and
/// the webhook already has `kWebhookMaxPending` pending ones.
struct RetryDelivery {
    using Answer = Delivery;
    std::string webhook{};
    std::string event_id{};  ///< "evt_…"
};

/// Sends the event `ping`. `conflict` if the webhook is disabled or already has `kWebhookMaxPending` pending deliveries.
struct PingWebhook {
    using Answer = Delivery;
    std::string webhook{};
};

}  // namespace cariosan
