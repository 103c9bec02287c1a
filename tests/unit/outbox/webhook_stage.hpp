/// A worker with a list of rows, a sender that answers on request, and a clock that stands still.
#pragma once

#include <algorithm>
#include <cariosan/delivery.hpp>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "outbox/webhook_worker.hpp"
#include "unit/core/fakes.hpp"

namespace cariosan::test {

struct StoredRow {
    std::int64_t row = 0;
    WebhookId webhook{};
    OutboxEvent event{};
    std::int64_t attempts = 0;
    Timestamp due{};
    DeliveryStatus status = DeliveryStatus::pending;
    std::string last_error{};
};

/// What storage promises about the outbox, on a list.
class FakeOutboxStore final : public OutboxReader {
  public:
    std::map<WebhookId, LeasedWebhook> webhooks;
    std::map<WebhookId, std::pair<Uuid, Timestamp>> leases;
    std::vector<StoredRow> rows;

    WebhookId add_webhook(std::uint8_t number) {
        LeasedWebhook webhook;
        webhook.id.uuid.bytes[15] = number;
        webhook.url = "http://" + std::to_string(number);
        webhooks[webhook.id] = webhook;
        return webhook.id;
    }
    void add_row(WebhookId webhook, Timestamp due = {}) {
        StoredRow row{.row = static_cast<std::int64_t>(rows.size()) + 1, .webhook = webhook, .due = due};
        row.event.id.uuid.bytes[15] = static_cast<std::uint8_t>(row.row);
        rows.push_back(row);
    }

    Committed lease(const mutation::LeaseWebhooks& wish) {
        LeasedWebhooks leased;
        for (const auto& [id, webhook] : webhooks) {
            const auto held = leases.find(id);
            if (held != leases.end() && held->second.first != wish.owner && held->second.second > wish.now) continue;
            if (!is_due(id, wish.now)) continue;
            leases[id] = {wish.owner, wish.until};
            leased.webhooks.push_back(webhook);
        }
        return Committed{.changed = !leased.webhooks.empty(), .object = std::move(leased)};
    }
    Committed finish(const mutation::FinishDeliveries& finished) {
        const auto webhook = webhooks.find(finished.webhook);
        if (webhook == webhooks.end()) return Committed{.object = Done{}};
        for (const DeliveryResult& result : finished.results) {
            StoredRow& row = rows[static_cast<std::size_t>(result.row) - 1];
            using Outcome = DeliveryResult::Outcome;
            webhook->second.failed_attempts =
                result.outcome == Outcome::delivered ? 0 : webhook->second.failed_attempts + 1;
            if (result.outcome != Outcome::delivered) ++row.attempts;
            if (result.outcome == Outcome::retry) row.due = *result.next_attempt_at;
            if (result.outcome == Outcome::delivered) row.status = DeliveryStatus::delivered;
            if (result.outcome == Outcome::failed || result.outcome == Outcome::disable) {
                row.status = DeliveryStatus::failed;
            }
            row.last_error = result.error.value_or("");
            if (result.outcome != Outcome::disable) continue;
            webhooks.erase(webhook);
            return Committed{.object = Done{}};
        }
        return Committed{.object = webhook->second};
    }

    Result<std::optional<Webhook>> find(WorkspaceId, WebhookId) override { return std::optional<Webhook>(); }
    Result<std::vector<Webhook>> list(WorkspaceId, std::optional<WebhookId>, std::int64_t) override {
        return std::vector<Webhook>();
    }
    Result<DeliveryPage> deliveries(WebhookId, std::optional<std::int64_t>, std::int64_t) override {
        return DeliveryPage();
    }
    Result<std::optional<Delivery>> find_delivery(WebhookId, EventId) override { return std::optional<Delivery>(); }
    Result<std::optional<Timestamp>> next_due() override {
        std::optional<Timestamp> next;
        for (const StoredRow& row : rows) {
            if (row.status != DeliveryStatus::pending || !webhooks.contains(row.webhook)) continue;
            if (!next || row.due < *next) next = row.due;
        }
        return next;
    }
    Result<std::vector<DueDelivery>> due(WebhookId webhook, Timestamp now, std::span<const std::int64_t> except,
                                         bool oldest_only, std::int64_t limit) override {
        std::vector<DueDelivery> found;
        if (!webhooks.contains(webhook)) return found;
        for (const StoredRow& row : rows) {
            if (row.webhook != webhook || row.status != DeliveryStatus::pending) continue;
            const bool wanted = row.due <= now && std::ranges::find(except, row.row) == except.end();
            if (wanted && std::ssize(found) < limit) found.push_back({row.row, row.event, row.attempts});
            if (oldest_only) break;
        }
        return found;
    }

