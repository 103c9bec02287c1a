/// The storage: connects writer, readers, lock, mark, checkpoints and backup.
#pragma once

#include <cariosan/adapters/sqlite.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/sqlite/files/files.hpp"
#include "adapters/sqlite/checkpoint_gate.hpp"
#include "adapters/sqlite/search/search_index.hpp"
#include "adapters/sqlite/sqlite_writer.hpp"

namespace cariosan::sqlite {

class OnlineBackup;

/// 128 random bits as 32 hexadecimal digits, for epochs and names of temporary files.
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

    /// For the backup, which runs on the writing connection and reports its end here.
    Writer& writer() noexcept { return *writer_; }
    void backup_ended() noexcept { backup_ = nullptr; }

  private:
    explicit SqliteStorage(SqliteOptions options) : options_(std::move(options)) {}

    Result<Done> prepare_files();
    Result<Done> open_writer();
    Result<Done> check_history();
    /// Writes what opening a database changes: a new epoch, and the end of all leases (one process owns the file, so their
    /// holders are gone). If the disk is full, reading still works, but no commit is accepted before this is written.
    Result<Done> finish_opening();
    Result<Done> checkpoint();
    Result<Done> run_checkpoint();
    /// Writes the whole log back and truncates it, unless a reader is in the way.
    Result<Done> empty_log();
    Result<Done> drop_blanked_text();
    Result<Done> mark_if_due();
    Result<Done> write_mark_now();
    Result<Done> drop_search_jobs();
    Result<bool> drop_silences_if_due();
    /// True if there is more to do.
    Result<bool> drop_records_if_due();
    Result<bool> drop_deliveries_if_due();
    std::chrono::milliseconds elapsed() const;
    Timestamp now() const;

    SqliteOptions options_;
    std::string path_;
    std::string temporary_folder_;  ///< of a memory database: deleted with its contents at the end
    std::optional<DatabaseLock> lock_;
    std::shared_ptr<StepFaults> faults_;
    CheckpointGate gate_;
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<SearchIndex> index_;  ///< null: no search
    OnlineBackup* backup_ = nullptr;  ///< in progress, or null

    mutable std::mutex epoch_mutex_;
    std::string epoch_;
    bool epoch_unsaved_ = false;  ///< the epoch is in force, but not yet in the file
    bool leases_held_ = false;    ///< by a process that is gone
    bool room_unknown_ = true;    ///< the free space was not checked since the start or since a commit failed

    std::int64_t marked_commits_ = -1;
    std::chrono::milliseconds marked_at_{0};
    std::chrono::milliseconds silences_due_{0};  ///< when expired silences are next looked for
    std::chrono::milliseconds records_due_{0};  ///< when old moderation records are next looked for
    std::chrono::milliseconds deliveries_due_{0};  ///< when old deliveries are next looked for
    std::int64_t next_checkpoint_pages_ = 0;
    std::int64_t dropped_jobs_ = 0;  ///< the highest id dropped from `search_jobs` since the start
    std::optional<std::chrono::milliseconds> blanked_text_due_;  ///< when the log is next emptied
};

}  // namespace cariosan::sqlite
