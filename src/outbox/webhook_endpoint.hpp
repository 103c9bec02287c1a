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

/// The most attempts in progress at one endpoint; after a failed attempt only one.
inline constexpr std::size_t kCallsPerWebhook = 4;
/// The most results of one endpoint that may wait to be committed; at this number nothing more is sent to it.
inline constexpr std::size_t kMaxUnrecorded = 64;

/// The worker's state of one webhook: the lease, attempts in progress, and their results. Used by one thread at a time.
class WebhookEndpoint {
  public:
    void lease(LeasedWebhook webhook, std::chrono::milliseconds until);
    void end_lease() noexcept { leased_until_.reset(); }
    std::optional<std::chrono::milliseconds> leased_until() const noexcept { return leased_until_; }
    const LeasedWebhook& webhook() const noexcept { return webhook_; }
    /// What an attempt at `now` is signed with, newest first.
    std::vector<std::string> secrets_at(Timestamp now) const;

    /// How many more attempts may start.
    std::size_t capacity() const noexcept;
    /// The rows that are in progress, or finished and not yet recorded.
    std::vector<std::int64_t> rows_under_way() const;
    bool idle() const noexcept { return under_way_.empty(); }

    void begin(const DueDelivery& delivery);
    /// `random`: jitter for the next attempt.
    const DeliveryResult& end(std::int64_t row, const WebhookAnswer& answer, Timestamp now, std::uint32_t random);

    /// Takes the results to commit next. Empty if there are none, or if the previous list has not been committed yet.
    std::vector<DeliveryResult> take_results();
    /// The taken results were committed or are obsolete. If `webhook` is absent, the lease is over.
    void recorded(std::optional<LeasedWebhook> webhook);
    /// The taken results could not be committed: take them again.
    void not_recorded();

    bool drained = false;                      ///< at the last read, storage had no more due rows
    std::chrono::milliseconds record_after{};  ///< after a failed commit, results wait until then

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
