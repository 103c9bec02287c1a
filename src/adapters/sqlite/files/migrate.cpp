#include "adapters/sqlite/files/migrate.hpp"

#include <fmt/format.h>

#include "adapters/sqlite/statement.hpp"
#include "sqlite_migrations.hpp"

namespace cariosan::sqlite {
namespace {

/// "CARI", in the header of the file (PRAGMA application_id): tells our databases from others.
constexpr std::int64_t kApplicationId = 0x43415249;

struct Identity {
    std::int64_t application = 0;
    std::int64_t schema = 0;
    std::int64_t tables = 0;
};

Identity identify(Connection& connection) {
    Identity identity;
    identity.application = connection.query_integer("PRAGMA application_id").value_or(0);
    identity.schema = connection.query_integer("PRAGMA user_version").value_or(0);
    identity.tables = connection.query_integer("SELECT count(*) FROM sqlite_schema").value_or(0);
    return identity;
}

Result<Done> accept(const Identity& identity) {
    const bool fresh = identity.application == 0 && identity.schema == 0 && identity.tables == 0;
    if (!fresh && identity.application != kApplicationId) {
        return Error(ErrorCode::misuse, "the file is an SQLite database of another program");
    }
    if (identity.schema > newest_schema()) {
        return Error(ErrorCode::misuse,
                     fmt::format("the database was written by a newer version (schema {}; this one knows {})",
                                 identity.schema, newest_schema()));
    }
    return Done{};
}

bool apply_missing(Connection& connection, std::int64_t applied, const std::string& epoch) {
    std::int64_t number = 0;
    for (const EmbeddedFile& file : sqlite_migrations()) {
        if (++number > applied) connection.execute(std::string(file.content).c_str());
    }
    connection.execute(
        fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}", number, kApplicationId).c_str());
    if (applied == 0) {
        Statement insert(connection, "INSERT INTO meta (id, epoch, commits, is_copy) VALUES (1, ?1, 0, 0)");
        insert.run(epoch);
    }
    return !connection.failed();
}

}  // namespace

std::int64_t newest_schema() { return static_cast<std::int64_t>(sqlite_migrations().size()); }

Result<Done> migrate(Connection& connection, const std::string& epoch) {
    const Identity identity = identify(connection);
    if (connection.failed()) return connection.failure();
    if (auto accepted = accept(identity); !accepted) return accepted;
    if (identity.schema == newest_schema()) return Done{};
    if (connection.execute("BEGIN IMMEDIATE") && apply_missing(connection, identity.schema, epoch)) {
        connection.execute("COMMIT");
    }
    // The caller closes the connection, which rolls back what is open.
    if (connection.failed()) return connection.failure();
    return Done{};
}

Result<Done> check_schema(Connection& connection) {
    const Identity identity = identify(connection);
    if (connection.failed()) return connection.failure();
    if (identity.schema == 0) return Error(ErrorCode::misuse, "the file is not a cariosan database");
    return accept(identity);
}

}  // namespace cariosan::sqlite
