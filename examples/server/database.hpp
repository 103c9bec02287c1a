/// Where the server keeps its data, as `CARIOS_DATABASE_URL` says, and the files that belong to it.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/storage.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace cariosan::server {

struct Database {
    enum class Kind : std::uint8_t { sqlite, postgres };

    Kind kind = Kind::sqlite;
    /// SQLite's file, or ":memory:". PostgreSQL: the name that the files in the current folder begin with.
    std::string path = "cariosan.db";
    std::string url{};  ///< PostgreSQL's. May contain a password: never shown
    bool prepared_statements = true;  ///< PostgreSQL's; false behind a pooler that moves sessions between transactions

    bool in_memory() const { return kind == Kind::sqlite && path == ":memory:"; }
    /// Several processes can have it open at once.
    bool is_shared() const { return kind == Kind::postgres; }
    /// How messages and the log call it.
    std::string name() const { return kind == Kind::sqlite ? path : "PostgreSQL"; }
    /// Whether a SQLite file is there. PostgreSQL's tables are made when it is opened.
    bool exists() const;

    /// Commands reach the server that has the database through a socket, unless they can open the database themselves.
    bool has_admin_socket() const { return !in_memory() && !is_shared(); }
    std::string admin_socket_path() const { return path + ".sock"; }
    std::string jwt_secret_path() const { return path + ".jwt-secret"; }
    std::string demo_key_path() const { return path + ".demo-key"; }
    std::string vapid_key_path() const { return path + ".vapid-key"; }
    std::string attachments_path() const { return path + ".files"; }
};

/// Whether this build has the adapter of such a database, and that of Redis.
bool is_supported(Database::Kind kind);
bool is_redis_supported();

/// How many reader threads an engine over it should have.
std::size_t reader_threads(const Database& database);

/// Opens it. Waits for disk or network.
Result<std::unique_ptr<Storage>> open_storage(const Database& database);

}  // namespace cariosan::server
