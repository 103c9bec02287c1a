/// Databases of PostgreSQL. Making one and dropping it takes longer than most tests, so each is emptied and used again, by whichever
/// program comes next. Needs a server: CARIOSAN_TEST_POSTGRES.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "conformance/storage_kind.hpp"
#include "support/postgres_database.hpp"

namespace cariosan::test {

/// A database with empty tables that nobody else uses while this object lives.
class PooledDatabase {
  public:
    explicit PooledDatabase(const std::string& server);

    std::string connection() const { return database_on(server_, name_); }
    std::string run(const std::string& sql) const { return run_sql(connection(), sql); }

  private:
    std::string server_;
    SqlSession control_;  ///< holds the lock of the name
    std::string name_;
};

class Postgres final : public StorageKind {
  public:
    static bool available() { return PostgresDatabase::server().has_value(); }

    Postgres();
    Result<std::unique_ptr<Storage>> open(OpenOptions options) override;
    bool persistent() const override { return true; }
    std::string path(const std::string& name) const override { return folder_ / name; }
    Result<std::unique_ptr<Storage>> open_backup(const std::string& path) override;

    const PooledDatabase& database() const { return *database_; }

  private:
    TemporaryFolder folder_;
    std::unique_ptr<PooledDatabase> database_;
};

}  // namespace cariosan::test
