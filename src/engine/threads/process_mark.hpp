#pragma once

#include <sys/types.h>

namespace cariosan::engine {

/// Tells a forked child from the process that created this, without a system call where the kernel helps: it lives in a page
/// that a fork clears. Thread-safe.
class ProcessMark {
  public:
    ProcessMark() noexcept;
    ~ProcessMark();
    ProcessMark(const ProcessMark&) = delete;
    ProcessMark& operator=(const ProcessMark&) = delete;

    /// Whether the calling process created this.
    bool is_mine() const noexcept;
    /// The process that created this.
    pid_t process() const noexcept { return process_; }

  private:
    const pid_t process_;
    const volatile char* page_ = nullptr;  ///< null: asks the kernel each time
};

}  // namespace cariosan::engine
