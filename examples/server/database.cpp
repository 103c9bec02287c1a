#include "database.hpp"

#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/engine.hpp>
#ifdef CARIOSAN_SERVER_POSTGRES
#include <cariosan/adapters/postgres.hpp>
#endif

#include <unistd.h>

namespace cariosan::server {

bool Database::exists() const { return kind != Kind::sqlite || (!in_memory() && ::access(path.c_str(), F_OK) == 0); }

bool is_supported(Database::Kind kind) {
#ifdef CARIOSAN_SERVER_POSTGRES
    static_cast<void>(kind);
    return true;
#else
    return kind == Database::Kind::sqlite;
#endif
}

bool is_redis_supported() {
#ifdef CARIOSAN_SERVER_REDIS
    return true;
#else
    return false;
#endif
}

std::size_t reader_threads(const Database& database) {
#ifdef CARIOSAN_SERVER_POSTGRES
    if (database.kind == Database::Kind::postgres) return kPostgresReaders;
#endif
    static_cast<void>(database);
    return EngineOptions().reader_threads;
}

Result<std::unique_ptr<Storage>> open_storage(const Database& database) {
#ifdef CARIOSAN_SERVER_POSTGRES
    if (database.kind == Database::Kind::postgres) {
        return open_postgres({.connection = database.url, .prepared_statements = database.prepared_statements});
    }
#endif
    return open_sqlite({.path = database.path});
}

}  // namespace cariosan::server
