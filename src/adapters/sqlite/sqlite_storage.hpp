/// The storage: puts writer, readers, lock, mark, checkpoints and backup together.
#pragma once

#include <cariosan/adapters/sqlite.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/sqlite/files/files.hpp"
#include "adapters/sqlite/reader_gate.hpp"
#include "adapters/sqlite/search/search_index.hpp"
#include "adapters/sqlite/sqlite_writer.hpp"

namespace cariosan::sqlite {

class OnlineBackup;

/// 128 random bits as 32 hexadecimal digits: an epoch, the name of a file that is thrown away.
std::string random_name();

class SqliteStorage final : public Storage {
  public:
    static Result<std::unique_ptr<Storage>> open(SqliteOptions options);
    ~SqliteStorage() override;

    std::vector<Result<Committed>> commit(std::span<const Mutation> batch) override;
    Result<bool> maintain() override;
    Result<Done> probe() override;
    Result<std::unique_ptr<Reader>> open_reader() override;
    std::string epoch() const override;
    Result<std::string> rotate_epoch() override;
    Result<std::unique_ptr<Backup>> begin_backup(const std::string& path) override;

    /// For the backup: it runs on the writing connection and says when it is over.
    Writer& writer() noexcept { return *writer_; }
    void backup_ended() noexcept { backup_ = nullptr; }

  private:
    explicit SqliteStorage(SqliteOptions options) : options_(std::move(options)) {}

    Result<Done> prepare_files();
    Result<Done> open_writer();
    Result<Done> check_history();
    /// Writes what opening a database changes: a new epoch, the end of all leases (the file has one owner, so whoever held
    /// one is gone). A full disk is no reason not to read: nothing else is written before this is.
    Result<Done> finish_opening();
    Result<Done> checkpoint();
    Result<Done> run_checkpoint();
    /// Writes the whole log back and cuts the file to nothing, if no reader is in the way.
    Result<Done> empty_log();
    Result<Done> drop_blanked_text();
    Result<Done> mark_if_due();
    Result<Done> write_mark_now();
    Result<Done> drop_search_jobs();
    Result<bool> drop_silences_if_due();
    /// Whether there are more.
    Result<bool> drop_records_if_due();
    Result<bool> drop_deliveries_if_due();
    std::chrono::milliseconds elapsed() const;
    Timestamp now() const;

    SqliteOptions options_;
    std::string path_;
    std::string temporary_folder_;  ///< of a memory database: removed with all that is in it
    std::optional<DatabaseLock> lock_;
    std::shared_ptr<StepFaults> faults_;
    ReaderGate gate_;
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<SearchIndex> index_;  ///< null: no search
    OnlineBackup* backup_ = nullptr;  ///< the running one

    mutable std::mutex epoch_mutex_;
    std::string epoch_;
    bool epoch_unsaved_ = false;  ///< it is in force already, and not yet in the file
    bool leases_held_ = false;    ///< by a process that is gone
    bool room_unknown_ = true;    ///< no probe has asked for it since the start, or since a commit failed

    std::int64_t marked_commits_ = -1;
    std::chrono::milliseconds marked_at_{0};
    std::chrono::milliseconds silences_due_{0};  ///< when silences that are over are looked for next
    std::chrono::milliseconds records_due_{0};  ///< likewise old records of moderation
    std::chrono::milliseconds deliveries_due_{0};  ///< when deliveries that are over are looked for next
    std::int64_t next_checkpoint_pages_ = 0;
    std::int64_t dropped_jobs_ = 0;  ///< of `search_jobs`, since the start
    std::optional<std::chrono::milliseconds> blanked_text_due_;  ///< when the log is emptied next
};

}  // namespace cariosan::sqlite
