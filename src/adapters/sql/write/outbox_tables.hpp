/// Webhooks, their deliveries, and pending pushes. `Statements` is what an adapter calls its statements for writing.
#pragma once

#include <cariosan/commit_tables.hpp>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/outbox_objects.hpp"

namespace cariosan::sql {

using commit::RowId;

template <class Statements>
class WebhookTable final : public commit::WebhookTable {
  public:
    explicit WebhookTable(Statements& sql) : sql_(sql) {}
    std::vector<commit::ListeningWebhook> listening(WorkspaceId workspace) override;
    std::optional<commit::WebhookRow> find(WebhookId id) override;
    std::int64_t count(RowId workspace) override;
    void insert(RowId workspace, const mutation::CreateWebhook& create) override;
    void update(RowId id, const Webhook& webhook) override;
    void disable(RowId id, std::string_view reason, Timestamp at) override;
    void remove(RowId id) override;
    std::vector<SigningSecret> secrets(WebhookId id) override;
    std::optional<commit::KeyedSecret> find_keyed(RowId workspace, std::string_view key) override;
    void insert_secret(RowId workspace, WebhookId id, const commit::NewSecret& secret) override;
    void retire_secret(WebhookId id, Timestamp expires_at) override;
    void forget_secrets(WebhookId id, Timestamp expires_at) override;
    void add_pending(RowId id, std::int64_t change) override;
    void write_failures(RowId id, std::int64_t attempts, std::int64_t deliveries) override;
    void give_up_pending(RowId id) override;
    std::vector<commit::ReadyWebhook> ready(const mutation::LeaseWebhooks& lease) override;
    void lease(RowId id, const Uuid& owner, Timestamp until) override;

  private:
    Statements& sql_;
};

template <class Statements>
class DeliveryTable final : public commit::DeliveryTable {
  public:
    explicit DeliveryTable(Statements& sql) : sql_(sql) {}
    void insert(RowId webhook, const OutboxEvent& event) override;
    std::optional<commit::DeliveryRow> find(RowId webhook, EventId event) override;
    std::optional<std::int64_t> attempts(RowId id, RowId webhook) override;
    void finish(const commit::DeliveryOutcome& outcome, DeliveryStatus status,
                std::optional<Timestamp> delivered_at) override;
    void delay(const commit::DeliveryOutcome& outcome, Timestamp due) override;
    void renew(RowId id) override;
    void hasten(RowId id) override;

  private:
    Statements& sql_;
};

template <class Statements>
class PushTable final : public commit::PushTable {
  public:
    explicit PushTable(Statements& sql) : sql_(sql) {}
    std::int64_t pending() override;
    void add_pending(std::int64_t change) override;
    void insert(RowId message, Timestamp at) override;
    std::vector<PushJob> due(Timestamp now, std::int64_t limit) override;
    void lease(RowId id, const Uuid& owner, Timestamp until) override;
    bool is_leased(RowId id, const Uuid& owner) override;
    void insert_retry(const mutation::FinishPushPart& finish) override;
    void go_on(RowId id, UserId after) override;
    void remove(RowId id) override;

