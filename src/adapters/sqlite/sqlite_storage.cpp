#include "adapters/sqlite/sqlite_storage.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include "adapters/sql/kept.hpp"
#include "adapters/sqlite/files/backup.hpp"
#include "adapters/sqlite/purge/purge.hpp"
#include "adapters/sqlite/reader.hpp"

namespace cariosan {

bool switch_off_sqlite_memory_statistics() noexcept {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK;
}

Result<std::unique_ptr<Storage>> open_sqlite(SqliteOptions options) {
    return sqlite::SqliteStorage::open(std::move(options));
}

namespace sqlite {
namespace {

using std::chrono::milliseconds;

/// The log is checkpointed once it has about 64 MB.
constexpr std::int64_t kCheckpointPages = 16000;
/// After a checkpoint that could not finish or did not restart the log, the next attempt comes this many pages later.
constexpr std::int64_t kCheckpointRetryPages = 4000;
/// How long a checkpoint waits for running reads to end.
constexpr milliseconds kReadersDrainLimit{100};
constexpr milliseconds kMarkInterval{1000};
/// The log space that a commit of a few messages needs. On a disk with less, the next commit would fail again.
constexpr std::int64_t kProbeRoom = 256 * 1024;
/// Unsent text may stay in the log for ten minutes: half of that is left for retries.
constexpr milliseconds kBlankedTextLimit{5 * 60 * 1000};
constexpr milliseconds kBlankedTextRetry{10 * 1000};

Result<std::string> make_temporary_folder() {
    std::error_code code;
    const auto base = std::filesystem::temp_directory_path(code);
    if (code)
        return Error(ErrorCode::unavailable, "there is no folder for temporary files: " + code.message());
    std::string name = (base / "cariosan-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) return file_error("create", name);
    return name;
}

}  // namespace

std::string random_name() {
    std::random_device source;
    std::string name;
    for (int i = 0; i < 4; ++i) name += fmt::format("{:08x}", source());
    return name;
}

Result<std::unique_ptr<Storage>> SqliteStorage::open(SqliteOptions options) {
    std::unique_ptr<SqliteStorage> storage(new SqliteStorage(std::move(options)));
    Result<Done> opened = storage->prepare_files();
    if (opened) opened = storage->open_writer();
    if (opened) opened = storage->check_history();
    if (!opened) return opening_error(storage->options_.path, opened.error());
    if (storage->options_.search) {
        storage->index_ = std::make_unique<SearchIndex>(
            SearchIndexOptions{.database = storage->path_,
                               .durable = storage->temporary_folder_.empty(),
                               .cleaning = storage->options_.search_cleaning},
            storage->gate_);
    }
    return std::unique_ptr<Storage>(std::move(storage));
}

SqliteStorage::~SqliteStorage() {
    // Text that was removed from the index must not stay in the file until the next start.
    if (writer_ != nullptr && index_ != nullptr) static_cast<void>(drop_search_jobs());
    index_.reset();
    // May fail: an outdated mark only means that fewer replaced files are detected.
    if (writer_ != nullptr && writer_->commits() != marked_commits_) static_cast<void>(write_mark_now());
    writer_.reset();
    if (temporary_folder_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove_all(temporary_folder_, ignored);
}

Result<Done> SqliteStorage::prepare_files() {
    faults_ = std::make_shared<StepFaults>(options_.fail_step);
    if (!options_.clock) options_.clock = system_clock();
    if (options_.path.empty()) return Error(ErrorCode::misuse, "SqliteOptions::path is empty");
    if (options_.path == ":memory:") {
        auto folder = make_temporary_folder();
        if (!folder) return folder.error();
        temporary_folder_ = *folder;
        path_ = temporary_folder_ + "/memory.db";
    } else {
        path_ = options_.path;
        auto lock = DatabaseLock::take(path_);
        if (!lock) return lock.error();
        lock_.emplace(*std::move(lock));
    }
    return create_private(path_);
}

Result<Done> SqliteStorage::open_writer() {
    WriterOptions options;
    options.path = path_;
    options.durable = temporary_folder_.empty();
    options.first_epoch = random_name();
    options.faults = faults_;
    options.before_reopen = [this] {
        if (backup_ != nullptr) backup_->abandon();
    };
    auto writer = Writer::open(std::move(options));
    if (!writer) return writer.error();
    writer_ = *std::move(writer);
    return Done{};
}

Result<Done> SqliteStorage::check_history() {
    Connection& connection = writer_->connection();
    const auto epoch = connection.query_text("SELECT epoch FROM meta WHERE id = 1");
    const bool is_copy = connection.query_integer("SELECT is_copy FROM meta WHERE id = 1").value_or(0) != 0;
    if (connection.failed()) return connection.failure();
    epoch_ = epoch.value_or("");
    marked_at_ = elapsed();
    if (!temporary_folder_.empty()) return Done{};
    if (is_copy || was_replaced(path_, {epoch_, writer_->commits()})) {
        epoch_ = random_name();
        epoch_unsaved_ = true;
    }
    leases_held_ =
        connection.query_integer("SELECT count(*) FROM webhooks INDEXED BY webhooks_leased WHERE lease_owner IS NOT NULL")
                .value_or(0) != 0 ||
        connection.query_integer("SELECT count(*) FROM push_jobs INDEXED BY push_jobs_leased WHERE owner IS NOT NULL")
                .value_or(0) != 0;
    if (connection.failed()) return connection.failure();
    auto finished = finish_opening();
    if (!finished && finished.error().code != ErrorCode::unavailable) return finished;
    // May fail: an outdated mark only means that fewer replaced files are detected.
    static_cast<void>(write_mark_now());
    return Done{};
}

Result<Done> SqliteStorage::finish_opening() {
    if (!epoch_unsaved_ && !leases_held_) return Done{};
    auto done = writer_->transaction([this](WriteStatements& sql) {
        if (epoch_unsaved_) sql.set_epoch.run(epoch_);
        sql.outbox.clear_leases.run();
        sql.end_push_leases.run();
    });
    if (!done) return done;
    // The mark must be rewritten: one of another epoch makes the next start begin a new epoch.
    if (std::exchange(epoch_unsaved_, false)) marked_commits_ = -1;
    leases_held_ = false;
    return done;
}

std::vector<Result<Committed>> SqliteStorage::commit(std::span<const Mutation> batch) {
    const auto opened = finish_opening();
    auto answers = opened ? writer_->commit(batch)
                          : std::vector<Result<Committed>>(batch.size(), Result<Committed>(opened.error()));
    room_unknown_ = room_unknown_ || std::ranges::any_of(answers, [](const Result<Committed>& answer) {
                        return !answer && answer.error().code == ErrorCode::unavailable;
                    });
    if (index_ != nullptr) index_->wake();
    return answers;
}

Result<Done> SqliteStorage::probe() {
    Result<Done> done = finish_opening();
    if (done && room_unknown_) done = check_room(path_ + ".room", kProbeRoom);
    if (done) done = writer_->transaction([](WriteStatements&) {});
    room_unknown_ = !done;
    return done;
}

std::string SqliteStorage::epoch() const {
    const std::lock_guard lock(epoch_mutex_);
    return epoch_;
}

Result<std::string> SqliteStorage::rotate_epoch() {
    const std::string fresh = random_name();
    const auto done = writer_->transaction([&](WriteStatements& sql) { sql.set_epoch.run(fresh); });
    if (!done) return done.error();
    {
        const std::lock_guard lock(epoch_mutex_);
        epoch_ = fresh;
    }
    epoch_unsaved_ = false;
    // If this write fails, `maintain` retries it: a mark of another epoch makes the next start begin a new epoch.
    marked_commits_ = -1;
    static_cast<void>(write_mark_now());
    // Makes the index rebuild itself: it belongs to the old epoch.
    if (index_ != nullptr) index_->wake();
    return fresh;
}

milliseconds SqliteStorage::elapsed() const { return options_.clock->elapsed(); }

Timestamp SqliteStorage::now() const { return options_.clock->now(); }

Result<bool> SqliteStorage::drop_silences_if_due() {
    const milliseconds moment = elapsed();
    if (moment < silences_due_) return false;
    Result<bool> more = purge_silences(*writer_, now());
    if (!more || !*more) silences_due_ = moment + sql::kExpiryInterval;
    return more;
}

Result<bool> SqliteStorage::drop_records_if_due() {
    const milliseconds moment = elapsed();
    if (moment < records_due_) return false;
    const Timestamp before{now().milliseconds - milliseconds(sql::kRecordsKept).count()};
    Result<bool> more = drop_records(*writer_, before);
    if (!more || !*more) records_due_ = moment + sql::kExpiryInterval;
    return more;
}

Result<bool> SqliteStorage::drop_deliveries_if_due() {
    const milliseconds moment = elapsed();
    if (moment < deliveries_due_) return false;
    Result<bool> more = purge_deliveries(*writer_, now());
    if (!more || !*more) deliveries_due_ = moment + sql::kExpiryInterval;
    return more;
}

Result<Done> SqliteStorage::write_mark_now() {
    if (!temporary_folder_.empty() || epoch_unsaved_) return Done{};
    const std::int64_t commits = writer_->commits();
    auto written = write_mark(path_, {epoch(), commits});
    if (written) marked_commits_ = commits;
    return written;
}

Result<Done> SqliteStorage::mark_if_due() {
    if (writer_->commits() == marked_commits_) return Done{};
    const milliseconds now = elapsed();
    if (now - marked_at_ < kMarkInterval) return Done{};
    marked_at_ = now;
    return write_mark_now();
}

Result<Done> SqliteStorage::run_checkpoint() {
    if (auto state = writer_->ready(); !state) return state;
    Connection& connection = writer_->connection();
    if (!connection.may_step()) return connection.failure();
    const int code =
        sqlite3_wal_checkpoint_v2(connection.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    // Busy: another program holds a lock. A later checkpoint takes care of the log.
    if (code != SQLITE_OK && code != SQLITE_BUSY) return sqlite_error(code, sqlite3_system_errno(connection.handle()));
    return Done{};
}

Result<Done> SqliteStorage::checkpoint() {
    const std::int64_t pages = writer_->log_pages();
    if (pages < kCheckpointPages || pages < next_checkpoint_pages_) return Done{};
    next_checkpoint_pages_ = pages + kCheckpointRetryPages;
    // Most of the work, while reads continue.
    if (auto done = run_checkpoint(); !done) return done;
    // The rest, with readers kept out, so that the next commit restarts the log from its beginning.
    if (!gate_.close(kReadersDrainLimit)) return Done{};
    const auto done = run_checkpoint();
    gate_.open();
    return done;
}

Result<Done> SqliteStorage::drop_search_jobs() {
    if (auto state = writer_->ready(); !state) return state;
    std::int64_t applied = 0;
    if (index_ != nullptr) {
        applied = index_->applied_jobs();
    } else {
        // No index will apply these jobs. One that misses them is rebuilt when it is opened.
        applied = writer_->connection().query_integer("SELECT max(id) FROM search_jobs").value_or(0);
        if (writer_->connection().failed()) return writer_->connection().failure();
    }
    if (applied <= dropped_jobs_) return Done{};
    const auto done = writer_->transaction([&](WriteStatements& sql) { sql.drop_search_jobs.run(applied); });
    if (!done) return done;
    dropped_jobs_ = applied;
    writer_->set_text_blanked(true);  // the jobs held unsent text
    return done;
}

Result<Done> SqliteStorage::empty_log() {
    if (auto state = writer_->ready(); !state) return state;
    Connection& connection = writer_->connection();
    if (!connection.may_step()) return connection.failure();
    if (!gate_.close(kReadersDrainLimit)) return Done{};
    int left = -1;
    const int code = sqlite3_wal_checkpoint_v2(connection.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, &left, nullptr);
    gate_.open();
    if (code == SQLITE_BUSY) return Done{};
    if (code != SQLITE_OK) return sqlite_error(code, sqlite3_system_errno(connection.handle()));
    if (left == 0) {
        writer_->set_log_pages(0);
        writer_->set_text_blanked(false);
        blanked_text_due_.reset();
    }
    return Done{};
}

Result<Done> SqliteStorage::drop_blanked_text() {
    if (!writer_->text_blanked()) return Done{};
    const milliseconds now = elapsed();
    if (!blanked_text_due_) blanked_text_due_ = now + kBlankedTextLimit;
    if (now < *blanked_text_due_) return Done{};
    blanked_text_due_ = now + kBlankedTextRetry;
    return empty_log();
}

Result<bool> SqliteStorage::maintain() {
    if (auto opened = finish_opening(); !opened) return opened.error();
    if (writer_->log_pages() < kCheckpointPages) next_checkpoint_pages_ = kCheckpointPages;
    const auto marked = mark_if_due();
    const auto checkpointed = checkpoint();
    const auto dropped = drop_search_jobs();
    const auto emptied = drop_blanked_text();
    const auto silences = drop_silences_if_due();
    const auto records = drop_records_if_due();
    const auto deliveries = drop_deliveries_if_due();
    Result<bool> more = false;
    if (writer_->purge_wanted()) {
        more = purge_step(*writer_);
        if (more && !*more) writer_->purge_done();
        // The purge left jobs for the index.
        if (index_ != nullptr) index_->wake();
    }
    if (!more) return more.error();
    if (!checkpointed) return checkpointed.error();
    if (!dropped) return dropped.error();
    if (!emptied) return emptied.error();
    if (!marked) return marked.error();
    if (!silences) return silences.error();
    if (!records) return records.error();
    if (!deliveries) return deliveries.error();
    return *more || *silences || *records || *deliveries;
}

Result<std::unique_ptr<Reader>> SqliteStorage::open_reader() {
    return open_sqlite_reader(path_, faults_, gate_, index_.get());
}

Result<std::unique_ptr<Backup>> SqliteStorage::begin_backup(const std::string& path) {
    if (backup_ != nullptr) return Error(ErrorCode::conflict, "another backup is running");
    auto backup = OnlineBackup::begin(*this, path, faults_);
    if (!backup) return backup.error();
    backup_ = backup->get();
    return std::unique_ptr<Backup>(*std::move(backup));
}

}  // namespace sqlite
}  // namespace cariosan