  private:
    bool is_due(WebhookId webhook, Timestamp now) const {
        return std::ranges::any_of(rows, [&](const StoredRow& row) {
            return row.webhook == webhook && row.status == DeliveryStatus::pending && row.due <= now;
        });
    }
};

class StageReader final : public FakeReader {
  public:
    StageReader(World& world, OutboxReader& outbox) : FakeReader(world), store_(outbox) {}
    OutboxReader& outbox() override { return store_; }

  private:
    OutboxReader& store_;
};

/// Commits and reads wait until `run`.
class FakePorts final : public outbox::Ports {
  public:
    FakeClock time;
    FakeOutboxStore store;
    std::optional<Error> commit_fails;  ///< for commits of results
    int leases = 0;
    int finishes = 0;
    int reads = 0;

    void commit(Mutation mutation, std::function<void(Result<Committed>)> done) override {
        tasks_.emplace_back([this, mutation = std::move(mutation), done = std::move(done)] {
            if (const auto* wish = std::get_if<mutation::LeaseWebhooks>(&mutation)) {
                ++leases;
                return done(store.lease(*wish));
            }
            ++finishes;
            if (commit_fails) return done(*commit_fails);
            done(store.finish(std::get<mutation::FinishDeliveries>(mutation)));
        });
    }
    void read(std::function<void(const Result<Reader*>&)> read) override {
        tasks_.emplace_back([this, read = std::move(read)] {
            ++reads;
            StageReader reader(world_, store);
            read(&reader);
        });
    }
    Clock& clock() override { return time; }
    std::chrono::milliseconds look_anyway() override { return std::chrono::seconds(30); }
    std::uint32_t random() override { return 0; }  // the shortest delay
    void warn(std::string, std::string) override {}

    void run() {
        while (!tasks_.empty()) {
            const auto task = std::move(tasks_.front());
            tasks_.pop_front();
            task();
        }
    }
    bool quiet() const { return tasks_.empty(); }

  private:
    World world_;
    std::deque<std::function<void()>> tasks_;
};

class FakeSender final : public WebhookSender {
  public:
    struct Call {
        WebhookCall call;
        std::function<void(WebhookAnswer)> done;
    };
    std::vector<Call> calls;  ///< in the order in which they began
    std::optional<int> at_once{};

    void send(WebhookCall call, std::function<void(WebhookAnswer)> done) override {
        calls.push_back({std::move(call), std::move(done)});
        if (at_once) calls.back().done({.status = *at_once, .error = {}});
    }
    std::vector<int> events_to(const std::string& url) const {
        std::vector<int> events;
        for (const Call& each : calls) {
            if (each.call.url == url) events.push_back(std::stoi(each.call.event_id.substr(38), nullptr, 16));
        }
        return events;
    }
};

struct PlainBody final : outbox::WebhookBodyEncoder {
    std::string encode(const outbox::WebhookSubject& subject) const override {
        return outbox::wire_id(subject.event.id);
    }
};

struct Stage {
    FakePorts ports;
    FakeSender sender;
    PlainBody body;
    outbox::WebhookCounters counters;
    std::shared_ptr<outbox::WebhookWorker> worker = make_worker(1);

    std::shared_ptr<outbox::WebhookWorker> make_worker(std::uint8_t owner) {
        Uuid id;
        id.bytes[0] = owner;
        return std::make_shared<outbox::WebhookWorker>(ports, sender, body, counters, id);
    }
    /// Call after committing rows.
    void commit() {
        worker->expect();
        tick();
    }
    void tick() {
        worker->tick();
        ports.run();
    }
    void pass(std::chrono::milliseconds time) {
        ports.time.wall.milliseconds += time.count();
        ports.time.running += time;
        tick();
    }
    void answer(std::size_t call, int status) {
        sender.calls[call].done({.status = status, .error = {}});
        ports.run();
    }
    StoredRow& row(std::size_t number) { return ports.store.rows[number - 1]; }
};

}  // namespace cariosan::test
