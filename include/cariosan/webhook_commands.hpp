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

/// Makes a webhook. Its answer alone has the secret that signs the deliveries.
struct CreateWebhook {
    using Answer = WebhookCredentials;
    std::string url{};                  ///< `http` or `https`, without user name and fragment
    std::vector<std::string> events{};  ///< wire names, at least one; "*" stands for all
};

struct ListWebhooks {
    using Answer = Page<Webhook>;
    ListRange range{};
};

struct GetWebhook {
    using Answer = Webhook;
    std::string webhook{};  ///< its id
};

/// Absent fields stay as they are. To enable a webhook forgets its failures; what waits for it is delivered.
struct UpdateWebhook {
    using Answer = Webhook;
    std::string webhook{};
    std::optional<std::string> url{};
    std::optional<std::vector<std::string>> events{};
    std::optional<bool> enabled{};
};

/// Its deliveries go with it.
struct DeleteWebhook {
    using Answer = Done;
    std::string webhook{};
};

/// What the webhook was told and is to be told, newest first. What is over is kept for a week.
struct ListDeliveries {
    using Answer = Page<Delivery>;
    std::string webhook{};
    ListRange range{};
};

/// Delivers an event once more, or one that waits at once. `conflict` if the webhook is disabled.
struct RetryDelivery {
    using Answer = Delivery;
    std::string webhook{};
    std::string event_id{};  ///< "evt_…"
};

/// Sends the event `ping`. `conflict` if the webhook is disabled.
struct PingWebhook {
    using Answer = Delivery;
    std::string webhook{};
};

}  // namespace cariosan
