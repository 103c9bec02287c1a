// Rows for commands of a backend on its webhooks.
#include "protocol/commands/command_rows.hpp"

namespace cariosan::protocol {
namespace {

constexpr Shape kWebhookText{"The webhook's id.", "WebhookReference"};
constexpr Shape kEndpointText{"An http or https URL, without user name and fragment.", "EndpointUrl"};
constexpr Shape kRequestKey{"Whoever repeats the request under this key within 24 hours gets the same secret.", "IdempotencyKey"};
constexpr Shape kEventsText{"Names of events, at least one; \"*\" for all.", "WebhookEvents"};

void add_deliveries(std::vector<CommandRow>& rows) {
    rows.push_back({.name = "delivery.list",
                    .summary = "The deliveries of a webhook, newest first.",
                    .routes = {{"GET", "/v1/webhooks/{webhook}/deliveries"}},
                    .callers = kBackend,
                    .fields = range_and(&ListDeliveries::range, core::ListOf::deliveries,
                                        {required("webhook", &ListDeliveries::webhook, kWebhookText)}),
                    .make = make<ListDeliveries>,
                    .answer = {Status::ok, "DeliveryList"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "delivery.retry",
                    .summary = "Delivers an event again, or a waiting one at once.",
                    .routes = {{"POST", "/v1/webhooks/{webhook}/deliveries/{event_id}/retry"}},
                    .callers = kBackend,
                    .fields = {required("webhook", &RetryDelivery::webhook, kWebhookText),
                               required("event_id", &RetryDelivery::event_id, {"The event's id, evt_….", "EventReference"})},
                    .make = make<RetryDelivery>,
                    .answer = {Status::ok, "Delivery"},
                    .errors = {ErrorCode::not_found, ErrorCode::conflict}});
    rows.push_back({.name = "webhook.ping",
                    .summary = "Sends a ping event.",
                    .routes = {{"POST", "/v1/webhooks/{webhook}/ping"}},
                    .callers = kBackend,
                    .fields = {required("webhook", &PingWebhook::webhook, kWebhookText)},
                    .make = make<PingWebhook>,
                    .answer = {Status::created_or_ok, "Delivery"},
                    .errors = {ErrorCode::not_found, ErrorCode::conflict}});
}

}  // namespace

void add_webhooks(std::vector<CommandRow>& rows) {
    rows.push_back({.name = "webhook.create",
                    .summary = "Creates a webhook; only this answer has its signing secret.",
                    .routes = {{"POST", "/v1/webhooks"}},
                    .callers = kBackend,
                    .fields = {required("url", &CreateWebhook::url, kEndpointText),
                               required("events", &CreateWebhook::events, kEventsText),
                               in_header("Idempotency-Key", "idempotency_key", &CreateWebhook::idempotency_key, kRequestKey)},
                    .make = make<CreateWebhook>,
                    .answer = {Status::created_or_ok, "WebhookCredentials"},
                    .errors = {ErrorCode::not_found, ErrorCode::conflict}});
    rows.push_back({.name = "webhook.rotate_secret",
                    .summary = "Makes a new signing secret; for 24 hours deliveries are signed with the old one, too.",
                    .routes = {{"POST", "/v1/webhooks/{webhook}/rotate-secret"}},
                    .callers = kBackend,
                    .fields = {required("webhook", &RotateWebhookSecret::webhook, kWebhookText),
                               in_header("Idempotency-Key", "idempotency_key", &RotateWebhookSecret::idempotency_key,
                                         kRequestKey)},
                    .make = make<RotateWebhookSecret>,
                    .answer = {Status::ok, "WebhookCredentials"},
                    .errors = {ErrorCode::not_found, ErrorCode::conflict}});
    rows.push_back({.name = "webhook.list",
                    .summary = "Lists the webhooks.",
                    .routes = {{"GET", "/v1/webhooks"}},
                    .callers = kBackend,
                    .fields = range_and(&ListWebhooks::range, core::ListOf::webhooks),
                    .make = make<ListWebhooks>,
                    .answer = {Status::ok, "WebhookList"}});
    rows.push_back({.name = "webhook.get",
                    .summary = "One webhook.",
                    .routes = {{"GET", "/v1/webhooks/{webhook}"}},
                    .callers = kBackend,
                    .fields = {required("webhook", &GetWebhook::webhook, kWebhookText)},
                    .make = make<GetWebhook>,
                    .answer = {Status::ok, "Webhook"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "webhook.update",
                    .summary = "Changes a webhook, or enables a disabled one.",
                    .routes = {{"PATCH", "/v1/webhooks/{webhook}"}},
                    .callers = kBackend,
                    .fields = {required("webhook", &UpdateWebhook::webhook, kWebhookText),
                               optional("url", &UpdateWebhook::url, kEndpointText),
                               optional("events", &UpdateWebhook::events, kEventsText),
                               optional("enabled", &UpdateWebhook::enabled, "Whether events are delivered.")},
                    .make = make<UpdateWebhook>,
                    .answer = {Status::ok, "Webhook"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "webhook.delete",
                    .summary = "Deletes a webhook and its deliveries.",
                    .routes = {{"DELETE", "/v1/webhooks/{webhook}"}},
                    .callers = kBackend,
                    .fields = {required("webhook", &DeleteWebhook::webhook, kWebhookText)},
                    .make = make<DeleteWebhook>,
                    .answer = {Status::no_content, ""},
                    .errors = {ErrorCode::not_found}});
    add_deliveries(rows);
}

}  // namespace cariosan::protocol
