/// A database of its own for a test, on the server that CARIOSAN_TEST_POSTGRES names (a connection string without `dbname`).
#pragma once

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace cariosan::test {

/// Runs SQL on a connection of its own, and returns the first column of the first row.
inline std::string run_sql(const std::string& connection, const std::string& sql) {
    const std::unique_ptr<PGconn, void (*)(PGconn*)> handle(PQconnectdb(connection.c_str()), PQfinish);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(handle.get(), sql.c_str()), PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(handle.get()));
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

class PostgresDatabase {
  public:
    /// The server; absent, and said so, if there is none.
    static std::optional<std::string> server() {
        const char* server = std::getenv("CARIOSAN_TEST_POSTGRES");
        if (server != nullptr && *server != '\0') return server;
        std::puts("skipped: no PostgreSQL server, CARIOSAN_TEST_POSTGRES is not set");
        return std::nullopt;
    }

    /// A new database: empty, or like `original`.
    explicit PostgresDatabase(std::string server, const std::string& original = "template0") : server_(std::move(server)) {
        static std::atomic<int> made{0};
        name_ = "cariosan_test_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
        run_sql(control(), "CREATE DATABASE " + name_ + " TEMPLATE " + original + " ENCODING 'UTF8'");
    }
    ~PostgresDatabase() {
        try {
            run_sql(control(), "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
        }
    }
    PostgresDatabase(const PostgresDatabase&) = delete;
    PostgresDatabase& operator=(const PostgresDatabase&) = delete;

    const std::string& name() const { return name_; }
    std::string connection() const { return server_ + " dbname=" + name_; }
    std::string run(const std::string& sql) const { return run_sql(connection(), sql); }

  private:
    std::string control() const { return server_ + " dbname=postgres"; }

    std::string server_;
    std::string name_;
};

}  // namespace cariosan::test
