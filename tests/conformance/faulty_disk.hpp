/// A disk that fails: stands between SQLite and the operating system as SQLite's default VFS (sqlite.org/vfs.html).
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>

namespace cariosan::test {

enum class DiskCall : std::uint8_t { write, sync, truncate, open, remove };

/// Registered as the default while it lives; one at a time, and everything opened through it is closed before. For one
/// thread.
class FaultyDisk {
  public:
    /// By default it is called like one of SQLite's own for Unix, and treated as such.
    explicit FaultyDisk(const char* name = "unix-faulty");
    ~FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    /// Called with a running number since now; a result code other than SQLITE_OK is what the call answers.
    using Rule = std::function<int(DiskCall call, std::int64_t number)>;
    void arm(Rule rule);
    void disarm() { rule_ = nullptr; }
    std::int64_t fired() const { return fired_; }

    int next(DiskCall call);
    sqlite3_vfs* real() const { return real_; }

  private:
    sqlite3_vfs* real_;
    sqlite3_vfs vfs_{};
    Rule rule_;
    std::int64_t calls_ = 0;
    std::int64_t fired_ = 0;
};

}  // namespace cariosan::test
