#pragma once

#include <cariosan/delivery.hpp>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/measures/histogram.hpp"
#include "outbox/delivery_ports.hpp"
#include "outbox/webhook_endpoint.hpp"
#include "outbox/webhook_subject.hpp"

namespace cariosan::outbox {

/// Counters since the start, and a gauge.
struct WebhookCounters {
    std::atomic<std::uint64_t> delivered{0};
    std::atomic<std::uint64_t> failed_attempts{0};
    std::atomic<std::uint64_t> under_way{0};  ///< attempts in progress now
    std::array<core::Histogram, 4> times{};   ///< of attempts, by `DeliveryResult::Outcome`
};

/// Delivers the outbox to webhooks: leases them, builds the bodies, sends, and commits the results. At least once:
/// attempts in progress when the process ended are repeated.
///
/// Works in *looks*, one at a time: a lease if one is needed, then one read of what is due, then the sends that are allowed, in
/// the order of the rows. A look starts after `expect`, when something becomes due, and when a finished attempt has made
/// room. Results are committed independently; those of one webhook that arrive during a commit are combined.
///
/// Thread-safe; only `close` blocks. Must be created by `std::make_shared`, so that late answers of a sender are ignored safely.
class WebhookWorker : public std::enable_shared_from_this<WebhookWorker> {
  public:
    /// The most attempts in progress, for all webhooks together.
    static constexpr std::size_t kMaxUnderWay = 256;

    /// `owner` must never have been used by another worker. The referenced objects must live until `close` has returned.
    WebhookWorker(Ports& ports, WebhookSender& sender, const WebhookBodyEncoder& encoder, WebhookCounters& counters,
                  Uuid owner)
        : ports_(ports), sender_(sender), encoder_(encoder), counters_(counters), owner_(owner) {}

    /// There may be due rows: call it at the start, and after each commit that adds some. Takes effect at the next `tick`.
    void expect() noexcept { expected_ = true; }
    /// Called about once a second, and after each batch.
    void tick();
    /// Starts no more attempts. Results of those in progress are still recorded.
    void stop();
    /// Whether nothing is in progress or waiting to be recorded.
    bool idle() const;
    /// After it returns, none of the referenced objects is used. Must not be called from within a sender.
    void close();

  private:
    /// Counts the threads inside this object, so that `close` can wait for them.
    class Entry;
    struct Question {
        WebhookId webhook;
        std::vector<std::int64_t> except;
        bool oldest_only = false;
        std::size_t limit = 0;
    };
    struct Prepared {
        DueDelivery delivery;
        std::string body;
    };
    struct Found {
        std::vector<std::vector<Prepared>> due;  ///< for each question
        std::optional<Timestamp> next_due;
    };
    struct Call {
        WebhookId webhook;
        std::int64_t row = 0;
        WebhookCall call;
    };
    using Lock = std::unique_lock<std::mutex>;

    void look(bool everything);
    void lease();
    void leased(Result<Committed> committed, std::chrono::milliseconds until);
    void read();
    Result<Found> answer(Reader& reader, const std::vector<Question>& questions, Timestamp now) const;
    void found(const std::vector<Question>& questions, Result<Found> found);
    std::vector<Call> begin(const std::vector<Question>& questions, Found& found);
    void send(std::vector<Call> calls);
    void sent(WebhookId webhook, std::int64_t row, std::chrono::microseconds began, const WebhookAnswer& answer);
    void record(WebhookId webhook);
    void recorded(WebhookId webhook, const Result<Committed>& committed);
    void end_look();

    // With the mutex held.
    bool needs_lease(std::chrono::milliseconds now);
    std::vector<Question> ask();
    void plan_next_look(const std::optional<Timestamp>& next_due, bool begun);
    void look_by(std::chrono::milliseconds time);
    std::vector<WebhookId> unrecorded(std::chrono::milliseconds now) const;

    Ports& ports_;
    WebhookSender& sender_;
    const WebhookBodyEncoder& encoder_;
    WebhookCounters& counters_;
    const Uuid owner_;

    std::atomic<bool> expected_{false};
    std::atomic<std::chrono::milliseconds> look_at_{std::chrono::milliseconds::max()};  ///< by `Clock::elapsed`

    mutable std::mutex mutex_;
    std::condition_variable left_;
    std::size_t inside_ = 0;
    bool stopping_ = false;
    bool closed_ = false;
    bool looking_ = false;
    bool again_ = false;         ///< an attempt has made room during the look
    bool lease_wanted_ = false;  ///< there may be rows of webhooks that are not leased
    std::chrono::milliseconds lease_after_{0};
    std::chrono::milliseconds patience_{0};  ///< the pause between looks that find due rows but cannot start any
    std::size_t under_way_ = 0;
    std::map<WebhookId, WebhookEndpoint> endpoints_;
    WebhookId served_last_{};  ///< the next look starts after it, so that webhooks take turns
};

}  // namespace cariosan::outbox
