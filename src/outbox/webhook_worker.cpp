#include "outbox/webhook_worker.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>
#include "core/propagate.hpp"

namespace cariosan::outbox {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// What a killed process had leased is free after this time.
constexpr milliseconds kLease = 15s;
/// An attempt starts only if its lease has this much left, the longest that an attempt may take. While attempts are in progress the
/// lease is extended.
constexpr milliseconds kLeaseLeft = 10s;
/// While some webhooks are leased, this is the minimum time between leases, so that one lease serves the rows of many commits.
constexpr milliseconds kBetweenLeases = 500ms;
constexpr std::int64_t kMaxLeased = 256;
/// The most bodies built in one pass; bounds how long it holds a reader.
constexpr std::size_t kBodiesPerLook = 64;
constexpr milliseconds kAfterFailure = 1s;
constexpr milliseconds kMaxPatience = 4s;

}  // namespace

class WebhookWorker::Entry {
  public:
    explicit Entry(WebhookWorker& worker) : worker_(worker) {
        const std::lock_guard lock(worker.mutex_);
        entered_ = !worker.closed_;
        if (entered_) ++worker.inside_;
    }
    ~Entry() {
        if (!entered_) return;
        const std::lock_guard lock(worker_.mutex_);
        if (--worker_.inside_ == 0) worker_.left_.notify_all();
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    explicit operator bool() const noexcept { return entered_; }

  private:
    WebhookWorker& worker_;
    bool entered_ = false;
};

void WebhookWorker::tick() {
    if (!expected_ && ports_.clock().elapsed() < look_at_.load()) return;
    if (const Entry entry(*this); entry) look(true);
}

void WebhookWorker::stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
}

bool WebhookWorker::idle() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::all_of(endpoints_, [](const auto& each) { return each.second.idle(); });
}

void WebhookWorker::close() {
    Lock lock(mutex_);
    stopping_ = true;
    closed_ = true;
    left_.wait(lock, [this] { return inside_ == 0; });
}

/// `everything`: includes webhooks that are not leased, and those that had nothing due at the last read.
void WebhookWorker::look(bool everything) {
    const milliseconds now = ports_.clock().elapsed();
    std::vector<WebhookId> waiting;
    bool begins = false;
    bool with_lease = false;
    {
        const Lock lock(mutex_);
        if (everything) waiting = unrecorded(now);
        if (!looking_) look_at_ = now + ports_.look_anyway();
        if (stopping_) {
            expected_ = false;
        } else if (looking_) {
            again_ = true;
        } else {
            begins = true;
            looking_ = true;
            if (everything) {
                if (expected_.exchange(false)) patience_ = 0ms;
                lease_wanted_ = true;
                for (auto& [id, endpoint] : endpoints_) endpoint.drained = false;
            }
            with_lease = needs_lease(now);
        }
    }
    for (const WebhookId id : waiting) record(id);
    if (begins) with_lease ? lease() : read();
}

/// Whether to lease now. Drops leases that end soon.
bool WebhookWorker::needs_lease(milliseconds now) {
    for (auto& [id, endpoint] : endpoints_) {
        if (!endpoint.leased_until() || *endpoint.leased_until() >= now + kLeaseLeft) continue;
        endpoint.end_lease();
        if (!endpoint.drained) lease_wanted_ = true;
    }
    std::erase_if(endpoints_,
                  [](const auto& each) { return !each.second.leased_until() && each.second.idle(); });
    return lease_wanted_ && (endpoints_.empty() || now >= lease_after_);
}

void WebhookWorker::lease() {
    const Timestamp now = ports_.clock().now();
    const milliseconds elapsed = ports_.clock().elapsed();
    {
        const Lock lock(mutex_);
        lease_wanted_ = false;
        lease_after_ = elapsed + kBetweenLeases;
    }
    ports_.commit(mutation::LeaseWebhooks{.owner = owner_,
                                          .now = now,
                                          .until = Timestamp{now.milliseconds + kLease.count()},
                                          .limit = kMaxLeased},
                  [self = shared_from_this(), until = elapsed + kLease](Result<Committed> committed) {
                      if (const Entry entry(*self); entry) self->leased(std::move(committed), until);
                  });
}

