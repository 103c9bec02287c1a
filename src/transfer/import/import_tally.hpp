/// How far an import is, as its watcher is told.
#pragma once

#include <cariosan/import.hpp>
#include <cstdint>
#include <string>

namespace cariosan::transfer {

/// Used by the thread of the import.
class ImportTally {
  public:
    explicit ImportTally(ImportWatcher& watcher) : watcher_(watcher) {}

    void begin(ImportStage stage) {
        progress_.stage = stage;
        watcher_.moved(progress_);
    }
    void imported(bool reply) {
        ++progress_.counts.imported;
        if (reply) ++progress_.counts.replies;
    }
    void already_there() { ++progress_.counts.already_there; }
    void bad_line(std::int64_t number, const std::string& reason) {
        ++progress_.counts.bad_lines;
        watcher_.bad_line(number, reason);
    }
    void moved(std::int64_t position, std::int64_t size) {
        progress_.position = position;
        progress_.size = size;
        watcher_.moved(progress_);
    }

    const ImportProgress& progress() const noexcept { return progress_; }

  private:
    ImportWatcher& watcher_;
    ImportProgress progress_;
};

}  // namespace cariosan::transfer
