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

/// How many attempts at one endpoint may be under way; with failed attempts in a row it is one.
inline constexpr std::size_t kCallsPerWebhook = 4;
/// How many results of one endpoint may wait to be committed before it is told nothing more.
inline constexpr std::size_t kMaxUnrecorded = 64;

/// One webhook as its worker sees it: the lease, what is under way, what came of it. Of one thread at a time.
class WebhookEndpoint {
  public:
    void lease(LeasedWebhook webhook, std::chrono::milliseconds until);
    void end_lease() noexcept { leased_until_.reset(); }
    std::optional<std::chrono::milliseconds> leased_until() const noexcept { return leased_until_; }
    const LeasedWebhook& webhook() const noexcept { return webhook_; }

    /// How many more attempts may begin.
    std::size_t capacity() const noexcept;
    /// Sent, or sent and not yet recorded.
    std::vector<std::int64_t> rows_under_way() const;
    bool idle() const noexcept { return under_way_.empty(); }

    void begin(const DueDelivery& delivery);
    /// `random` spreads the next attempt.
    const DeliveryResult& end(std::int64_t row, const WebhookAnswer& answer, Timestamp now, std::uint32_t random);

    /// What is to be committed next, one list at a time; empty if there is nothing, or the list before is not committed yet.
    std::vector<DeliveryResult> take_results();
    /// What was taken is in storage, or of no use to it. Nothing: the lease is over.
    void recorded(std::optional<LeasedWebhook> webhook);
    /// What was taken could not be committed: it is to be taken again.
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
