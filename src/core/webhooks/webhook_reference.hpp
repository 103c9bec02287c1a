/// How commands name a webhook, an event and the events to subscribe to.
#pragma once

#include <cariosan/commands.hpp>
#include <cariosan/error.hpp>
#include <cariosan/webhooks.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/access.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

/// The webhook of the workspace with this id; `not_found`.
Result<Webhook> find_webhook(const Actor& actor, std::string_view id, Context& context);

/// "evt_…" as an id; absent for anything else.
std::optional<EventId> parse_event_id(std::string_view text) noexcept;

/// Checks an endpoint's address: an absolute http or https URL without user name and fragment.
void check_endpoint(Fields& fields, const std::string& url);

/// At least one event name, or "*" for all; `validation_error` about `events`.
Result<WebhookEvents> read_events(const std::vector<std::string>& names);

}  // namespace cariosan::core
