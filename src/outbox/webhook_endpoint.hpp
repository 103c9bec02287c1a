#pragma once

#include <cariosan/delivery.hpp>
#include <cariosan/outbox.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cariosan::outbox {

/// How many attempts at one endpoint may be in progress; one after a failed attempt.
inline constexpr std::size_t kCallsPerWebhook = 4;
/// How many results of one endpoint may wait to be committed before nothing more is sent to it.
inline constexpr std::size_t kMaxUnrecorded = 64;

/// A webhook as its worker sees it: the lease, attempts in progress, their results. Used by one thread at a time.
class WebhookEndpoint {
  public:
    void lease(LeasedWebhook webhook, std::chrono::milliseconds until);
    void end_lease() noexcept { leased_until_.reset(); }
    std::optional<std::chrono::milliseconds> leased_until() const noexcept { return leased_until_; }
    const LeasedWebhook& webhook() const noexcept { return webhook_; }

    /// How many more attempts may start.
    std::size_t capacity() const noexcept;
    /// In progress, or finished and not yet recorded.
    std::vector<std::int64_t> rows_under_way() const;
    bool idle() const noexcept { return under_way_.empty(); }

    void begin(const DueDelivery& delivery);
    /// `random` spreads the next attempt.
    const DeliveryResult& end(std::int64_t row, const WebhookAnswer& answer, Timestamp now, std::uint32_t random);

    /// The results to commit next, one list at a time; empty if there are none, or the previous list is not committed
    /// yet.
    std::vector<DeliveryResult> take_results();
    /// The taken results are committed or obsolete. Nothing: the lease is over.
    void recorded(std::optional<LeasedWebhook> webhook);
    /// The taken results could not be committed: take them again.
    void not_recorded();

    bool drained = false;                      ///< when last read, storage had nothing more that was due
    std::chrono::milliseconds record_after{};  ///< results wait until then, after a commit that failed

  private:
    void count(const DeliveryResult& result) noexcept;
    void set(LeasedWebhook webhook);

    LeasedWebhook webhook_;
    std::optional<std::chrono::milliseconds> leased_until_;
    std::map<std::int64_t, std::int64_t> under_way_;  ///< row → attempts that have failed before
    std::size_t sending_ = 0;
    std::vector<DeliveryResult> results_;
    std::vector<DeliveryResult> committing_;
};

}  // namespace cariosan::outbox