void WebhookWorker::leased(Result<Committed> committed, milliseconds until) {
    if (!committed) {
        {
            const Lock lock(mutex_);
            lease_wanted_ = true;
            look_by(ports_.clock().elapsed() + kAfterFailure);
        }
        return end_look();
    }
    if (auto* webhooks = std::get_if<LeasedWebhooks>(&committed->object)) {
        const Lock lock(mutex_);
        for (LeasedWebhook& each : webhooks->webhooks) {
            const WebhookId id = each.id;
            endpoints_[id].lease(std::move(each), until);
        }
    }
    read();
}

void WebhookWorker::read() {
    std::vector<Question> questions;
    {
        const Lock lock(mutex_);
        questions = ask();
    }
    ports_.read([self = shared_from_this(), questions = std::move(questions)](const Result<Reader*>& reader) {
        const Entry entry(*self);
        if (!entry) return;
        self->found(questions, reader ? self->answer(**reader, questions, self->ports_.clock().now())
                                      : Result<Found>(reader.error()));
    });
}

/// Each leased webhook that may get deliveries, starting after the one served last.
std::vector<WebhookWorker::Question> WebhookWorker::ask() {
    std::vector<Question> questions;
    std::size_t room = std::min(kBodiesPerLook, kMaxUnderWay - under_way_);
    const auto ask_one = [&](auto& each) {
        const WebhookEndpoint& endpoint = each.second;
        const std::size_t limit = endpoint.drained ? 0 : std::min(endpoint.capacity(), room);
        if (limit == 0) return;
        room -= limit;
        served_last_ = each.first;
        questions.push_back({each.first, endpoint.rows_under_way(), endpoint.webhook().is_down(), limit});
    };
    const auto middle = endpoints_.upper_bound(served_last_);
    std::for_each(middle, endpoints_.end(), ask_one);
    std::for_each(endpoints_.begin(), middle, ask_one);
    return questions;
}

Result<WebhookWorker::Found> WebhookWorker::answer(Reader& reader, const std::vector<Question>& questions,
                                                   Timestamp now) const {
    Found found;
    for (const Question& question : questions) {
        CARIOSAN_TRY(auto due,
                     reader.outbox().due(question.webhook, now, question.except, question.oldest_only,
                                         static_cast<std::int64_t>(question.limit)));
        std::vector<Prepared>& prepared = found.due.emplace_back();
        for (DueDelivery& delivery : due) {
            CARIOSAN_TRY(const auto subject, read_subject(reader, delivery.event, now));
            std::string body = encoder_.encode(subject);
            prepared.push_back({std::move(delivery), std::move(body)});
        }
    }
    CARIOSAN_TRY(const auto next, reader.outbox().next_due());
    found.next_due = next;
    return found;
}

void WebhookWorker::found(const std::vector<Question>& questions, Result<Found> found) {
    std::vector<Call> calls;
    if (found) {
        const Lock lock(mutex_);
        if (!stopping_) calls = begin(questions, *found);
        plan_next_look(found->next_due, !calls.empty());
    } else {
        const Lock lock(mutex_);
        lease_wanted_ = true;
        look_by(ports_.clock().elapsed() + kAfterFailure);
    }
    if (!found) ports_.warn("webhooks.delayed", found.error().message);
    send(std::move(calls));
    end_look();
}

std::vector<WebhookWorker::Call> WebhookWorker::begin(const std::vector<Question>& questions, Found& found) {
    std::vector<Call> calls;
    const Timestamp now = ports_.clock().now();
    for (std::size_t i = 0; i < questions.size(); ++i) {
        WebhookEndpoint& endpoint = endpoints_[questions[i].webhook];
        std::vector<Prepared>& due = found.due[i];
        if (due.size() < questions[i].limit) endpoint.drained = true;
        for (Prepared& each : due) {
            // Since the read began, an attempt may have failed or the lease may have ended.
            if (endpoint.capacity() == 0) {
                endpoint.drained = false;
                break;
            }
            endpoint.begin(each.delivery);
            ++under_way_;
            const OutboxEvent& event = each.delivery.event;
            calls.push_back({questions[i].webhook, each.delivery.row,
                             WebhookCall{.url = endpoint.webhook().url,
                                         .secrets = endpoint.secrets_at(now),
                                         .event = std::string(to_string(event.event)),
                                         .event_id = wire_id(event.id),
                                         .at = {},
                                         .body = std::move(each.body),
                                         .traceparent = event.traceparent}});
        }
    }
    const auto has_more = [](const auto& each) { return !each.second.drained && each.second.capacity() > 0; };
    if (!calls.empty() && std::ranges::any_of(endpoints_, has_more)) again_ = true;
    return calls;
}

