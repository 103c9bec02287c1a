#pragma once

#include <cstddef>
#include <functional>

namespace cariosan::server {

/// The process's heap.
struct Heap {
    std::function<std::size_t()> free_bytes;  ///< freed, but not given back; goes through all free blocks
    std::function<void()> trim;
};

/// glibc's; of other C libraries nothing is known.
Heap process_heap();

/// Gives the memory back that a time of much work has left behind: glibc keeps what was freed between blocks that are still
/// in use, for ever if nothing of the same size is wanted. Without glibc it does nothing. One per process.
class FreedMemory {
  public:
    /// Has large blocks come from the system one by one, so that they go back when they are freed.
    explicit FreedMemory(Heap heap = process_heap());
    /// To be called every few seconds, on a thread that may wait. Looking takes milliseconds where many blocks are free: if
    /// there was nothing to do, the next calls do nothing, twice as many as the time before, but at most `kMostSkipped`.
    void give_back();

    static constexpr int kMostSkipped = 7;

  private:
    Heap heap_;
    std::size_t known_ = 0;  ///< bytes that were free after the last time
    int pause_ = 0;          ///< calls to skip after the next look in vain
    int skip_ = 0;           ///< of them are left
};

}  // namespace cariosan::server
