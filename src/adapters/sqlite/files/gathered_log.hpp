/// A thin layer between SQLite and the file system (sqlite.org/vfs.html): what a transaction adds to the write-ahead log
/// is kept until it is synced, and then written in few large pieces. SQLite itself writes each page in two: a header of 24
/// bytes, and the page.
///
/// It is sound because nobody else looks at that part of the log before the sync: other connections learn of a
/// transaction from the shared index of the log, which SQLite updates after the sync; whatever this connection does with
/// the log itself (reading a page of the transaction back, asking for the size, cutting it off) writes what is kept first.
/// A write that fails is reported by the call that made it necessary, at the latest by the sync, which is before SQLite
/// takes the transaction for committed. What is kept stays kept until it is written, so that SQLite can go on after an
/// error just as if each write had been made in its turn; it is dropped when the transaction lets go of the log, for then
/// it was never committed.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <memory>
#include <string>

namespace cariosan::sqlite {

/// The layer of one connection. Must outlive it.
class GatheredLog {
  public:
    /// Over the default VFS; null if that is none of SQLite's own for Unix (`unix...`): one that encrypts, for example, may
    /// depend on getting each page by itself.
    static std::unique_ptr<GatheredLog> make();
    ~GatheredLog();
    GatheredLog(const GatheredLog&) = delete;
    GatheredLog& operator=(const GatheredLog&) = delete;

    /// To be named when the connection is opened.
    const char* name() const noexcept { return name_.c_str(); }

    /// Begins to gather; until then everything is written at once. Only for a connection that syncs each commit
    /// (`synchronous` is FULL or EXTRA), outside of a transaction.
    void gather() noexcept { gathers_ = true; }

  private:
    friend struct GatheredFiles;

    explicit GatheredLog(sqlite3_vfs* real);

    int append(sqlite3_file* log, const void* data, int size, sqlite3_int64 at);
    /// Writes what is kept. If that fails it is still kept.
    int flush(sqlite3_file* log);
    void drop() noexcept { size_ = 0; }
    bool keeps(sqlite3_int64 from, sqlite3_int64 to) const noexcept {
        return size_ > 0 && from < start_ + size_ && to > start_;
    }

    struct Free {
        void operator()(char* bytes) const { sqlite3_free(bytes); }
    };

    sqlite3_vfs vfs_{};  // first, so that SQLite's pointer to it is one to this object
    sqlite3_vfs* real_;
    std::string name_;
    std::string log_path_;  ///< of the main database
    bool gathers_ = false;
    /// Writing to a part of a sector leaves the rest of it alone. Where it does not, SQLite fills up the last sector of a
    /// commit, partly behind the sync.
    bool suits_ = false;
    std::unique_ptr<char, Free> bytes_;  ///< made with the first write
    sqlite3_int64 start_ = 0;            ///< where in the log `bytes_` belongs
    sqlite3_int64 size_ = 0;             ///< how much of it is kept
};

}  // namespace cariosan::sqlite
