#include "adapters/sqlite/files/gathered_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <type_traits>

namespace cariosan::sqlite {
namespace {

/// The most bytes to keep: about 250 pages, a batch of the largest size.
constexpr sqlite3_int64 kCapacity = sqlite3_int64{1} << 20U;

/// The most that is written at a time: SQLite's VFS for Unix takes pieces of less than 128 KiB.
constexpr sqlite3_int64 kPiece = 124 * 1024;

/// Among the locks in the log's shared index, the one held by the writer (sqlite.org/walformat.html, section 2.3).
constexpr int kWriteLock = 0;

/// Our file; the real one follows it in the same memory.
struct File {
    sqlite3_file base{};
    GatheredLog* log = nullptr;
};

GatheredLog& log_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file)->log; }
sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1); }

/// Calls the same method of the real file.
template <auto Method>
struct Passed;
template <class... Arguments, int (*sqlite3_io_methods::*Method)(sqlite3_file*, Arguments...)>
struct Passed<Method> {
    static int call(sqlite3_file* file, Arguments... arguments) {
        return (real(file)->pMethods->*Method)(real(file), arguments...);
    }
};

void pass_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }

}  // namespace

/// The methods SQLite calls.
struct GatheredFiles {
    static int close_log(sqlite3_file* file) {
        log_of(file).drop();
        return Passed<&sqlite3_io_methods::xClose>::call(file);
    }
    static int read_log(sqlite3_file* file, void* data, int size, sqlite3_int64 at) {
        GatheredLog& log = log_of(file);
        const int code = log.keeps(at, at + size) ? log.flush(real(file)) : SQLITE_OK;
        return code != SQLITE_OK ? code : Passed<&sqlite3_io_methods::xRead>::call(file, data, size, at);
    }
    static int write_log(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
        return log_of(file).append(real(file), data, size, at);
    }
    static int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
        const int code = log_of(file).flush(real(file));
        return code != SQLITE_OK ? code : Passed<&sqlite3_io_methods::xTruncate>::call(file, size);
    }
    static int sync_log(sqlite3_file* file, int flags) {
        const int code = log_of(file).flush(real(file));
        return code != SQLITE_OK ? code : Passed<&sqlite3_io_methods::xSync>::call(file, flags);
    }
    static int log_size(sqlite3_file* file, sqlite3_int64* size) {
        const int code = log_of(file).flush(real(file));
        return code != SQLITE_OK ? code : Passed<&sqlite3_io_methods::xFileSize>::call(file, size);
    }
    /// Of the database's file, where the locks of the log are.
    static int lock_log(sqlite3_file* file, int offset, int count, int flags) {
        constexpr int kEndsWriting = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
        if (offset == kWriteLock && flags == kEndsWriting) log_of(file).drop();
        return Passed<&sqlite3_io_methods::xShmLock>::call(file, offset, count, flags);
    }

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags);
};

namespace {

/// Without `xFetch`: the connection that writes maps no files.
constexpr sqlite3_io_methods methods_of(bool log) {
    return {.iVersion = 2,
            .xClose = log ? GatheredFiles::close_log : Passed<&sqlite3_io_methods::xClose>::call,
            .xRead = log ? GatheredFiles::read_log : Passed<&sqlite3_io_methods::xRead>::call,
            .xWrite = log ? GatheredFiles::write_log : Passed<&sqlite3_io_methods::xWrite>::call,
            .xTruncate = log ? GatheredFiles::truncate_log : Passed<&sqlite3_io_methods::xTruncate>::call,
            .xSync = log ? GatheredFiles::sync_log : Passed<&sqlite3_io_methods::xSync>::call,
            .xFileSize = log ? GatheredFiles::log_size : Passed<&sqlite3_io_methods::xFileSize>::call,
            .xLock = Passed<&sqlite3_io_methods::xLock>::call,
            .xUnlock = Passed<&sqlite3_io_methods::xUnlock>::call,
            .xCheckReservedLock = Passed<&sqlite3_io_methods::xCheckReservedLock>::call,
            .xFileControl = Passed<&sqlite3_io_methods::xFileControl>::call,
            .xSectorSize = Passed<&sqlite3_io_methods::xSectorSize>::call,
            .xDeviceCharacteristics = Passed<&sqlite3_io_methods::xDeviceCharacteristics>::call,
            .xShmMap = Passed<&sqlite3_io_methods::xShmMap>::call,
            .xShmLock = log ? Passed<&sqlite3_io_methods::xShmLock>::call : GatheredFiles::lock_log,
            .xShmBarrier = pass_barrier,
            .xShmUnmap = Passed<&sqlite3_io_methods::xShmUnmap>::call,
            .xFetch = nullptr,
            .xUnfetch = nullptr};
}

constexpr sqlite3_io_methods kDatabaseMethods = methods_of(false);
constexpr sqlite3_io_methods kLogMethods = methods_of(true);

}  // namespace

