#include "memory.hpp"

#include <algorithm>
#include <utility>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace cariosan::server {

namespace {

/// By default this threshold grows to the size of the largest block ever freed, and smaller blocks come from the heap.
[[maybe_unused]] constexpr int kLargeBlock = 256 * 1024;
constexpr std::size_t kWorthIt = std::size_t{4} << 20;
constexpr std::size_t kNews = std::size_t{2} << 20;

}  // namespace

Heap process_heap() {
#ifdef __GLIBC__
    return {.free_bytes = [] { return ::mallinfo2().fordblks; }, .trim = [] { ::malloc_trim(0); }};
#else
    return {.free_bytes = [] { return std::size_t{0}; }, .trim = [] {}};
#endif
}

FreedMemory::FreedMemory(Heap heap) : heap_(std::move(heap)) {
#ifdef __GLIBC__
    ::mallopt(M_MMAP_THRESHOLD, kLargeBlock);
#endif
}

/// Memory that was returned still counts as free in the heap, so only a change means that there is something to do.
void FreedMemory::give_back() {
    if (skip_ > 0) {
        --skip_;
        return;
    }
    const std::size_t free = heap_.free_bytes();
    const std::size_t change = std::max(free, known_) - std::min(free, known_);
    if (free < kWorthIt || change < kNews) {
        pause_ = std::min(2 * pause_ + 1, kMostSkipped);
        skip_ = pause_;
        return;
    }
    heap_.trim();
    known_ = heap_.free_bytes();
    pause_ = 0;
}

}  // namespace cariosan::server
