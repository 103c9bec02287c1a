#pragma once

#include <sys/types.h>

namespace cariosan::engine {

/// Tells a forked child from the process that made this, without a system call where the kernel helps: it lies in a page
/// that a fork leaves empty. Thread-safe.
class ProcessMark {
  public:
    ProcessMark() noexcept;
    ~ProcessMark();
    ProcessMark(const ProcessMark&) = delete;
    ProcessMark& operator=(const ProcessMark&) = delete;

    /// Whether the calling process made this.
    bool is_mine() const noexcept;
    /// The process that made this.
    pid_t process() const noexcept { return process_; }

  private:
    const pid_t process_;
    const volatile char* page_ = nullptr;  ///< null: the kernel is asked each time
};

}  // namespace cariosan::engine
