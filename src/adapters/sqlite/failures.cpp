#include "adapters/sqlite/failures.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace cariosan::sqlite {
namespace {

enum class Trouble : std::uint8_t { full, read_only, busy, failing };

/// `details.reason`; section 3 of the protocol.
std::string reason_of(Trouble trouble) {
    switch (trouble) {
        case Trouble::full: return "storage_full";
        case Trouble::read_only: return "storage_read_only";
        case Trouble::busy: return "storage_busy";
        case Trouble::failing: break;
    }
    return "storage_failing";
}

std::string sentence_of(Trouble trouble) {
    switch (trouble) {
        case Trouble::full: return "the server's storage is full";
        case Trouble::read_only: return "the server's storage is read-only";
        case Trouble::busy: return "the server's storage is busy";
        case Trouble::failing: break;
    }
    return "the server's storage is failing";
}

std::optional<Trouble> trouble_of_system(int system) {
    switch (system) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG: return Trouble::full;
        case EROFS:
        case EACCES:
        case EPERM: return Trouble::read_only;
        default: return std::nullopt;
    }
}

/// Absent if the failure was not caused by the storage, so that a retry would fail in the same way.
std::optional<Trouble> trouble_of(int code, int system) {
    switch (code & 0xff) {
        case SQLITE_FULL: return Trouble::full;
        case SQLITE_READONLY: return Trouble::read_only;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL: return Trouble::busy;
        // Full quotas and file systems that turned read-only hide behind these.
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN: return trouble_of_system(system).value_or(Trouble::failing);
        case SQLITE_NOMEM:
        case SQLITE_INTERRUPT: return Trouble::failing;
        default: return std::nullopt;
    }
}

bool has_reason(const Error& error, Trouble trouble) {
    const ErrorDetail* reason = error.detail("reason");
    const auto* text = reason == nullptr ? nullptr : std::get_if<std::string>(&reason->value);
    return text != nullptr && *text == reason_of(trouble);
}

}  // namespace

Error sqlite_error(int code, int system) {
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
        return {ErrorCode::conflict, "an id is taken already"};
    if (code == kOutsideSnapshot) return {ErrorCode::misuse, "the reader is not between begin and end"};
    if ((code & 0xff) == SQLITE_NOTADB) return {ErrorCode::misuse, "the file is not an SQLite database"};
    std::string cause = fmt::format("SQLite: {} ({})", sqlite3_errstr(code), code);
    if (system != 0) cause += fmt::format(", system: {}", std::strerror(system));
    if (const auto trouble = trouble_of(code, system)) {
        return Error(ErrorCode::unavailable, sentence_of(*trouble))
            .with("reason", reason_of(*trouble))
            .because(std::move(cause));
    }
    return Error(ErrorCode::internal, "the server's storage cannot do this").because(std::move(cause));
}

Error file_error(std::string_view action, const std::string& path, int system) {
    return Error(ErrorCode::unavailable, fmt::format("cannot {} {}: {}", action, path, std::strerror(system)))
        .with("reason", reason_of(trouble_of_system(system).value_or(Trouble::failing)));
}

Error file_error(std::string_view action, const std::string& path) { return file_error(action, path, errno); }

Error storage_error(std::string_view action, const std::string& path, int system) {
    const Trouble trouble = trouble_of_system(system).value_or(Trouble::failing);
    Error error = file_error(action, path, system);
    error.cause = std::exchange(error.message, sentence_of(trouble));
    return error;
}

Error opening_error(const std::string& database, Error error) {
    if (!error.cause.empty()) error.message = fmt::format("cannot open {}: {}", database, error.cause);
    if (has_reason(error, Trouble::full)) {
        error.message += "; free at least 1 MiB on the disk of " + database + " and start again";
    } else if (has_reason(error, Trouble::read_only)) {
        error.message += "; make " + database + " and its folder writable for this user, or name another database";
    }
    return error;
}

}  // namespace cariosan::sqlite
