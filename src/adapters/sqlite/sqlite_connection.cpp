#include "adapters/sqlite/sqlite_connection.hpp"

#include <cassert>
#include <utility>

namespace cariosan::sqlite {
namespace {

int open_flags(Connection::Access access) {
    constexpr int kAlways = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    switch (access) {
        case Connection::Access::create: return kAlways | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        case Connection::Access::write: return kAlways | SQLITE_OPEN_READWRITE;
        case Connection::Access::read: return kAlways | SQLITE_OPEN_READONLY;
    }
    return kAlways | SQLITE_OPEN_READONLY;
}

/// How long to wait for a lock that another program holds (such as a shell that somebody opened).
constexpr int kForeignLockMilliseconds = 1000;

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access,
                                                     std::shared_ptr<StepFaults> faults) {
    return open_over(nullptr, path, access, std::move(faults));
}

Result<std::unique_ptr<Connection>> Connection::open_durable(const std::string& path, Access access,
                                                             std::shared_ptr<StepFaults> faults) {
    auto opened = open_over(GatheredLog::make(), path, access, std::move(faults));
    if (!opened) return opened;
    Connection& connection = **opened;
    if (connection.execute("PRAGMA synchronous = FULL") && connection.log_ != nullptr) connection.log_->gather();
    return opened;
}

Result<std::unique_ptr<Connection>> Connection::open_over(std::unique_ptr<GatheredLog> log, const std::string& path,
                                                          Access access, std::shared_ptr<StepFaults> faults) {
    sqlite3* handle = nullptr;
    const char* const vfs = log == nullptr ? nullptr : log->name();
    const int code = sqlite3_open_v2(path.c_str(), &handle, open_flags(access), vfs);
    std::unique_ptr<Connection> connection(new Connection(handle, std::move(faults), std::move(log)));
    if (code != SQLITE_OK) return sqlite_error(code, sqlite3_system_errno(handle));
    sqlite3_busy_timeout(handle, kForeignLockMilliseconds);
    return connection;
}

Connection::Connection(sqlite3* handle, std::shared_ptr<StepFaults> faults, std::unique_ptr<GatheredLog> log)
    : log_(std::move(log)), handle_(handle), faults_(std::move(faults)) {}

Connection::~Connection() {
    [[maybe_unused]] const int code = sqlite3_close(handle_);
    assert(code == SQLITE_OK && "a statement outlived its connection");
}

bool Connection::may_step() {
    if (failed()) return false;
    if (faults_ && faults_->next()) fail(SQLITE_IOERR);
    return !failed();
}

int Connection::step(sqlite3_stmt* statement) {
    if (!may_step()) return status_;
    const int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) fail(code);
    return code;
}

bool Connection::execute(const char* sql) {
    while (!failed() && *sql != '\0') {
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v2(handle_, sql, -1, &statement, &sql);
        if (code != SQLITE_OK) {
            fail(code);
            break;
        }
        if (statement == nullptr) break;  // only white space or a comment was left
        while (step(statement) == SQLITE_ROW) {
        }
        sqlite3_finalize(statement);
    }
    return !failed();
}

namespace {

/// Runs `read` on the first row of a query.
template <class Read>
auto first_row(Connection& connection, const char* sql, Read read)
    -> std::optional<decltype(read(static_cast<sqlite3_stmt*>(nullptr)))> {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(connection.handle(), sql, -1, &statement, nullptr);
    if (code != SQLITE_OK) {
        connection.fail(code);
        return std::nullopt;
    }
    std::optional<decltype(read(statement))> value;
    if (connection.step(statement) == SQLITE_ROW) value = read(statement);
    sqlite3_finalize(statement);
    return value;
}

}  // namespace

std::optional<std::int64_t> Connection::query_integer(const char* sql) {
    return first_row(*this, sql,
                     [](sqlite3_stmt* row) -> std::int64_t { return sqlite3_column_int64(row, 0); });
}

std::optional<std::string> Connection::query_text(const char* sql) {
    return first_row(*this, sql, [](sqlite3_stmt* row) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, 0));
        return text == nullptr ? std::string() : std::string(text);
    });
}

bool Connection::found_damage() const {
    if (!failed()) return false;
    // SQLite calls a truncated file an I/O error, as if a retry could help.
    return status_ == SQLITE_IOERR_SHORT_READ || sqlite_error(status_).code != ErrorCode::unavailable;
}

Error Connection::failure() const { return sqlite_error(status_, system_); }

}  // namespace cariosan::sqlite
