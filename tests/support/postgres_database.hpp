/// A database of its own for a test, on the server that CARIOSAN_TEST_POSTGRES names (a connection string or URL).
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

/// A connection for what a test does beside the storage.
class SqlSession {
  public:
    explicit SqlSession(const std::string& connection) : handle_(PQconnectdb(connection.c_str()), PQfinish) {}

    /// The first column of the first row; throws what the server says.
    std::string run(const std::string& sql) const {
        const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(handle_.get(), sql.c_str()), PQclear);
        const ExecStatusType status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(handle_.get()));
        return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
    }

  private:
    std::unique_ptr<PGconn, void (*)(PGconn*)> handle_;
};

/// Runs SQL on a connection of its own.
inline std::string run_sql(const std::string& connection, const std::string& sql) { return SqlSession(connection).run(sql); }

/// The connection string of a database on a server, which is given as a URL or in keywords.
inline std::string database_on(const std::string& server, const std::string& name) {
    const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(PQconninfoParse(server.c_str(), nullptr),
                                                                                 PQconninfoFree);
    if (options == nullptr) throw std::runtime_error("CARIOSAN_TEST_POSTGRES cannot be read");
    std::string text = "dbname='" + name + "'";
    for (const PQconninfoOption* each = options.get(); each->keyword != nullptr; ++each) {
        if (each->val == nullptr || std::string(each->keyword) == "dbname") continue;
        text += std::string(" ") + each->keyword + "='" + each->val + "'";
    }
    return text;
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
    std::string connection() const { return database_on(server_, name_); }
    std::string run(const std::string& sql) const { return run_sql(connection(), sql); }

  private:
    std::string control() const { return database_on(server_, "postgres"); }

    std::string server_;
    std::string name_;
};

}  // namespace cariosan::test
