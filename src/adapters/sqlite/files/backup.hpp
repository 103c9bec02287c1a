/// Online backup, made by the writing connection some pages at a time between its commits: from another connection it would
/// restart at every write and never end under load.
#pragma once

#include <cariosan/storage.hpp>
#include <memory>
#include <string>

#include "adapters/sqlite/files/files.hpp"
#include "adapters/sqlite/sqlite_connection.hpp"

namespace cariosan::sqlite {

class SqliteStorage;

/// Copies every page of `source` into `target` at once. For files that nobody writes.
Result<Done> copy_database(Connection& source, Connection& target);

class OnlineBackup final : public Backup {
  public:
    static Result<std::unique_ptr<OnlineBackup>> begin(SqliteStorage& storage, const std::string& path,
                                                       const std::shared_ptr<StepFaults>& faults);
    ~OnlineBackup() override;

    Result<BackupProgress> step() override;
    /// The writing connection is about to be closed: the backup has failed.
    void abandon() noexcept;

  private:
    OnlineBackup(SqliteStorage& storage, std::string path) : storage_(storage), path_(std::move(path)) {}

    std::string partial() const { return path_ + ".partial"; }
    Result<Done> start(const std::shared_ptr<StepFaults>& faults);
    Result<Done> copy_pages(int& code);
    Result<Done> complete();

    SqliteStorage& storage_;
    std::string path_;
    std::shared_ptr<StepFaults> faults_;
    std::unique_ptr<Connection> target_;
    sqlite3_backup* copying_ = nullptr;
    Descriptor reserved_;      ///< holds the name until the copy is complete
    Descriptor partial_file_;  ///< of the copy, to sync it while it grows
    std::int64_t unsynced_pages_ = 0;
    BackupProgress progress_;
};

}  // namespace cariosan::sqlite
