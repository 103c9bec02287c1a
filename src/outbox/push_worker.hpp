#pragma once

#include <cariosan/delivery.hpp>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/measures/histogram.hpp"
#include "outbox/delivery_ports.hpp"

namespace cariosan::outbox {

/// Counters since the start, and a gauge.
struct PushCounters {
    std::atomic<std::uint64_t> delivered{0};
    std::atomic<std::uint64_t> retried{0};
    std::atomic<std::uint64_t> failed{0};   ///< for good: refused, given up, or too late
    std::atomic<std::uint64_t> dropped{0};  ///< devices removed
    std::atomic<std::uint64_t> pending{0};  ///< jobs, as last read
    std::array<core::Histogram, 4> times{};  ///< of sends, by `PushOutcome`
};

/// Sends push notifications: leases jobs, reads their recipients, sends, and commits the results. At least once:
/// sends in progress when the process ended are repeated.
///
/// Thread-safe; only `stop` blocks. Must be created by `std::make_shared`, so that late answers of the sender are ignored safely.
class PushWorker : public std::enable_shared_from_this<PushWorker> {
  public:
    /// `owner` must never have been used by another worker. The referenced objects must live until `stop` has returned.
    PushWorker(Ports& ports, PushSender& sender, PushCounters& counters, Uuid owner, std::int64_t everyone)
        : ports_(ports), sender_(sender), counters_(counters), owner_(owner), everyone_(everyone) {}

    /// There may be a job: call it at the start, and after each commit that adds one. Jobs of other nodes are found without it, if
    /// late.
    void expect() noexcept { expected_ = true; }
    /// Called about once a second, and after each batch.
    void tick();
    /// Stops sending, and returns unanswered jobs, so that they are sent again. Must not be called from within a sender.
    void stop();

  private:
    /// A part of a job that was read, and its results.
    struct Part {
        PushJob job;
        PushPart read;
        std::size_t sent = 0;  ///< the first targets, up to this number, were sent
        std::vector<bool> answered;
        std::size_t open = 0;  ///< sent but not answered
        std::vector<DeviceRow> retry;
        std::vector<DeviceRow> gone;
        bool refused = false;  ///< one of them was refused, which has been logged
        std::chrono::milliseconds retry_after{0};
    };
    using PartRef = std::shared_ptr<Part>;

    // With the mutex held.
    void advance();
    bool is_due() const;
    void lease(std::size_t more);
    void read_parts();
    void take_part(const PushJob& job, PushPart part);
    void take_backlog(const PushBacklog& backlog);
    void judge(Part& part, std::size_t target, const PushAnswer& answer);
    void finish(const PartRef& part);
    void commit_part(const Part& part, std::vector<DeviceRow> retry, std::int64_t attempts, Timestamp retry_at);
    bool may_send() const;

    void pump(std::unique_lock<std::mutex>& lock);
    void on_leased(const Result<Committed>& leased);
    void on_read(const Result<Reader*>& reader);
    void on_answer(const PartRef& part, std::size_t target, std::chrono::microseconds began, const PushAnswer& answer);
    void on_finished(std::int64_t row, const Result<Committed>& finished);

    Ports& ports_;
    PushSender& sender_;
    PushCounters& counters_;
    const Uuid owner_;
    const std::int64_t everyone_;
    std::atomic<bool> expected_{false};

    std::mutex mutex_;
    std::condition_variable not_sending_;
    bool stopped_ = false;
    bool busy_ = false;     ///< a lease or a read is in progress
    bool pumping_ = false;  ///< a thread is sending the waiting targets
    bool warned_of_backlog_ = false;
    std::size_t in_flight_ = 0;
    std::size_t waiting_ = 0;  ///< targets that were read but not sent
    std::chrono::milliseconds paused_until_{0};  ///< by `Clock::elapsed`
    std::chrono::milliseconds look_at_ = std::chrono::milliseconds::max();  ///< by `Clock::elapsed`
    std::chrono::milliseconds extend_at_{0};     ///< the leases of `rows_`, by `Clock::elapsed`
    std::optional<Timestamp> next_due_;
    std::deque<PushJob> jobs_;  ///< leased but not read
    std::deque<PartRef> parts_;  ///< read, in order, with targets that were not sent
    std::set<PartRef> under_way_;  ///< read, with targets that were not answered
    std::set<std::int64_t> rows_;  ///< the rows of all jobs this worker is working on
};

}  // namespace cariosan::outbox
