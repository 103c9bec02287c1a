/// How long what is of use for a while is kept, and how much housekeeping removes at a time.
#pragma once

#include <chrono>
#include <cstdint>

namespace cariosan::sql {

/// The most rows that one transaction of housekeeping changes.
inline constexpr std::int64_t kPurgeRows = 500;
/// Moderation records.
inline constexpr std::chrono::days kRecordsKept{90};
/// Finished deliveries stay in the lists this long, and a disabled webhook keeps pending ones as long.
inline constexpr std::chrono::days kDeliveriesKept{7};
/// How often what is too old is looked for.
inline constexpr std::chrono::milliseconds kExpiryInterval{60 * 1000};

}  // namespace cariosan::sql
