// Webhooks, and what is to be told to them.
#include "adapters/sqlite/readers.hpp"

namespace cariosan::sqlite {

Result<std::optional<Webhook>> SqliteOutbox::find(WorkspaceId, WebhookId) { return std::optional<Webhook>(); }
Result<std::vector<Webhook>> SqliteOutbox::list(WorkspaceId, std::optional<WebhookId>, std::int64_t) {
    return std::vector<Webhook>();
}
Result<OutboxReader::DeliveryPage> SqliteOutbox::deliveries(WebhookId, std::optional<std::int64_t>, std::int64_t) {
    return DeliveryPage();
}
Result<std::optional<Delivery>> SqliteOutbox::find_delivery(WebhookId, EventId) { return std::optional<Delivery>(); }
Result<std::optional<Timestamp>> SqliteOutbox::next_due(Timestamp) {
    static_cast<void>(snapshot_);
    return std::optional<Timestamp>();
}
Result<std::vector<DueDelivery>> SqliteOutbox::due(WebhookId, Timestamp, std::span<const std::int64_t>, bool,
                                                   std::int64_t) {
    return std::vector<DueDelivery>();
}

}  // namespace cariosan::sqlite
