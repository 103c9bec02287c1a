/// What an import shows on a console, while it runs and when it ends.
#pragma once

#include <cariosan/import.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "console.hpp"

namespace cariosan::server {

/// Shows the progress, and the first invalid lines. Used by the thread of the command.
class ImportReport final : public ImportWatcher {
  public:
    /// `path`: the file. `verbose`: shows all invalid lines, not only the first 20.
    ImportReport(Console& console, std::string path, bool verbose);

    /// At most five updates a second.
    void moved(const ImportProgress& progress) override;
    void bad_line(std::int64_t number, const std::string& reason) override;
    void trouble(const std::string& what) override { console_.report(what); }
    bool cancelled() override { return console_.cancelled(); }

    /// Shows why the import ended early, how many invalid lines were not shown, and the totals.
    void finish(const ImportOutcome& outcome);

  private:
    void begin(ImportStage stage);

    Console& console_;
    const std::string path_;
    const bool verbose_;
    std::optional<ImportStage> stage_{};
    std::chrono::steady_clock::time_point start_{};
    std::chrono::steady_clock::time_point shown_at_{};
    std::int64_t bad_lines_ = 0;
};

}  // namespace cariosan::server
