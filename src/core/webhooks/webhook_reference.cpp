#include "core/webhooks/webhook_reference.hpp"

#include <algorithm>
#include <utility>
#include "core/propagate.hpp"

namespace cariosan::core {
namespace {

constexpr std::string_view kEventPrefix = "evt_";

/// All but `ping`, which is sent on request.
constexpr WebhookEvents kAllEvents =
    WebhookEvents::of_bits(((1U << kWebhookEvents) - 1) & ~WebhookEvents{WebhookEvent::ping}.bits());

}  // namespace

Result<Webhook> find_webhook(const Actor& actor, std::string_view id, Context& context) {
    const auto webhook = WebhookId::parse(id);
    if (!webhook) return not_found("webhook");
    CARIOSAN_TRY(auto found, context.reader.outbox().find(actor.workspace.id, *webhook));
    if (!found) return not_found("webhook");
    return *std::move(found);
}

std::optional<EventId> parse_event_id(std::string_view text) noexcept {
    if (!text.starts_with(kEventPrefix)) return std::nullopt;
    return EventId::parse(text.substr(kEventPrefix.size()));
}

void check_endpoint(Fields& fields, const std::string& url) {
    fields.url("url", url).require(url.find('#') == std::string::npos, "url", " must not have a fragment");
}

Result<WebhookEvents> read_events(const std::vector<std::string>& names) {
    WebhookEvents events;
    for (const std::string& name : names) {
        if (name == "*") return kAllEvents;
        const auto event = parse_webhook_event(name);
        if (!event || *event == WebhookEvent::ping) return invalid_field("events", "there is no such event");
        events.add(*event);
    }
    if (events.empty()) return invalid_field("events", "events must name at least one event");
    return events;
}

}  // namespace cariosan::core
