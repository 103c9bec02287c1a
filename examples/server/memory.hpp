#pragma once

#include <cstddef>
#include <functional>

namespace cariosan::server {

/// The process's heap.
struct Heap {
    std::function<std::size_t()> free_bytes;  ///< freed, but not returned to the system; visits all free blocks
    std::function<void()> trim;
};

/// That of glibc. With other C libraries, nothing is known about the heap.
Heap process_heap();

/// Returns memory to the system after a load: glibc keeps free space between blocks that are still in use, forever if
/// nothing of that size is requested. Does nothing without glibc. One per process.
class FreedMemory {
  public:
    /// Makes glibc map large blocks individually, so that freeing them returns them.
    explicit FreedMemory(Heap heap = process_heap());
    /// Call every few seconds, on a thread that may wait: looking takes milliseconds if many blocks are free. If there was
    /// nothing to do, the next calls are skipped: twice as many as the last time, but at most `kMostSkipped`.
    void give_back();

    static constexpr int kMostSkipped = 7;

  private:
    Heap heap_;
    std::size_t known_ = 0;  ///< free bytes after the last call that returned memory
    int pause_ = 0;          ///< calls that were skipped after the last fruitless look
    int skip_ = 0;           ///< calls still to skip
};

}  // namespace cariosan::server
