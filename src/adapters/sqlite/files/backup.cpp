#include "adapters/sqlite/files/backup.hpp"

#include <unistd.h>

#include "adapters/sqlite/sqlite_storage.hpp"

namespace cariosan::sqlite {
namespace {

/// Pages per step: 1 MiB.
constexpr int kStepPages = 256;
/// Syncs the copy as it grows, so that its end need not wait for all of it.
constexpr std::int64_t kSyncPages = 2048;

Error ended() { return {ErrorCode::unavailable, "the backup has failed and was removed"}; }

}  // namespace

Result<Done> copy_database(Connection& source, Connection& target) {
    sqlite3_backup* copying = sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
    if (copying == nullptr) return sqlite_error(sqlite3_extended_errcode(target.handle()));
    const int code = sqlite3_backup_step(copying, -1);
    sqlite3_backup_finish(copying);
    if (code != SQLITE_DONE) return sqlite_error(code);
    return Done{};
}

Result<std::unique_ptr<OnlineBackup>> OnlineBackup::begin(SqliteStorage& storage, const std::string& path,
                                                          const std::shared_ptr<StepFaults>& faults) {
    auto reserved = create_exclusive(path);
    if (!reserved) return reserved.error();
    std::unique_ptr<OnlineBackup> backup(new OnlineBackup(storage, path));
    backup->reserved_ = *std::move(reserved);
    if (auto started = backup->start(faults); !started) return started.error();
    return backup;
}

Result<Done> OnlineBackup::start(const std::shared_ptr<StepFaults>& faults) {
    faults_ = faults;
    remove_file(partial());  // of a backup that was killed
    auto file = create_exclusive(partial());
    if (!file) return file.error();
    partial_file_ = *std::move(file);
    auto target = Connection::open(partial(), Connection::Access::write, faults);
    if (!target) return target.error();
    target_ = *std::move(target);
    // An unfinished copy is discarded as a whole, so it needs no journal; it is synced here.
    if (!target_->execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")) return target_->failure();
    if (auto state = storage_.writer().ready(); !state) return state;
    copying_ =
        sqlite3_backup_init(target_->handle(), "main", storage_.writer().connection().handle(), "main");
    if (copying_ == nullptr) return sqlite_error(sqlite3_extended_errcode(target_->handle()));
    return Done{};
}

OnlineBackup::~OnlineBackup() {
    abandon();
    if (!progress_.finished) {
        remove_file(partial());
        if (reserved_.is_open()) remove_file(path_);
    }
    storage_.backup_ended();
}

void OnlineBackup::abandon() noexcept {
    sqlite3_backup_finish(copying_);
    copying_ = nullptr;
    target_.reset();
}

Result<Done> OnlineBackup::copy_pages(int& code) {
    Connection& source = storage_.writer().connection();
    source.clear_failure();
    if (!source.may_step()) return source.failure();
    code = sqlite3_backup_step(copying_, kStepPages);
    if (code != SQLITE_OK && code != SQLITE_DONE) return sqlite_error(code);
    unsynced_pages_ += kStepPages;
    if (unsynced_pages_ >= kSyncPages) {
        unsynced_pages_ = 0;
        if (::fdatasync(partial_file_.number()) != 0) return file_error("sync", partial());
    }
    return Done{};
}

Result<BackupProgress> OnlineBackup::step() {
    if (progress_.finished) return progress_;
    if (copying_ == nullptr) return ended();
    int code = SQLITE_OK;
    if (auto copied = copy_pages(code); !copied) {
        abandon();
        return copied.error();
    }
    progress_.total = sqlite3_backup_pagecount(copying_);
    progress_.done = progress_.total - sqlite3_backup_remaining(copying_);
    if (code == SQLITE_OK) return progress_;
    auto completed = complete();
    if (!completed) {
        abandon();
        return completed.error();
    }
    progress_.finished = true;
    return progress_;
}

Result<Done> OnlineBackup::complete() {
    sqlite3_backup_finish(copying_);
    copying_ = nullptr;
    target_.reset();
    // Makes it a single file without a log, marked as a copy.
    auto copy = Connection::open(partial(), Connection::Access::write, faults_);
    if (!copy) return copy.error();
    const bool marked =
        (*copy)->execute("PRAGMA journal_mode = DELETE; UPDATE meta SET is_copy = 1 WHERE id = 1");
    if (!marked) return (*copy)->failure();
    copy->reset();
    if (auto synced = sync_file(partial()); !synced) return synced;
    return replace_file(partial(), path_);
}

}  // namespace cariosan::sqlite
