#include "core/webhook_reference.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::core {
namespace {

constexpr std::string_view kEventPrefix = "evt_";

/// All but `ping`, which is sent when it is asked for.
constexpr WebhookEvents kAllEvents = WebhookEvents::of_bits((1U << static_cast<unsigned>(WebhookEvent::ping)) - 1);

/// Between "//" and the path.
std::string_view authority_of(std::string_view url) {
    const std::size_t begin = url.find("://");
    if (begin == std::string_view::npos) return {};
    url.remove_prefix(begin + 3);
    return url.substr(0, url.find_first_of("/?#"));
}

}  // namespace

Result<Webhook> find_webhook(const Actor& actor, std::string_view id, Context& context) {
    const auto webhook = WebhookId::parse(id);
    if (!webhook) return not_found("webhook");
    auto found = context.reader.outbox().find(actor.workspace.id, *webhook);
    if (!found) return std::move(found).error();
    if (!*found) return not_found("webhook");
    return **std::move(found);
}

std::optional<EventId> parse_event_id(std::string_view text) noexcept {
    if (!text.starts_with(kEventPrefix)) return std::nullopt;
    return EventId::parse(text.substr(kEventPrefix.size()));
}

void check_endpoint(Fields& fields, const std::string& url) {
    fields.url("url", url);
    const std::string_view authority = authority_of(url);
    fields.require(!authority.empty() && authority.front() != ':', "url", " has no host");
    fields.require(authority.find('@') == std::string_view::npos, "url", " must not have a user name");
    fields.require(url.find('#') == std::string::npos, "url", " must not have a fragment");
    fields.require(std::ranges::none_of(url, [](char c) { return c == ' ' || c == '\\'; }), "url",
                   " has characters that no URL has");
}

Result<WebhookEvents> read_events(const std::vector<std::string>& names) {
    WebhookEvents events;
    for (const std::string& name : names) {
        if (name == "*") return kAllEvents;
        const auto event = parse_webhook_event(name);
        if (!event || *event == WebhookEvent::ping) return invalid_field("events", "there is no such event to be told");
        events.add(*event);
    }
    if (events.empty()) return invalid_field("events", "events must name at least one event");
    return events;
}

}  // namespace cariosan::core
