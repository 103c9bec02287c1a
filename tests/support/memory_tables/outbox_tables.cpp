// Webhooks, their deliveries, and pending pushes.
#include <algorithm>
#include <chrono>

#include "support/memory_tables/memory_tables.hpp"

namespace cariosan::test {
namespace {

/// Whether a time is due. True as well if it is implausibly far ahead.
bool has_come(Timestamp due, Timestamp now, std::chrono::milliseconds longest) {
    return due <= now || due.milliseconds - now.milliseconds > longest.count();
}

}  // namespace

std::vector<commit::ListeningWebhook> MemoryWebhooks::listening(WorkspaceId workspace) {
    names_.read_workspace(workspace);
    std::vector<commit::ListeningWebhook> found;
    for (const auto& [id, row] : rows_.webhooks.rows) {
        const StoredWorkspace& owner = rows_.workspaces.at(row.workspace);
        if (owner.uuid != workspace || owner.deleted || !row.enabled || row.deleted) continue;
        found.push_back({.id = id, .events = row.events, .pending = row.pending});
    }
    return found;
}

std::optional<commit::WebhookRow> MemoryWebhooks::find(WebhookId id) {
    names_.read_webhook(id);
    const auto found = rows_.webhooks.find([&](const StoredWebhook& row) {
        return row.uuid == id && !row.deleted && !rows_.workspaces.at(row.workspace).deleted;
    });
    if (found == rows_.webhooks.end()) return std::nullopt;
    const StoredWebhook& row = found->second;
    return commit::WebhookRow{.id = found->first,
                              .pending = row.pending,
                              .failed_attempts = row.failed_attempts,
                              .failed_deliveries = row.failed_deliveries,
                              .lease_owner = row.lease_owner,
                              .workspace = rows_.workspaces.at(row.workspace).uuid,
                              .webhook = {.id = row.uuid,
                                          .url = row.url,
                                          .events = row.events,
                                          .enabled = row.enabled,
                                          .disabled_reason = row.disabled_reason,
                                          .disabled_at = row.disabled_at,
                                          .created_at = row.created_at,
                                          .updated_at = row.updated_at}};
}

std::int64_t MemoryWebhooks::count(RowId workspace) {
    names_.read_while_deciding();
    return std::ranges::count_if(rows_.webhooks.rows, [&](const auto& entry) {
        return entry.second.workspace == workspace && !entry.second.deleted;
    });
}

void MemoryWebhooks::insert(RowId workspace, const mutation::CreateWebhook& create) {
    write().webhooks.add({.uuid = create.id,
                          .workspace = workspace,
                          .url = create.url,
                          .events = create.events,
                          .created_at = create.at,
                          .updated_at = create.at,
                          .pending = rows_.first_pending});
}

void MemoryWebhooks::update(RowId id, const Webhook& webhook) {
    names_.change_webhook(id);
    StoredWebhook& stored = write().webhooks.at(id);
    stored.url = webhook.url;
    stored.events = webhook.events;
    stored.enabled = webhook.enabled;
    stored.disabled_reason = webhook.disabled_reason;
    stored.disabled_at = webhook.disabled_at;
    stored.updated_at = webhook.updated_at;
}

void MemoryWebhooks::disable(RowId id, std::string_view reason, Timestamp at) {
    StoredWebhook& stored = write().webhooks.at(id);
    stored.enabled = false;
    stored.disabled_reason = reason;
    stored.disabled_at = stored.updated_at = at;
}

void MemoryWebhooks::remove(RowId id) {
    names_.change_webhook(id);
    StoredWebhook& stored = write().webhooks.at(id);
    stored.deleted = true;
    stored.enabled = false;
}

std::vector<SigningSecret> MemoryWebhooks::secrets_of(WebhookId id) const {
    std::vector<SigningSecret> found;
    for (const auto& [row, secret] : rows_.webhook_secrets.rows) {
        if (secret.webhook == id && !secret.text.empty()) found.push_back({.text = secret.text, .expires_at = secret.expires_at});
    }
    std::ranges::reverse(found);
    return found;
}

std::vector<SigningSecret> MemoryWebhooks::secrets(WebhookId id) {
    names_.read_webhook(id);
    return secrets_of(id);
}

std::optional<commit::KeyedSecret> MemoryWebhooks::find_keyed(RowId workspace, std::string_view key) {
    names_.read_webhook_key(workspace, key);
    std::optional<commit::KeyedSecret> found;
    for (const auto& [row, secret] : rows_.webhook_secrets.rows) {
        if (secret.workspace != workspace || !secret.key || secret.key->text != key) continue;
        found = {.webhook = secret.webhook, .secret = secret.text, .request_hash = secret.key->hash, .made_at = secret.made_at};
    }
    if (found) names_.lead_to(found->webhook);
    return found;
}

void MemoryWebhooks::insert_secret(RowId workspace, WebhookId id, const commit::NewSecret& secret) {
    write().webhook_secrets.add({.workspace = workspace, .webhook = id, .text = secret.text, .made_at = secret.made_at, .key = secret.key});
}

void MemoryWebhooks::retire_secret(WebhookId id, Timestamp expires_at) {
    for (auto& [row, secret] : write().webhook_secrets.rows) {
        if (secret.webhook == id && !secret.expires_at) secret.expires_at = expires_at;
    }
}

void MemoryWebhooks::forget_secrets(WebhookId id, Timestamp expires_at) {
    for (auto& [row, secret] : write().webhook_secrets.rows) {
        if (secret.webhook != id) continue;
        secret.text.clear();
        secret.expires_at = expires_at;
    }
}

void MemoryWebhooks::add_pending(RowId id, std::int64_t change) { write().webhooks.at(id).pending += change; }

void MemoryWebhooks::write_failures(RowId id, std::int64_t attempts, std::int64_t deliveries) {
    names_.change_webhook(id);
    StoredWebhook& stored = write().webhooks.at(id);
    stored.failed_attempts = attempts;
    stored.failed_deliveries = deliveries;
}

void MemoryWebhooks::give_up_pending(RowId id) { write().webhooks.at(id).gives_up = true; }

std::optional<Timestamp> MemoryWebhooks::next_due(RowId id, const StoredWebhook& webhook) const {
    std::optional<Timestamp> due;
    for (const auto& [row, delivery] : rows_.deliveries.rows) {
        if (delivery.webhook != id || delivery.status != DeliveryStatus::pending) continue;
        if (webhook.failed_attempts >= kWebhookDownAfter) return delivery.due;  // only the oldest
        due = std::min(due.value_or(delivery.due), delivery.due);
    }
    return due;
}

std::vector<commit::ReadyWebhook> MemoryWebhooks::ready(const mutation::LeaseWebhooks& lease) {
    names_.read_while_deciding();
    std::vector<std::pair<Timestamp, RowId>> order;
    for (const auto& [id, row] : rows_.webhooks.rows) {
        const bool free = !row.lease_owner || row.lease_owner == lease.owner ||
                          has_come(row.leased_until, lease.now, kWebhookLongestDelay);
        if (row.pending <= 0 || !row.enabled || row.deleted || !free) continue;
        const auto due = next_due(id, row);
        if (!due || rows_.workspaces.at(row.workspace).deleted) continue;
        if (has_come(*due, lease.now, kWebhookLongestDelay)) order.emplace_back(*due, id);
    }
    std::ranges::sort(order);
    if (std::cmp_greater(order.size(), lease.limit)) order.resize(static_cast<std::size_t>(lease.limit));
    std::vector<commit::ReadyWebhook> found;
    for (const auto& [due, id] : order) {
        const StoredWebhook& row = rows_.webhooks.at(id);
        found.push_back({.id = id,
                         .webhook = {.id = row.uuid,
                                     .workspace = rows_.workspaces.at(row.workspace).uuid,
                                     .url = row.url,
                                     .secrets = secrets_of(row.uuid),
                                     .failed_attempts = row.failed_attempts}});
    }
    return found;
}

void MemoryWebhooks::lease(RowId id, const Uuid& owner, Timestamp until) {
    StoredWebhook& stored = write().webhooks.at(id);
    stored.lease_owner = owner;
    stored.leased_until = until;
}

void MemoryDeliveries::insert(RowId webhook, const OutboxEvent& event) {
    write().deliveries.add(
        {.webhook = webhook, .event_id = event.id, .event = event.event, .created_at = event.at, .traceparent = event.traceparent});
}

std::optional<commit::DeliveryRow> MemoryDeliveries::find(RowId webhook, EventId event) {
    names_.read_delivery(webhook, event);
    const auto found = rows_.deliveries.find(
        [&](const StoredDelivery& row) { return row.webhook == webhook && row.event_id == event; });
    if (found == rows_.deliveries.end()) return std::nullopt;
    const StoredDelivery& row = found->second;
    commit::DeliveryRow out{.id = found->first,
                            .delivery = {.event_id = row.event_id,
                                         .event = row.event,
                                         .status = row.status,
                                         .attempts = row.attempts,
                                         .last_status_code = row.status_code,
                                         .last_error = row.error,
                                         .created_at = row.created_at,
                                         .delivered_at = row.delivered_at}};
    if (row.status == DeliveryStatus::pending) out.delivery.next_attempt_at = std::max(row.due, row.created_at);
    return out;
}

std::optional<std::int64_t> MemoryDeliveries::attempts(RowId id, RowId webhook) {
    names_.read_delivery_row(id);
    const auto found = rows_.deliveries.rows.find(id);
    if (found == rows_.deliveries.end()) return std::nullopt;
    const StoredDelivery& row = found->second;
    if (row.webhook != webhook || row.status != DeliveryStatus::pending) return std::nullopt;
    return row.attempts;
}

StoredDelivery& MemoryDeliveries::write_attempt(const commit::DeliveryOutcome& outcome) {
    StoredDelivery& stored = write().deliveries.at(outcome.delivery);
    stored.attempts = outcome.attempts;
    stored.status_code = outcome.result.status_code;
    stored.error = outcome.result.error;
    return stored;
}

void MemoryDeliveries::finish(const commit::DeliveryOutcome& outcome, DeliveryStatus status,
                              std::optional<Timestamp> delivered_at) {
    StoredDelivery& stored = write_attempt(outcome);
    stored.status = status;
    stored.delivered_at = delivered_at;
    stored.due = {};
}

void MemoryDeliveries::delay(const commit::DeliveryOutcome& outcome, Timestamp due) { write_attempt(outcome).due = due; }

void MemoryDeliveries::renew(RowId id) {
    StoredDelivery& stored = write().deliveries.at(id);
    stored = {.webhook = stored.webhook,
              .event_id = stored.event_id,
              .event = stored.event,
              .created_at = stored.created_at};
}

void MemoryDeliveries::hasten(RowId id) { write().deliveries.at(id).due = {}; }

std::int64_t MemoryPush::pending() {
    names_.read_push_pending();
    return rows_.push_pending;
}

void MemoryPush::add_pending(std::int64_t change) { write().push_pending += change; }

void MemoryPush::insert(RowId message, Timestamp at) {
    write().push_jobs.add({.message = message, .created_at = at, .due_at = at});
}

std::vector<PushJob> MemoryPush::due(Timestamp now, std::int64_t limit) {
    names_.read_while_deciding();
    std::vector<std::pair<Timestamp, RowId>> order;
    for (const auto& [id, job] : rows_.push_jobs.rows) {
        if (has_come(job.due_at, now, kPushLongestDelay)) order.emplace_back(job.due_at, id);
    }
    std::ranges::sort(order);
    if (std::cmp_greater(order.size(), limit)) order.resize(static_cast<std::size_t>(limit));
    std::vector<PushJob> jobs;
    for (const auto& [at, id] : order) {
        const StoredPushJob& job = rows_.push_jobs.at(id);
        jobs.push_back({.row = id, .created_at = job.created_at, .attempts = job.attempts});
    }
    return jobs;
}

void MemoryPush::lease(RowId id, const Uuid& owner, Timestamp until) {
    StoredPushJob& stored = write().push_jobs.at(id);
    stored.owner = owner;
    stored.due_at = until;
}

bool MemoryPush::is_leased(RowId id, const Uuid& owner) {
    names_.read_push_job(id);
    const auto found = rows_.push_jobs.rows.find(id);
    return found != rows_.push_jobs.end() && found->second.owner == owner;
}

void MemoryPush::insert_retry(const mutation::FinishPushPart& finish) {
    const StoredPushJob& of = rows_.push_jobs.at(finish.row);
    write().push_jobs.add({.message = of.message,
                           .created_at = of.created_at,
                           .due_at = finish.retry_at,
                           .attempts = finish.attempts,
                           .devices = finish.retry});
}

void MemoryPush::go_on(RowId id, UserId after) {
    StoredPushJob& stored = write().push_jobs.at(id);
    stored.owner.reset();
    stored.due_at = stored.created_at;
    stored.after = after;
}

void MemoryPush::remove(RowId id) { write().push_jobs.rows.erase(id); }

void MemoryTables::randomize(std::span<std::uint8_t> bytes) {
    std::ranges::fill(bytes, std::uint8_t{0});
    std::uint64_t number = ++rows.events;
    for (std::size_t i = bytes.size(); i-- > 0 && number != 0; number >>= 8U) bytes[i] = static_cast<std::uint8_t>(number);
}

}  // namespace cariosan::test
