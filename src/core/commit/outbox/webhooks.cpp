// Webhooks: creation, settings, secrets, and deliveries sent on request.
#include <algorithm>
#include <utility>

#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"
#include "core/commit/outbox/outbox_rows.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"

namespace cariosan::commit {
namespace {

Error webhook_is_disabled() { return {ErrorCode::conflict, "the webhook is disabled"}; }

Error webhook_is_full() {
    return Error(ErrorCode::conflict, "the webhook has as many pending deliveries as it may have: 100,000")
        .with("limit", kWebhookMaxPending);
}

/// A webhook of another workspace does not exist.
std::optional<WebhookRow> find_webhook(BatchRows& rows, WebhookId id, WorkspaceId workspace) {
    auto row = rows.webhooks.find(id);
    return row && row->workspace == workspace ? row : std::nullopt;
}

Error webhook_has_all_secrets() {
    return Error(ErrorCode::conflict, "the webhook has as many secrets as it may have: wait until one has expired")
        .with("limit", kWebhookMaxSecrets);
}

WebhookCredentials with_secret(Webhook webhook, std::string secret) {
    WebhookCredentials credentials;
    static_cast<Webhook&>(credentials) = std::move(webhook);
    credentials.signing_secret = std::move(secret);
    return credentials;
}

/// What an earlier request under this key has made; nothing if there was none, or too long ago.
Result<std::optional<Committed>> find_repeated(BatchRows& rows, RowId workspace,
                                               const std::optional<mutation::RequestKey>& key, Timestamp at) {
    if (!key) return std::optional<Committed>();
    auto known = rows.webhooks.find_keyed(workspace, key->text);
    if (!known || at.milliseconds - known->made_at.milliseconds >= kWebhookKeyLife.count()) return std::optional<Committed>();
    if (known->request_hash != key->hash) return core::request_key_was_used();
    auto row = rows.webhooks.find(known->webhook);
    if (!row) return not_found("webhook");
    Committed done;
    done.changed = false;
    done.duplicate = true;
    done.object = with_secret(std::move(row->webhook), std::move(known->secret));
    return std::optional(std::move(done));
}

}  // namespace

Result<Committed> decide(BatchRows& rows, const mutation::CreateWebhook& create) {
    const auto workspace = rows.workspaces.find(create.workspace);
    if (!workspace) return not_found("workspace");
    CARIOSAN_TRY(auto repeated, find_repeated(rows, workspace->id, create.key, create.at));
    if (repeated) return *std::move(repeated);
    if (create.max_webhooks > 0 && rows.webhooks.count(workspace->id) >= create.max_webhooks) {
        return too_many("url", create.max_webhooks, "webhooks", "a workspace");
    }
    rows.forget_listening(create.workspace);
    rows.webhooks.insert(workspace->id, create);
    rows.webhooks.insert_secret(workspace->id, create.id, {.text = create.secret, .made_at = create.at, .key = create.key});
    rows.wrote();
    Committed done;
    done.created = true;
    Webhook webhook;
    webhook.id = create.id;
    webhook.url = create.url;
    webhook.events = create.events;
    webhook.created_at = create.at;
    webhook.updated_at = create.at;
    done.object = with_secret(std::move(webhook), create.secret);
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::RotateWebhookSecret& rotate) {
    const auto workspace = rows.workspaces.find(rotate.workspace);
    auto row = find_webhook(rows, rotate.webhook, rotate.workspace);
    if (!workspace || !row) return not_found("webhook");
    CARIOSAN_TRY(auto repeated, find_repeated(rows, workspace->id, rotate.key, rotate.at));
    if (repeated) return *std::move(repeated);
    const auto signing = std::ranges::count_if(rows.webhooks.secrets(rotate.webhook), [&](const SigningSecret& secret) {
        return !secret.expires_at || *secret.expires_at > rotate.at;
    });
    if (signing >= kWebhookMaxSecrets) return webhook_has_all_secrets();
    rows.webhooks.retire_secret(rotate.webhook, {rotate.at.milliseconds + kWebhookSecretOverlap.count()});
    rows.webhooks.insert_secret(workspace->id, rotate.webhook, {.text = rotate.secret, .made_at = rotate.at, .key = rotate.key});
    row->webhook.updated_at = rotate.at;
    rows.webhooks.update(row->id, row->webhook);
    rows.wrote();
    Committed done;
    // The worker that holds the webhook shall sign with the new secret soon.
    done.outbox = true;
    done.object = with_secret(std::move(row->webhook), rotate.secret);
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::UpdateWebhook& update) {
    auto row = find_webhook(rows, update.webhook, update.workspace);
    if (!row) return not_found("webhook");
    Webhook& webhook = row->webhook;
    const bool url_changes = update.url && *update.url != webhook.url;
    const bool events_change = update.events && *update.events != webhook.events;
    const bool is_switched = update.enabled && *update.enabled != webhook.enabled;
    Committed done;
    done.changed = url_changes || events_change || is_switched;
    if (done.changed) {
        rows.forget_listening(update.workspace);
        if (url_changes) webhook.url = *update.url;
        if (events_change) webhook.events = *update.events;
        if (is_switched) {
            webhook.enabled = *update.enabled;
            webhook.disabled_reason.reset();
            webhook.disabled_at = webhook.enabled ? std::nullopt : std::optional(update.at);
            if (webhook.enabled) rows.webhooks.write_failures(row->id, 0, 0);
            done.outbox = webhook.enabled && row->pending > 0;
        }
        webhook.updated_at = update.at;
        rows.webhooks.update(row->id, webhook);
        rows.wrote();
    }
    done.object = std::move(webhook);
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::DeleteWebhook& remove) {
    const auto row = find_webhook(rows, remove.webhook, remove.workspace);
    if (!row) return not_found("webhook");
    rows.forget_listening(remove.workspace);
    rows.webhooks.remove(row->id);
    rows.webhooks.forget_secrets(remove.webhook, {remove.at.milliseconds + kWebhookKeyLife.count()});
    rows.deleted();
    return Committed{};
}

Result<Committed> decide(BatchRows& rows, const mutation::PingWebhook& request) {
    const auto row = find_webhook(rows, request.webhook, request.workspace);
    if (!row) return not_found("webhook");
    if (!row->webhook.enabled) return webhook_is_disabled();
    if (!has_room(rows, request.workspace, row->id)) return webhook_is_full();
    rows.forget_listening(request.workspace);
    OutboxEvent event;
    event.event = WebhookEvent::ping;
    event.workspace = request.workspace;
    event.at = request.at;
    event.traceparent = request.traceparent;
    Committed done;
    done.created = true;
    done.outbox = true;
    done.object = deliver_to(rows, row->id, std::move(event));
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::RetryDelivery& request) {
    const auto row = find_webhook(rows, request.webhook, request.workspace);
    if (!row) return not_found("webhook");
    auto found = rows.deliveries.find(row->id, request.event);
    if (!found) return not_found("delivery");
    if (!row->webhook.enabled) return webhook_is_disabled();
    Delivery& delivery = found->delivery;
    const bool is_pending = delivery.status == DeliveryStatus::pending;
    if (!is_pending && !has_room(rows, request.workspace, row->id)) return webhook_is_full();
    rows.forget_listening(request.workspace);
    if (is_pending) {
        rows.deliveries.hasten(found->id);
    } else {
        rows.deliveries.renew(found->id);
        rows.webhooks.add_pending(row->id, 1);
        delivery.status = DeliveryStatus::pending;
        delivery.attempts = 0;
        delivery.last_status_code.reset();
        delivery.last_error.reset();
        delivery.delivered_at.reset();
    }
    delivery.next_attempt_at = request.at;
    rows.wrote();
    Committed done;
    done.outbox = true;
    done.object = std::move(delivery);
    return done;
}

}  // namespace cariosan::commit
