#include "conformance/postgres_kind.hpp"

#include <cariosan/adapters/postgres.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>

#include "support/source_folder.hpp"

namespace cariosan::test {
namespace {

/// A busy machine may let a connection wait for longer than a server should.
constexpr std::chrono::seconds kConnectTimeout{60};

/// Named after the migrations, so that every version of the tables has databases of its own.
std::string pool_name() {
    std::set<std::filesystem::path> paths;
    for (const auto& entry :
         std::filesystem::directory_iterator(source_folder() / "src/adapters/postgres/migrations")) {
        paths.insert(entry.path());
    }
    std::string text;
    for (const auto& path : paths) {
        std::ifstream file(path);
        text.append(std::istreambuf_iterator<char>(file), {});
    }
    return "cariosan_pool_" + std::to_string(std::hash<std::string>()(text)) + "_";
}

/// As it was right after the migrations, but for its epoch.
constexpr const char* kEmptyTables = R"(
DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT oid::regclass AS name, oid FROM pg_class
             WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'meta' LOOP
        IF pg_relation_size(t.oid) > 0 THEN EXECUTE 'TRUNCATE ' || t.name; END IF;
    END LOOP;
    ALTER SEQUENCE message_ids RESTART;
    INSERT INTO push_queue (id, pending) VALUES (1, 0);
    UPDATE meta SET history = '', epoch = md5(random()::text);
END $$)";

}  // namespace

PooledDatabase::PooledDatabase(const std::string& server) : server_(server), control_(database_on(server, "postgres")) {
    static const std::string pool = pool_name();
    for (int number = 1; name_.empty(); ++number) {
        const std::string name = pool + std::to_string(number);
        if (control_.run("SELECT pg_try_advisory_lock(hashtext('" + name + "'))") == "t") name_ = name;
    }
    if (control_.run("SELECT count(*) FROM pg_database WHERE datname = '" + name_ + "'") == "0") {
        control_.run("CREATE DATABASE " + name_ + " TEMPLATE template0 ENCODING 'UTF8'");
    }
    // A program that was killed may have left something running there, or made only half of it.
    control_.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" + name_ + "'");
    REQUIRE(open_postgres({.connection = connection(), .connect_timeout = kConnectTimeout}).ok());
    run(kEmptyTables);
}

Postgres::Postgres() {
    const auto server = PostgresDatabase::server();
    REQUIRE(server.has_value());
    database_ = std::make_unique<PooledDatabase>(*server);
}

Result<std::unique_ptr<Storage>> Postgres::open(OpenOptions options) {
    return open_postgres({.connection = database_->connection(),
                          .connect_timeout = kConnectTimeout,
                          .clock = std::move(options.clock),
                          .use_own_time = true,
                          .fail_step = std::move(options.fail_step)});
}

Result<std::unique_ptr<Storage>> Postgres::open_backup(const std::string&) {
    return Error(ErrorCode::misuse, "PostgreSQL has backups of its own");
}

}  // namespace cariosan::test
