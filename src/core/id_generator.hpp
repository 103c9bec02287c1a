/// Makes identifiers: UUIDs of version 7 (RFC 9562, section 5.7).
#pragma once

#include <array>
#include <cariosan/clock.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace cariosan::core {

/// Every id is greater than the one before it, whatever the clock does: within a millisecond `rand_a` counts
/// (method 1 of section 6.2), and a full counter or a clock that steps back borrows from the future. The
/// other 62 bits are random, fetched in batches because asking for 8 bytes costs as much as asking for 1,024.
/// Thread-safe. `clock` and `crypto` must outlive it.
class IdGenerator {
  public:
    IdGenerator(Clock& clock, Crypto& crypto) : clock_(clock), crypto_(crypto) {}

    Uuid next();

    /// `next` as a typed id: `ids.make<MessageId>()`.
    template <class Identifier>
    Identifier make() {
        return Identifier{next()};
    }

  private:
    static constexpr std::size_t kBatchBytes = 1024;

    std::uint64_t random_bits();

    Clock& clock_;
    Crypto& crypto_;
    std::mutex mutex_;
    std::uint64_t millisecond_ = 0;
    std::uint64_t counter_ = 0;
    std::array<std::uint8_t, kBatchBytes> random_{};
    std::size_t random_used_ = kBatchBytes;
};

}  // namespace cariosan::core
