/// A thin layer between SQLite and the file system (sqlite.org/vfs.html): it keeps what a transaction adds to the write-ahead
/// log until the sync, and then writes it in few large pieces. SQLite itself writes each page in two: a header of 24 bytes, and
/// the page.
///
/// It is sound because nobody else reads that part of the log before the sync: other connections learn of a transaction from
/// the log's shared index, which SQLite updates after the sync; and anything this connection does with the log itself (reading
/// a page of the transaction back, asking for the size, truncating it) first writes what is kept. A failed write is reported by
/// the call that needed it, at the latest by the sync, which is before SQLite considers the transaction committed. Kept bytes
/// stay until they are written, so SQLite can continue after an error as if each write had been made in turn; they are dropped
/// when the transaction releases the log, because then it was never committed.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <memory>
#include <string>

namespace cariosan::sqlite {

/// The layer of one connection. Must outlive it.
class GatheredLog {
  public:
    /// On top of the default VFS; null unless that is one of SQLite's own for Unix (`unix...`): another one, such as one that
    /// encrypts, may depend on receiving each page separately.
    static std::unique_ptr<GatheredLog> make();
    ~GatheredLog();
    GatheredLog(const GatheredLog&) = delete;
    GatheredLog& operator=(const GatheredLog&) = delete;

    /// Pass it when opening the connection.
    const char* name() const noexcept { return name_.c_str(); }

    /// Begins to gather; until then everything is written at once. Only for a connection that syncs each commit
    /// (`synchronous` is FULL or EXTRA), outside of a transaction.
    void gather() noexcept { gathers_ = true; }

  private:
    friend struct GatheredFiles;

    explicit GatheredLog(sqlite3_vfs* real);

    int append(sqlite3_file* log, const void* data, int size, sqlite3_int64 at);
    /// Writes the kept bytes. If that fails they are still kept.
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
    /// Whether the device writes part of a sector without touching the rest. Otherwise SQLite pads the last sector of a commit, partly
    /// after the sync.
    bool safe_partial_sectors_ = false;
    std::unique_ptr<char, Free> bytes_;  ///< made with the first write
    sqlite3_int64 start_ = 0;            ///< where in the log `bytes_` belongs
    sqlite3_int64 size_ = 0;             ///< how many bytes of it are used
};

}  // namespace cariosan::sqlite
