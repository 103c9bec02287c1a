/// Webhooks and deliveries as JSON. Section 8 of the protocol.
#pragma once

#include <cariosan/webhooks.hpp>
#include <string>

namespace cariosan::protocol {

void append_webhook(std::string& out, const Webhook& webhook);
/// Includes the signing secret.
void append_webhook_credentials(std::string& out, const WebhookCredentials& webhook);
void append_delivery(std::string& out, const Delivery& delivery);

/// "evt_" and the id.
std::string event_text(EventId id);

}  // namespace cariosan::protocol
