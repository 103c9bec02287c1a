#include "conformance/faulty_disk.hpp"

#include <doctest/doctest.h>

#include <utility>

namespace cariosan::test {
namespace {

/// Our file; the real one follows it in the same memory.
struct File {
    sqlite3_file base{};
    FaultyDisk* disk = nullptr;
};

File* ours(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(ours(file) + 1); }
const sqlite3_io_methods& methods(sqlite3_file* file) { return *real(file)->pMethods; }
int fault(sqlite3_file* file, DiskCall call) { return ours(file)->disk->next(call); }

int close_file(sqlite3_file* f) {
    return real(f)->pMethods == nullptr ? SQLITE_OK : methods(f).xClose(real(f));
}
int read_file(sqlite3_file* f, void* data, int size, sqlite3_int64 at) {
    return methods(f).xRead(real(f), data, size, at);
}
int write_file(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
    const int code = fault(f, DiskCall::write);
    // Half of it is written, as on a full disk.
    if (code != SQLITE_OK) methods(f).xWrite(real(f), data, size / 2, at);
    return code != SQLITE_OK ? code : methods(f).xWrite(real(f), data, size, at);
}
int truncate_file(sqlite3_file* f, sqlite3_int64 size) {
    const int code = fault(f, DiskCall::truncate);
    return code != SQLITE_OK ? code : methods(f).xTruncate(real(f), size);
}
int sync_file(sqlite3_file* f, int flags) {
    const int code = fault(f, DiskCall::sync);
    return code != SQLITE_OK ? code : methods(f).xSync(real(f), flags);
}
int file_size(sqlite3_file* f, sqlite3_int64* size) { return methods(f).xFileSize(real(f), size); }
int lock_file(sqlite3_file* f, int level) { return methods(f).xLock(real(f), level); }
int unlock_file(sqlite3_file* f, int level) { return methods(f).xUnlock(real(f), level); }
int check_reserved_lock(sqlite3_file* f, int* out) { return methods(f).xCheckReservedLock(real(f), out); }
int file_control(sqlite3_file* f, int what, void* argument) {
    return methods(f).xFileControl(real(f), what, argument);
}
int sector_size(sqlite3_file* f) { return methods(f).xSectorSize(real(f)); }
int device_characteristics(sqlite3_file* f) { return methods(f).xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
    return methods(f).xShmMap(real(f), page, size, extend, out);
}
int shm_lock(sqlite3_file* f, int offset, int count, int flags) {
    return methods(f).xShmLock(real(f), offset, count, flags);
}
void shm_barrier(sqlite3_file* f) { methods(f).xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int remove) { return methods(f).xShmUnmap(real(f), remove); }

constexpr sqlite3_io_methods kMethods{2,
                                      close_file,
                                      read_file,
                                      write_file,
                                      truncate_file,
                                      sync_file,
                                      file_size,
                                      lock_file,
                                      unlock_file,
                                      check_reserved_lock,
                                      file_control,
                                      sector_size,
                                      device_characteristics,
                                      shm_map,
                                      shm_lock,
                                      shm_barrier,
                                      shm_unmap,
                                      nullptr,
                                      nullptr};

FaultyDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<FaultyDisk*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* f, int flags, int* out_flags) {
    FaultyDisk& disk = disk_of(vfs);
    f->pMethods = nullptr;
    ours(f)->disk = &disk;
    if (const int code = disk.next(DiskCall::open); code != SQLITE_OK) return code;
    const int code = disk.real()->xOpen(disk.real(), name, real(f), flags, out_flags);
    if (code == SQLITE_OK) f->pMethods = &kMethods;
    return code;
}

int remove_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    FaultyDisk& disk = disk_of(vfs);
    const int code = disk.next(DiskCall::remove);
    return code != SQLITE_OK ? code : disk.real()->xDelete(disk.real(), name, sync_folder);
}

}  // namespace

FaultyDisk::FaultyDisk(const char* name) : real_(sqlite3_vfs_find(nullptr)) {
    vfs_ = *real_;
    vfs_.pNext = nullptr;
    vfs_.zName = name;
    vfs_.pAppData = this;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = open_file;
    vfs_.xDelete = remove_file;
    REQUIRE(sqlite3_vfs_register(&vfs_, 1) == SQLITE_OK);
}

FaultyDisk::~FaultyDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
}

void FaultyDisk::arm(Rule rule) {
    rule_ = std::move(rule);
    calls_ = 0;
    fired_ = 0;
}

int FaultyDisk::next(DiskCall call) {
    if (!rule_) return SQLITE_OK;
    const int code = rule_(call, ++calls_);
    if (code != SQLITE_OK) ++fired_;
    return code;
}

}  // namespace cariosan::test
