#pragma once

#include <cstddef>

namespace cariosan::server {

/// Gives the memory back that a time of much work has left behind: glibc keeps what was freed between blocks that are still
/// in use, for ever if nothing of the same size is wanted. Without glibc it does nothing. One per process.
class FreedMemory {
  public:
    /// Has large blocks come from the system one by one, so that they go back when they are freed.
    FreedMemory();
    /// To be called every few seconds, on a thread that may wait. Cheap while little was freed since the last time.
    void give_back();

  private:
    std::size_t known_ = 0;  ///< bytes that were free after the last time
};

}  // namespace cariosan::server
