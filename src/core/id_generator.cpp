#include "core/id_generator.hpp"

#include <algorithm>
#include <cstring>

namespace cariosan::core {
namespace {

constexpr std::uint64_t kTimeMask = (1ULL << 48U) - 1;
constexpr std::uint64_t kCounterMask = 0xFFF;
/// A new millisecond starts in the lower half, so that there is room to count.
constexpr std::uint64_t kCounterStartMask = 0x7FF;
constexpr std::uint64_t kRandomMask = (1ULL << 62U) - 1;
constexpr std::uint64_t kVersion = 7ULL << 12U;
constexpr std::uint64_t kVariant = 2ULL << 62U;

void put_big_endian(std::uint8_t* out, std::uint64_t value) {
    for (int i = 7; i >= 0; --i) {
        out[i] = static_cast<std::uint8_t>(value);
        value >>= 8U;
    }
}

}  // namespace

Uuid IdGenerator::next() {
    const auto now =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, clock_.now().milliseconds)) & kTimeMask;
    const std::lock_guard lock(mutex_);
    const std::uint64_t random = random_bits();
    if (now > millisecond_) {
        millisecond_ = now;
        counter_ = random_bits() & kCounterStartMask;
    } else if (++counter_ > kCounterMask) {
        ++millisecond_;
        counter_ = random_bits() & kCounterStartMask;
    }
    Uuid uuid;
    put_big_endian(uuid.bytes.data(), (millisecond_ << 16U) | kVersion | counter_);
    put_big_endian(uuid.bytes.data() + 8, kVariant | (random & kRandomMask));
    return uuid;
}

std::uint64_t IdGenerator::random_bits() {
    if (random_used_ == kBatchBytes) {
        crypto_.random(random_);
        random_used_ = 0;
    }
    std::uint64_t bits = 0;
    std::memcpy(&bits, random_.data() + random_used_, sizeof bits);
    // Does not leave bits in memory that were already given out.
    std::memset(random_.data() + random_used_, 0, sizeof bits);
    random_used_ += sizeof bits;
    return bits;
}

}  // namespace cariosan::core