int GatheredFiles::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    static_assert(std::is_standard_layout_v<File>);
    auto& log = *reinterpret_cast<GatheredLog*>(vfs);
    const bool is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0 && log.log_path_.empty();
    const bool is_log = (flags & SQLITE_OPEN_WAL) != 0 && name != nullptr && log.log_path_ == name;
    // Temporary files and the like are passed through.
    if (!is_database && !is_log) return log.real_->xOpen(log.real_, name, file, flags, out_flags);
    new (file) File{.base = {}, .log = &log};
    real(file)->pMethods = nullptr;
    const int code = log.real_->xOpen(log.real_, name, real(file), flags, out_flags);
    // SQLite may close a file even if opening it failed.
    if (real(file)->pMethods == nullptr) return code;
    file->pMethods = is_log ? &kLogMethods : &kDatabaseMethods;
    if (is_database) {
        const int disk = Passed<&sqlite3_io_methods::xDeviceCharacteristics>::call(file);
        log.safe_partial_sectors_ = (disk & SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0;
    }
    try {
        if (is_database) log.log_path_.assign(name).append("-wal");
    } catch (const std::bad_alloc&) {
        return SQLITE_NOMEM;
    }
    return code;
}

std::unique_ptr<GatheredLog> GatheredLog::make() {
    sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);
    if (real == nullptr || !std::string_view(real->zName).starts_with("unix")) return nullptr;
    std::unique_ptr<GatheredLog> log(new GatheredLog(real));
    return sqlite3_vfs_register(&log->vfs_, 0) == SQLITE_OK ? std::move(log) : nullptr;
}

/// A copy except for the name and the way files are opened, as SQLite's own Unix VFSs are copies of each other.
GatheredLog::GatheredLog(sqlite3_vfs* real)
    : vfs_(*real), real_(real), name_(fmt::format("cariosan-{}", static_cast<const void*>(this))) {
    vfs_.pNext = nullptr;
    vfs_.zName = name_.c_str();
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
    vfs_.xOpen = GatheredFiles::open;
}

GatheredLog::~GatheredLog() { sqlite3_vfs_unregister(&vfs_); }

int GatheredLog::append(sqlite3_file* log, const void* data, int size, sqlite3_int64 at) {
    if (size_ > 0 && (at != start_ + size_ || size_ + size > kCapacity)) {
        if (const int code = flush(log); code != SQLITE_OK) return code;
    }
    const bool gathers = gathers_ && safe_partial_sectors_ && size <= kCapacity;
    if (gathers && bytes_ == nullptr) bytes_.reset(static_cast<char*>(sqlite3_malloc64(kCapacity)));
    if (!gathers || bytes_ == nullptr) return log->pMethods->xWrite(log, data, size, at);
    if (size_ == 0) start_ = at;
    std::memcpy(bytes_.get() + size_, data, static_cast<std::size_t>(size));
    size_ += size;
    return SQLITE_OK;
}

int GatheredLog::flush(sqlite3_file* log) {
    for (sqlite3_int64 done = 0; done < size_; done += kPiece) {
        const auto piece = static_cast<int>(std::min(kPiece, size_ - done));
        const int code = log->pMethods->xWrite(log, bytes_.get() + done, piece, start_ + done);
        if (code != SQLITE_OK) return code;
    }
    drop();
    return SQLITE_OK;
}

}  // namespace cariosan::sqlite
