// Replaces a database that is not in use by a backup.
#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "adapters/sqlite/files/backup.hpp"
#include "adapters/sqlite/files/files.hpp"
#include "adapters/sqlite/files/migrate.hpp"
#include "adapters/sqlite/sqlite_storage.hpp"

namespace cariosan {
namespace sqlite {
namespace {

constexpr std::array<const char*, 2> kLogFiles{"-wal", "-shm"};

Result<Done> check(Connection& source, const std::string& from) {
    if (auto known = check_schema(source); !known) return known;
    const auto verdict = source.query_text("PRAGMA integrity_check(1)");
    if (source.failed()) return source.failure();
    if (verdict != "ok") return Error(ErrorCode::misuse, fmt::format("{} is damaged", from));
    return Done{};
}

/// The backup, checked and with a new epoch, in a file of its own.
Result<Mark> make_copy(const std::string& from, const std::string& copy) {
    if (!file_exists(from)) return Error(ErrorCode::not_found, fmt::format("there is no file {}", from));
    auto source = Connection::open(from, Connection::Access::read, nullptr);
    if (!source) return source.error();
    if (auto good = check(**source, from); !good) return good.error();
    if (auto created = create_private(copy); !created) return created.error();
    auto target = Connection::open(copy, Connection::Access::write, nullptr);
    if (!target) return target.error();
    if (auto copied = copy_database(**source, **target); !copied) return copied.error();
    target->reset();

    target = Connection::open(copy, Connection::Access::write, nullptr);
    if (!target) return target.error();
    Mark mark;
    mark.epoch = random_name();
    (*target)->execute("PRAGMA journal_mode = DELETE");
    (*target)->execute(
        fmt::format("UPDATE meta SET epoch = '{}', is_copy = 0, commits = commits + 1 WHERE id = 1",
                    mark.epoch)
            .c_str());
    mark.commits = (*target)->query_integer("SELECT commits FROM meta WHERE id = 1").value_or(0);
    if ((*target)->failed()) return (*target)->failure();
    target->reset();
    if (auto synced = sync_file(copy); !synced) return synced.error();
    return mark;
}

/// Closing the last connection to a database writes its log back and removes it. A database too damaged for that keeps its log
/// under the name of its copy, so that the log is never applied to the new file.
void settle_log(const std::string& path, const std::string& kept) {
    if (auto old = Connection::open(path, Connection::Access::write, nullptr)) {
        static_cast<void>((*old)->query_integer("SELECT count(*) FROM sqlite_schema"));
    }
    for (const char* suffix : kLogFiles) {
        const std::string log = path + suffix;
        if (file_exists(log)) static_cast<void>(replace_file(log, kept + suffix));
    }
}

Result<Done> swap_in(const std::string& copy, const std::string& path, const Mark& mark) {
    const std::string kept = path + ".before-restore";
    remove_file(kept);
    for (const char* suffix : kLogFiles) remove_file(kept + suffix);
    if (file_exists(path)) {
        settle_log(path, kept);
        // A second name for the old file, so that `path` always exists.
        if (::link(path.c_str(), kept.c_str()) != 0) return file_error("keep", path);
    }
    for (const char* suffix : kLogFiles) {
        if (file_exists(path + suffix)) return file_error("put aside", path + suffix);
    }
    if (auto replaced = replace_file(copy, path); !replaced) return replaced;
    if (auto marked = write_mark(path, mark); !marked) return marked;
    remove_file(kept);
    for (const char* suffix : kLogFiles) remove_file(kept + suffix);
    return Done{};
}

}  // namespace
}  // namespace sqlite

Result<Done> restore_sqlite(const std::string& from, const std::string& path) {
    using namespace sqlite;
    auto lock = DatabaseLock::take(path);
    if (!lock) return lock.error();
    const std::string copy = path + ".restoring";
    remove_file(copy);
    const auto mark = make_copy(from, copy);
    auto done = mark ? swap_in(copy, path, *mark) : Result<Done>(mark.error());
    if (!done) remove_file(copy);
    return done;
}

}  // namespace cariosan
