/// What an import tells while it runs and at its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "console.hpp"

namespace cariosan::server {

/// Counts, and shows the first bad lines. Used by the thread of the command.
class ImportReport {
  public:
    /// `verbose`: all bad lines are shown, not only the first 20.
    ImportReport(Console& console, bool verbose);

    void imported(bool reply);
    void already_there() { ++already_there_; }
    void bad_line(std::int64_t number, const std::string& reason);

    /// At most five times a second.
    void progress(std::int64_t position, std::int64_t size);
    /// How many bad lines were not shown, and the sums.
    void finish();

    std::int64_t bad_lines() const noexcept { return bad_lines_; }

  private:
    Console& console_;
    const bool verbose_;
    const std::chrono::steady_clock::time_point start_;
    std::chrono::steady_clock::time_point shown_at_;
    std::int64_t imported_ = 0;
    std::int64_t replies_ = 0;
    std::int64_t already_there_ = 0;
    std::int64_t bad_lines_ = 0;
};

}  // namespace cariosan::server
