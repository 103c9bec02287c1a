// Webhooks: their making, their settings, and what is told them because somebody asked.
#include <utility>

#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {

std::optional<Batch::WebhookRow> Batch::find_webhook(WebhookId id, std::optional<WorkspaceId> workspace) {
    Rows rows = sql_.outbox.find.query(id);
    if (!rows.next()) return std::nullopt;
    WebhookRow row;
    row.id = rows.integer();
    row.pending = rows.integer();
    row.failed_attempts = rows.integer();
    row.failed_deliveries = rows.integer();
    if (!rows.skip_null()) row.lease_owner = rows.uuid();
    row.secret = rows.text();
    row.workspace = rows.id<WorkspaceId>();
    row.webhook = read_webhook(rows);
    if (workspace && row.workspace != *workspace) return std::nullopt;
    return row;
}

Result<Committed> Batch::apply(const mutation::CreateWebhook& create) {
    const auto workspace = find_workspace(create.workspace);
    if (!workspace) return not_found("workspace");
    {
        Rows rows = sql_.outbox.count.query(workspace->id);
        if (create.max_webhooks > 0 && rows.next() && rows.integer() >= create.max_webhooks) {
            return too_many("url", create.max_webhooks, "webhooks in this workspace");
        }
    }
    forget_listening(create.workspace);
    sql_.outbox.insert.run(create.id, workspace->id, create.url, create.events.bits(), create.secret, create.at);
    state_.wrote = true;
    Committed done;
    done.created = true;
    Webhook webhook;
    webhook.id = create.id;
    webhook.url = create.url;
    webhook.events = create.events;
    webhook.created_at = create.at;
    webhook.updated_at = create.at;
    done.object = std::move(webhook);
    return done;
}

Result<Committed> Batch::apply(const mutation::UpdateWebhook& update) {
    auto row = find_webhook(update.webhook, update.workspace);
    if (!row) return not_found("webhook");
    Webhook& webhook = row->webhook;
    const bool url_changes = update.url && *update.url != webhook.url;
    const bool events_change = update.events && *update.events != webhook.events;
    const bool is_switched = update.enabled && *update.enabled != webhook.enabled;
    Committed done;
    done.changed = url_changes || events_change || is_switched;
    if (done.changed) {
        forget_listening(update.workspace);
        if (url_changes) webhook.url = *update.url;
        if (events_change) webhook.events = *update.events;
        if (is_switched) {
            webhook.enabled = *update.enabled;
            webhook.disabled_reason.reset();
            webhook.disabled_at = webhook.enabled ? std::nullopt : std::optional(update.at);
            if (webhook.enabled) sql_.outbox.forget_failures.run(row->id);
            done.outbox = webhook.enabled && row->pending > 0;
        }
        webhook.updated_at = update.at;
        sql_.outbox.update.run(row->id, webhook.url, webhook.events.bits(), webhook.enabled,
                               webhook.disabled_reason, webhook.disabled_at, webhook.updated_at);
        state_.wrote = true;
    }
    done.object = std::move(webhook);
    return done;
}

Result<Committed> Batch::apply(const mutation::DeleteWebhook& remove) {
    const auto row = find_webhook(remove.webhook, remove.workspace);
    if (!row) return not_found("webhook");
    forget_listening(remove.workspace);
    sql_.outbox.remove.run(row->id);
    state_.wrote = true;
    state_.deleted = true;
    return Committed{};
}

namespace {

Error webhook_is_disabled() { return {ErrorCode::conflict, "the webhook is disabled"}; }

}  // namespace

Result<Committed> Batch::apply(const mutation::PingWebhook& request) {
    const auto row = find_webhook(request.webhook, request.workspace);
    if (!row) return not_found("webhook");
    if (!row->webhook.enabled) return webhook_is_disabled();
    forget_listening(request.workspace);
    OutboxEvent event;
    event.event = WebhookEvent::ping;
    event.workspace = request.workspace;
    event.at = request.at;
    auto delivery = tell_one(row->id, std::move(event));
    if (!delivery) return delivery.error();
    Committed done;
    done.created = true;
    done.outbox = true;
    done.object = *std::move(delivery);
    return done;
}

Result<Committed> Batch::apply(const mutation::RetryDelivery& request) {
    const auto row = find_webhook(request.webhook, request.workspace);
    if (!row) return not_found("webhook");
    std::int64_t id = 0;
    Delivery delivery;
    {
        Rows rows = sql_.outbox.find_event.query(row->id, request.event);
        if (!rows.next()) return not_found("delivery");
        id = rows.integer();
        delivery = read_delivery(rows);
    }
    if (!row->webhook.enabled) return webhook_is_disabled();
    forget_listening(request.workspace);
    if (delivery.status == DeliveryStatus::pending) {
        sql_.outbox.hasten.run(id);
    } else {
        sql_.outbox.renew.run(id);
        sql_.outbox.add_pending.run(row->id, 1);
        delivery.status = DeliveryStatus::pending;
        delivery.attempts = 0;
        delivery.last_status_code.reset();
        delivery.last_error.reset();
        delivery.delivered_at.reset();
    }
    delivery.next_attempt_at = request.at;
    state_.wrote = true;
    Committed done;
    done.outbox = true;
    done.object = std::move(delivery);
    return done;
}

}  // namespace cariosan::sqlite