  private:
    Statements& sql_;
};

namespace detail {

inline std::optional<std::vector<std::uint8_t>> joined_ids(const std::vector<UserId>& users) {
    if (users.empty()) return std::nullopt;
    std::vector<std::uint8_t> bytes;
    bytes.reserve(users.size() * sizeof(Uuid::bytes));
    for (const UserId& user : users) bytes.insert(bytes.end(), user.uuid.bytes.begin(), user.uuid.bytes.end());
    return bytes;
}

/// Stored as the list of its rowids.
inline std::vector<std::int64_t> rowids(const std::vector<DeviceRow>& devices) {
    std::vector<std::int64_t> ids;
    ids.reserve(devices.size());
    for (const DeviceRow device : devices) ids.push_back(static_cast<std::int64_t>(device));
    return ids;
}

}  // namespace detail

template <class Statements>
std::vector<commit::ListeningWebhook> WebhookTable<Statements>::listening(WorkspaceId workspace) {
    std::vector<commit::ListeningWebhook> webhooks;
    auto rows = sql_.outbox.listening.query(workspace);
    while (rows.next()) {
        commit::ListeningWebhook webhook;
        webhook.id = rows.integer();
        webhook.events = WebhookEvents::of_bits(static_cast<std::uint32_t>(rows.integer()));
        webhook.pending = rows.integer();
        webhooks.push_back(webhook);
    }
    return webhooks;
}

template <class Statements>
std::optional<commit::WebhookRow> WebhookTable<Statements>::find(WebhookId id) {
    auto rows = sql_.outbox.find.query(id);
    if (!rows.next()) return std::nullopt;
    commit::WebhookRow row;
    row.id = rows.integer();
    row.pending = rows.integer();
    row.failed_attempts = rows.integer();
    row.failed_deliveries = rows.integer();
    if (!rows.skip_null()) row.lease_owner = rows.uuid();
    row.workspace = read_id<WorkspaceId>(rows);
    row.webhook = read_webhook(rows);
    return row;
}

template <class Statements>
std::int64_t WebhookTable<Statements>::count(RowId workspace) {
    auto rows = sql_.outbox.count.query(workspace);
    return rows.next() ? rows.integer() : 0;
}

template <class Statements>
void WebhookTable<Statements>::insert(RowId workspace, const mutation::CreateWebhook& create) {
    sql_.outbox.insert.run(create.id, workspace, create.url, create.events.bits(), create.at);
}

template <class Statements>
void WebhookTable<Statements>::update(RowId id, const Webhook& webhook) {
    sql_.outbox.update.run(id, webhook.url, webhook.events.bits(), webhook.enabled, webhook.disabled_reason,
                           webhook.disabled_at, webhook.updated_at);
}

template <class Statements>
void WebhookTable<Statements>::disable(RowId id, std::string_view reason, Timestamp at) {
    sql_.outbox.disable.run(id, reason, at);
}

template <class Statements>
void WebhookTable<Statements>::remove(RowId id) { sql_.outbox.remove.run(id); }

template <class Statements>
std::vector<SigningSecret> WebhookTable<Statements>::secrets(WebhookId id) {
    std::vector<SigningSecret> found;
    auto rows = sql_.outbox.secrets.query(id);
    while (rows.next()) {
        SigningSecret secret;
        secret.text = rows.text();
        secret.expires_at = rows.optional_timestamp();
        found.push_back(std::move(secret));
    }
    return found;
}

template <class Statements>
std::optional<commit::KeyedSecret> WebhookTable<Statements>::find_keyed(RowId workspace, std::string_view key) {
    auto rows = sql_.outbox.find_keyed.query(workspace, key);
    if (!rows.next()) return std::nullopt;
    commit::KeyedSecret found;
    found.webhook = read_id<WebhookId>(rows);
    found.secret = rows.text();
    found.request_hash = read_bytes<32>(rows);
    found.made_at = rows.timestamp();
    return found;
}

template <class Statements>
void WebhookTable<Statements>::insert_secret(RowId workspace, WebhookId id, const commit::NewSecret& secret) {
    std::optional<std::string_view> key;
    std::optional<Digest> hash;
    if (secret.key) {
        key = secret.key->text;
        hash = secret.key->hash;
    }
    sql_.outbox.insert_secret.run(workspace, id, secret.text, secret.made_at, key, hash);
}

template <class Statements>
void WebhookTable<Statements>::retire_secret(WebhookId id, Timestamp expires_at) {
    sql_.outbox.retire_secret.run(id, expires_at);
}

template <class Statements>
void WebhookTable<Statements>::forget_secrets(WebhookId id, Timestamp expires_at) {
    sql_.outbox.drop_secrets.run(id);
    sql_.outbox.blank_secrets.run(id, expires_at);
}

template <class Statements>
void WebhookTable<Statements>::add_pending(RowId id, std::int64_t change) { sql_.outbox.add_pending.run(id, change); }

template <class Statements>
void WebhookTable<Statements>::write_failures(RowId id, std::int64_t attempts, std::int64_t deliveries) {
    sql_.outbox.write_failures.run(id, attempts, deliveries);
}

template <class Statements>
void WebhookTable<Statements>::give_up_pending(RowId id) { sql_.outbox.give_up_pending.run(id); }

template <class Statements>
std::vector<commit::ReadyWebhook> WebhookTable<Statements>::ready(const mutation::LeaseWebhooks& lease) {
    std::vector<commit::ReadyWebhook> found;
    auto rows = sql_.outbox.ready.query(lease.owner, lease.now, lease.limit,
                                        latest_due(lease.now, kWebhookLongestDelay));
    while (rows.next()) {
        commit::ReadyWebhook ready;
        ready.id = rows.integer();
        ready.webhook.id = read_id<WebhookId>(rows);
        ready.webhook.workspace = read_id<WorkspaceId>(rows);
        ready.webhook.url = rows.text();
        ready.webhook.failed_attempts = rows.integer();
        ready.webhook.secrets = secrets(ready.webhook.id);
        found.push_back(std::move(ready));
    }
    return found;
}

template <class Statements>
void WebhookTable<Statements>::lease(RowId id, const Uuid& owner, Timestamp until) { sql_.outbox.lease.run(id, owner, until); }

template <class Statements>
void DeliveryTable<Statements>::insert(RowId webhook, const OutboxEvent& event) {
    sql_.outbox.insert_delivery.run(webhook, event.id, event.event, event.at, event.channel, event.channel_external_id,
                                    event.message, event.user, event.rev, event.external_id, event.name, event.detail,
                                    detail::joined_ids(event.mentions), event.record,
                                    event.traceparent.empty() ? std::nullopt : std::optional(event.traceparent));
}

template <class Statements>
std::optional<commit::DeliveryRow> DeliveryTable<Statements>::find(RowId webhook, EventId event) {
    auto rows = sql_.outbox.find_event.query(webhook, event);
    if (!rows.next()) return std::nullopt;
    commit::DeliveryRow row;
    row.id = rows.integer();
    row.delivery = read_delivery(rows);
    return row;
}

template <class Statements>
std::optional<std::int64_t> DeliveryTable<Statements>::attempts(RowId id, RowId webhook) {
    auto rows = sql_.outbox.pending_attempts.query(id, webhook);
    return rows.next() ? std::optional(rows.integer()) : std::nullopt;
}

template <class Statements>
void DeliveryTable<Statements>::finish(const commit::DeliveryOutcome& outcome, DeliveryStatus status,
                              std::optional<Timestamp> delivered_at) {
    const DeliveryResult& result = outcome.result;
    sql_.outbox.finish.run(outcome.delivery, status, outcome.attempts, result.status_code, result.error, delivered_at,
                           result.at);
}

template <class Statements>
void DeliveryTable<Statements>::delay(const commit::DeliveryOutcome& outcome, Timestamp due) {
    const DeliveryResult& result = outcome.result;
    sql_.outbox.delay.run(outcome.delivery, outcome.attempts, result.status_code, result.error, due);
}

template <class Statements>
void DeliveryTable<Statements>::renew(RowId id) { sql_.outbox.renew.run(id); }

template <class Statements>
void DeliveryTable<Statements>::hasten(RowId id) { sql_.outbox.hasten.run(id); }

template <class Statements>
std::int64_t PushTable<Statements>::pending() {
    auto rows = sql_.push_pending.query();
    return rows.next() ? rows.integer() : 0;
}

template <class Statements>
void PushTable<Statements>::add_pending(std::int64_t change) { sql_.add_push_pending.run(change); }

template <class Statements>
void PushTable<Statements>::insert(RowId message, Timestamp at) { sql_.insert_push_job.run(message, at); }

template <class Statements>
std::vector<PushJob> PushTable<Statements>::due(Timestamp now, std::int64_t limit) {
    std::vector<PushJob> jobs;
    const auto take = [&](auto& due, Timestamp at) {
        auto rows = due.query(at, limit - std::ssize(jobs));
        while (rows.next()) {
            PushJob job;
            job.row = rows.integer();
            job.created_at = rows.timestamp();
            job.attempts = rows.integer();
            jobs.push_back(job);
        }
    };
    take(sql_.due_push_jobs, now);
    if (std::ssize(jobs) < limit) take(sql_.push_jobs_far_ahead, latest_due(now, kPushLongestDelay));
    return jobs;
}

template <class Statements>
void PushTable<Statements>::lease(RowId id, const Uuid& owner, Timestamp until) { sql_.lease_push_job.run(id, owner, until); }

template <class Statements>
bool PushTable<Statements>::is_leased(RowId id, const Uuid& owner) { return sql_.find_push_job.query(id, owner).next(); }

template <class Statements>
void PushTable<Statements>::insert_retry(const mutation::FinishPushPart& finish) {
    auto& insert = sql_.insert_push_retry;
    insert.run(finish.row, finish.retry_at, finish.attempts, insert.list(detail::rowids(finish.retry)));
}

template <class Statements>
void PushTable<Statements>::go_on(RowId id, UserId after) { sql_.go_on_with_push_job.run(id, after); }

template <class Statements>
void PushTable<Statements>::remove(RowId id) { sql_.drop_push_job.run(id); }

}  // namespace cariosan::sql