/// Due deliveries that could not be started wait for an attempt in progress or for a lease. The time between looks
/// doubles while they find nothing to start.
void WebhookWorker::plan_next_look(const std::optional<Timestamp>& next_due, bool begun) {
    if (!next_due) return;
    const milliseconds now = ports_.clock().elapsed();
    const milliseconds until_due(next_due->milliseconds - ports_.clock().now().milliseconds);
    if (until_due > 0ms) {
        patience_ = 0ms;
        return look_by(now + until_due);
    }
    if (lease_wanted_) return look_by(lease_after_);
    patience_ = begun ? kAfterFailure : std::clamp(patience_ * 2, kAfterFailure, kMaxPatience);
    look_by(now + patience_);
}

void WebhookWorker::look_by(milliseconds time) { look_at_ = std::min(look_at_.load(), time); }

void WebhookWorker::send(std::vector<Call> calls) {
    for (Call& each : calls) {
        ++counters_.under_way;
        each.call.at = ports_.clock().now();
        sender_.send(std::move(each.call), [self = shared_from_this(), webhook = each.webhook, row = each.row,
                                            began = ports_.clock().elapsed_finely()](const WebhookAnswer& answer) {
            if (const Entry entry(*self); entry) self->sent(webhook, row, began, answer);
        });
    }
}

void WebhookWorker::sent(WebhookId webhook, std::int64_t row, std::chrono::microseconds began, const WebhookAnswer& answer) {
    --counters_.under_way;
    const std::chrono::microseconds took = ports_.clock().elapsed_finely() - began;
    const Timestamp now = ports_.clock().now();
    const std::uint32_t random = ports_.random();
    bool more = false;
    {
        const Lock lock(mutex_);
        WebhookEndpoint& endpoint = endpoints_[webhook];
        --under_way_;
        const DeliveryResult& result = endpoint.end(row, answer, now, random);
        ++(result.outcome == DeliveryResult::Outcome::delivered ? counters_.delivered : counters_.failed_attempts);
        counters_.times[static_cast<std::size_t>(result.outcome)].add(took);
        // If all places were taken, any webhook may now use this one.
        more = under_way_ + 1 == kMaxUnderWay || (!endpoint.drained && endpoint.capacity() > 0);
    }
    record(webhook);
    if (more) look(false);
}

std::vector<WebhookId> WebhookWorker::unrecorded(milliseconds now) const {
    std::vector<WebhookId> ids;
    for (const auto& [id, endpoint] : endpoints_) {
        if (!endpoint.idle() && endpoint.record_after <= now) ids.push_back(id);
    }
    return ids;
}

void WebhookWorker::record(WebhookId webhook) {
    std::vector<DeliveryResult> results;
    {
        const Lock lock(mutex_);
        const auto found = endpoints_.find(webhook);
        if (found == endpoints_.end() || ports_.clock().elapsed() < found->second.record_after) return;
        results = found->second.take_results();
    }
    if (results.empty()) return;
    ports_.commit(mutation::FinishDeliveries{.webhook = webhook, .owner = owner_, .results = std::move(results)},
                  [self = shared_from_this(), webhook](const Result<Committed>& committed) {
                      if (const Entry entry(*self); entry) self->recorded(webhook, committed);
                  });
}

void WebhookWorker::recorded(WebhookId webhook, const Result<Committed>& committed) {
    bool more = false;
    {
        const Lock lock(mutex_);
        WebhookEndpoint& endpoint = endpoints_[webhook];
        if (!committed && committed.error().code == ErrorCode::unavailable) {
            endpoint.not_recorded();
            endpoint.record_after = ports_.clock().elapsed() + kAfterFailure;
            return look_by(endpoint.record_after);
        }
        const LeasedWebhook* leased = committed ? std::get_if<LeasedWebhook>(&committed->object) : nullptr;
        endpoint.recorded(leased != nullptr ? std::optional(*leased) : std::nullopt);
        // The next delivery was waiting for this one's result.
        if (endpoint.webhook().failed_attempts > 0) endpoint.drained = false;
        more = !endpoint.drained && endpoint.capacity() > 0;
    }
    record(webhook);
    if (more) look(false);
}

/// Looks again at once if rows have been added or there is room for more.
void WebhookWorker::end_look() {
    bool again = false;
    {
        const Lock lock(mutex_);
        looking_ = false;
        again = std::exchange(again_, false);
    }
    if (expected_) return look(true);
    if (again) look(false);
}

}  // namespace cariosan::outbox
