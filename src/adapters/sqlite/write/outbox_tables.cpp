// Webhooks, their deliveries, and pending pushes.
#include <iterator>

#include "adapters/sqlite/write/tables.hpp"

namespace cariosan::sqlite {
namespace {

std::optional<std::vector<std::uint8_t>> joined_ids(const std::vector<UserId>& users) {
    if (users.empty()) return std::nullopt;
    std::vector<std::uint8_t> bytes;
    bytes.reserve(users.size() * sizeof(Uuid::bytes));
    for (const UserId& user : users) bytes.insert(bytes.end(), user.uuid.bytes.begin(), user.uuid.bytes.end());
    return bytes;
}

/// Stored as the list of its rowids.
std::vector<std::int64_t> rowids(const std::vector<DeviceRow>& devices) {
    std::vector<std::int64_t> ids;
    ids.reserve(devices.size());
    for (const DeviceRow device : devices) ids.push_back(static_cast<std::int64_t>(device));
    return ids;
}

}  // namespace

std::vector<commit::ListeningWebhook> SqliteWebhookTable::listening(WorkspaceId workspace) {
    std::vector<commit::ListeningWebhook> webhooks;
    Rows rows = sql_.outbox.listening.query(workspace);
    while (rows.next()) {
        commit::ListeningWebhook webhook;
        webhook.id = rows.integer();
        webhook.events = WebhookEvents::of_bits(static_cast<std::uint32_t>(rows.integer()));
        webhook.pending = rows.integer();
        webhooks.push_back(webhook);
    }
    return webhooks;
}

std::optional<commit::WebhookRow> SqliteWebhookTable::find(WebhookId id) {
    Rows rows = sql_.outbox.find.query(id);
    if (!rows.next()) return std::nullopt;
    commit::WebhookRow row;
    row.id = rows.integer();
    row.pending = rows.integer();
    row.failed_attempts = rows.integer();
    row.failed_deliveries = rows.integer();
    if (!rows.skip_null()) row.lease_owner = rows.uuid();
    row.workspace = rows.id<WorkspaceId>();
    row.webhook = read_webhook(rows);
    return row;
}

std::int64_t SqliteWebhookTable::count(RowId workspace) {
    Rows rows = sql_.outbox.count.query(workspace);
    return rows.next() ? rows.integer() : 0;
}

void SqliteWebhookTable::insert(RowId workspace, const mutation::CreateWebhook& create) {
    sql_.outbox.insert.run(create.id, workspace, create.url, create.events.bits(), create.at);
}

void SqliteWebhookTable::update(RowId id, const Webhook& webhook) {
    sql_.outbox.update.run(id, webhook.url, webhook.events.bits(), webhook.enabled, webhook.disabled_reason,
                           webhook.disabled_at, webhook.updated_at);
}

void SqliteWebhookTable::disable(RowId id, std::string_view reason, Timestamp at) {
    sql_.outbox.disable.run(id, reason, at);
}

void SqliteWebhookTable::remove(RowId id) { sql_.outbox.remove.run(id); }

std::vector<SigningSecret> SqliteWebhookTable::secrets(WebhookId id) {
    std::vector<SigningSecret> found;
    Rows rows = sql_.outbox.secrets.query(id);
    while (rows.next()) {
        SigningSecret secret;
        secret.text = rows.text();
        secret.expires_at = rows.optional_timestamp();
        found.push_back(std::move(secret));
    }
    return found;
}

std::optional<commit::KeyedSecret> SqliteWebhookTable::find_keyed(RowId workspace, std::string_view key) {
    Rows rows = sql_.outbox.find_keyed.query(workspace, key);
    if (!rows.next()) return std::nullopt;
    commit::KeyedSecret found;
    found.webhook = rows.id<WebhookId>();
    found.secret = rows.text();
    found.request_hash = rows.bytes<32>();
    found.made_at = rows.timestamp();
    return found;
}

void SqliteWebhookTable::insert_secret(RowId workspace, WebhookId id, const commit::NewSecret& secret) {
    std::optional<std::string_view> key;
    std::optional<Digest> hash;
    if (secret.key) {
        key = secret.key->text;
        hash = secret.key->hash;
    }
    sql_.outbox.insert_secret.run(workspace, id, secret.text, secret.made_at, key, hash);
}

void SqliteWebhookTable::retire_secret(WebhookId id, Timestamp expires_at) {
    sql_.outbox.retire_secret.run(id, expires_at);
}

void SqliteWebhookTable::forget_secrets(WebhookId id, Timestamp expires_at) {
    sql_.outbox.drop_secrets.run(id);
    sql_.outbox.blank_secrets.run(id, expires_at);
}

void SqliteWebhookTable::add_pending(RowId id, std::int64_t change) { sql_.outbox.add_pending.run(id, change); }

void SqliteWebhookTable::write_failures(RowId id, std::int64_t attempts, std::int64_t deliveries) {
    sql_.outbox.write_failures.run(id, attempts, deliveries);
}

void SqliteWebhookTable::give_up_pending(RowId id) { sql_.outbox.give_up_pending.run(id); }

std::vector<commit::ReadyWebhook> SqliteWebhookTable::ready(const mutation::LeaseWebhooks& lease) {
    std::vector<commit::ReadyWebhook> found;
    Rows rows = sql_.outbox.ready.query(lease.owner, lease.now, lease.limit,
                                        latest_due(lease.now, kWebhookLongestDelay));
    while (rows.next()) {
        commit::ReadyWebhook ready;
        ready.id = rows.integer();
        ready.webhook.id = rows.id<WebhookId>();
        ready.webhook.workspace = rows.id<WorkspaceId>();
        ready.webhook.url = rows.text();
        ready.webhook.failed_attempts = rows.integer();
        ready.webhook.secrets = secrets(ready.webhook.id);
        found.push_back(std::move(ready));
    }
    return found;
}

void SqliteWebhookTable::lease(RowId id, const Uuid& owner, Timestamp until) { sql_.outbox.lease.run(id, owner, until); }

void SqliteDeliveryTable::insert(RowId webhook, const OutboxEvent& event) {
    sql_.outbox.insert_delivery.run(webhook, event.id, event.event, event.at, event.channel, event.channel_external_id,
                                    event.message, event.user, event.rev, event.external_id, event.name, event.detail,
                                    joined_ids(event.mentions), event.record);
}

std::optional<commit::DeliveryRow> SqliteDeliveryTable::find(RowId webhook, EventId event) {
    Rows rows = sql_.outbox.find_event.query(webhook, event);
    if (!rows.next()) return std::nullopt;
    commit::DeliveryRow row;
    row.id = rows.integer();
    row.delivery = read_delivery(rows);
    return row;
}

std::optional<std::int64_t> SqliteDeliveryTable::attempts(RowId id, RowId webhook) {
    Rows rows = sql_.outbox.pending_attempts.query(id, webhook);
    return rows.next() ? std::optional(rows.integer()) : std::nullopt;
}

void SqliteDeliveryTable::finish(const commit::DeliveryOutcome& outcome, DeliveryStatus status,
                              std::optional<Timestamp> delivered_at) {
    const DeliveryResult& result = outcome.result;
    sql_.outbox.finish.run(outcome.delivery, status, outcome.attempts, result.status_code, result.error, delivered_at,
                           result.at);
}

void SqliteDeliveryTable::delay(const commit::DeliveryOutcome& outcome, Timestamp due) {
    const DeliveryResult& result = outcome.result;
    sql_.outbox.delay.run(outcome.delivery, outcome.attempts, result.status_code, result.error, due);
}

void SqliteDeliveryTable::renew(RowId id) { sql_.outbox.renew.run(id); }

void SqliteDeliveryTable::hasten(RowId id) { sql_.outbox.hasten.run(id); }

std::int64_t SqlitePushTable::pending() {
    Rows rows = sql_.push_pending.query();
    return rows.next() ? rows.integer() : 0;
}

void SqlitePushTable::add_pending(std::int64_t change) { sql_.add_push_pending.run(change); }

void SqlitePushTable::insert(RowId message, Timestamp at) { sql_.insert_push_job.run(message, at); }

std::vector<PushJob> SqlitePushTable::due(Timestamp now, std::int64_t limit) {
    std::vector<PushJob> jobs;
    const auto take = [&](Statement& due, Timestamp at) {
        Rows rows = due.query(at, limit - std::ssize(jobs));
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

void SqlitePushTable::lease(RowId id, const Uuid& owner, Timestamp until) { sql_.lease_push_job.run(id, owner, until); }

bool SqlitePushTable::is_leased(RowId id, const Uuid& owner) { return sql_.find_push_job.query(id, owner).next(); }

void SqlitePushTable::insert_retry(const mutation::FinishPushPart& finish) {
    sql_.insert_push_retry.run(finish.row, finish.retry_at, finish.attempts, Statement::list(rowids(finish.retry)));
}

void SqlitePushTable::go_on(RowId id, UserId after) { sql_.go_on_with_push_job.run(id, after); }

void SqlitePushTable::remove(RowId id) { sql_.drop_push_job.run(id); }

}  // namespace cariosan::sqlite
