/// The rate token a send takes before it is known to be new.
#pragma once

#include "core/rates/rate_limiter.hpp"

namespace cariosan::core {

/// A token taken for a send. Given back on destruction without `keep`, because nothing was stored. The limiter must outlive it.
class SendCharge {
  public:
    SendCharge(RateLimiter& rates, const RateKey& key, std::chrono::milliseconds at) : rates_(rates), key_(key), at_(at) {}
    ~SendCharge() {
        if (!kept_) rates_.charge(key_, RateKind::send, -1, at_);
    }
    SendCharge(const SendCharge&) = delete;
    SendCharge& operator=(const SendCharge&) = delete;

    /// The message was stored.
    void keep() noexcept { kept_ = true; }
    /// The message was already stored: the answer only reads, and is charged as a read.
    Result<Done> charge_read() { return rates_.take(key_, RateKind::read, at_); }

  private:
    RateLimiter& rates_;
    const RateKey key_;
    const std::chrono::milliseconds at_;
    bool kept_ = false;
};

}  // namespace cariosan::core
