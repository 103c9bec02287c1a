#include "memory.hpp"

#include <algorithm>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace cariosan::server {

#ifdef __GLIBC__

namespace {

/// Left alone, this grows to the largest block ever freed, and all below comes out of the heap.
constexpr int kLargeBlock = 256 * 1024;
constexpr std::size_t kWorthIt = std::size_t{16} << 20;
constexpr std::size_t kNews = std::size_t{4} << 20;

}  // namespace

FreedMemory::FreedMemory() { ::mallopt(M_MMAP_THRESHOLD, kLargeBlock); }

/// What was given back still counts as free: only a change says that there is something to do.
void FreedMemory::give_back() {
    const std::size_t free = ::mallinfo2().fordblks;
    const std::size_t change = std::max(free, known_) - std::min(free, known_);
    if (free < kWorthIt || change < kNews) return;
    ::malloc_trim(0);
    known_ = ::mallinfo2().fordblks;
}

#else

FreedMemory::FreedMemory() = default;
void FreedMemory::give_back() {}

#endif

}  // namespace cariosan::server
