/// A failing disk: a default VFS between SQLite and the operating system (sqlite.org/vfs.html).
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>

namespace cariosan::test {

enum class DiskCall : std::uint8_t { write, sync, truncate, open, remove };

/// Registered as the default VFS during its lifetime. Only one may exist at a time, and everything opened through it must
/// be closed before it ends. For one thread.
class FaultyDisk {
  public:
    /// The default name begins like those of SQLite's own Unix VFSes, and is treated like them.
    explicit FaultyDisk(const char* name = "unix-faulty");
    ~FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    /// Called with the number of the call since arming. The call returns the result, unless it is SQLITE_OK.
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
