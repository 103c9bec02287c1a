#include "protocol/json/json_webhooks.hpp"

#include <string_view>
#include <vector>

#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

std::vector<std::string_view> names_of(WebhookEvents events) {
    std::vector<std::string_view> names;
    for (unsigned number = 0; number < kWebhookEvents; ++number) {
        const auto event = static_cast<WebhookEvent>(number);
        if (events.contains(event)) names.push_back(to_string(event));
    }
    return names;
}

void write_webhook(ObjectWriter& object, const Webhook& webhook) {
    object.id("id", webhook.id);
    object.string("url", webhook.url);
    write_array(object.key("events"), names_of(webhook.events),
                [](std::string& out, std::string_view name) { append_json_string(out, name); });
    object.boolean("enabled", webhook.enabled);
    object.string_or_null("disabled_reason", webhook.disabled_reason);
    object.time_or_null("disabled_at", webhook.disabled_at);
    object.time("created_at", webhook.created_at);
    object.time("updated_at", webhook.updated_at);
}

}  // namespace

void append_webhook(std::string& out, const Webhook& webhook) {
    write_object(out, [&](ObjectWriter& object) { write_webhook(object, webhook); });
}

void append_webhook_credentials(std::string& out, const WebhookCredentials& webhook) {
    write_object(out, [&](ObjectWriter& object) {
        write_webhook(object, webhook);
        object.string("signing_secret", webhook.signing_secret);
    });
}

std::string event_text(EventId id) { return "evt_" + id.to_string(); }

void append_delivery(std::string& out, const Delivery& delivery) {
    write_object(out, [&](ObjectWriter& object) {
        object.string("event_id", event_text(delivery.event_id));
        object.string("event", to_string(delivery.event));
        object.string("status", to_string(delivery.status));
        object.integer("attempts", delivery.attempts);
        if (delivery.last_status_code) {
            object.integer("last_status_code", *delivery.last_status_code);
        } else {
            object.null("last_status_code");
        }
        object.string_or_null("last_error", delivery.last_error);
        object.time_or_null("next_attempt_at", delivery.next_attempt_at);
        object.time("created_at", delivery.created_at);
        object.time_or_null("delivered_at", delivery.delivered_at);
    });
}

}  // namespace cariosan::protocol
