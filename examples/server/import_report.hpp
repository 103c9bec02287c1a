/// What an import reports while it runs and when it ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "console.hpp"

namespace cariosan::server {

/// Counts lines, and shows the first invalid ones. Used by the thread of the command.
class ImportReport {
  public:
    /// `verbose`: shows all invalid lines, not only the first 20.
    ImportReport(Console& console, bool verbose);

    void imported(bool reply);
    void already_there() { ++already_there_; }
    void bad_line(std::int64_t number, const std::string& reason);

    /// Shows at most five updates a second.
    void progress(std::int64_t position, std::int64_t size);
    /// Shows how many invalid lines were not shown, and the totals.
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
