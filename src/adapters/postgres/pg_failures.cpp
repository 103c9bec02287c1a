#include "adapters/postgres/pg_failures.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace cariosan::postgres {
namespace {

enum class Trouble : std::uint8_t { full, read_only, busy, unreachable, failing };

/// `details.reason`; section 3 of the protocol.
std::string reason_of(Trouble trouble) {
    switch (trouble) {
        case Trouble::full: return "storage_full";
        case Trouble::read_only: return "storage_read_only";
        case Trouble::busy: return "storage_busy";
        case Trouble::unreachable: return "storage_unreachable";
        case Trouble::failing: break;
    }
    return "storage_failing";
}

std::string sentence_of(Trouble trouble) {
    switch (trouble) {
        case Trouble::full: return "the server's storage is full";
        case Trouble::read_only: return "the server's storage is read-only";
        case Trouble::busy: return "the server's storage is busy";
        case Trouble::unreachable: return "the server's storage cannot be reached";
        case Trouble::failing: break;
    }
    return "the server's storage is failing";
}

Error trouble_error(Trouble trouble, std::string cause) {
    return Error(ErrorCode::unavailable, sentence_of(trouble)).with("reason", reason_of(trouble)).because(std::move(cause));
}

struct Meaning {
    std::string_view sqlstate;  ///< or its first two characters, which name the class
    Trouble trouble;
};

/// The first that fits counts.
constexpr std::array kMeanings{
    Meaning{"53100", Trouble::full},         // the disk is full
    Meaning{"53", Trouble::busy},            // out of connections, memory or another resource
    Meaning{"25006", Trouble::read_only},    // a standby, or a database that was set read-only
    Meaning{"55P03", Trouble::busy},         // the lock time-out
    Meaning{"57014", Trouble::busy},         // the statement time-out
    Meaning{"40", Trouble::busy},            // a deadlock, or a serialization failure
    Meaning{"57", Trouble::unreachable},     // the server stops, crashed or is starting
    Meaning{"08", Trouble::unreachable},     // the connection
    Meaning{"28", Trouble::unreachable},     // it does not let us in
    Meaning{"3D", Trouble::unreachable},     // no such database
    Meaning{"25P03", Trouble::busy},         // idle in a transaction for too long: this process was stopped meanwhile
    Meaning{"25P02", Trouble::failing},      // the transaction failed before
    Meaning{"58", Trouble::failing},         // the server's operating system
    Meaning{"0A000", Trouble::failing},      // a prepared statement's table was migrated: prepared again, it works
};

/// Absent if the storage did not cause it, so that a retry would fail in the same way.
std::optional<Trouble> trouble_of(std::string_view sqlstate) {
    for (const Meaning& meaning : kMeanings) {
        if (sqlstate.starts_with(meaning.sqlstate)) return meaning.trouble;
    }
    return std::nullopt;
}

/// Errors of class 22 quote the value that was refused.
bool quotes_data(std::string_view sqlstate) { return sqlstate.starts_with("22"); }

/// What the one who starts a server can do about it; empty: nothing in particular.
std::string_view advice_on(const Error& error) {
    const auto says = [&](std::string_view words) { return error.cause.find(words) != std::string::npos; };
    if (says("(26000)") || says("(42P05)")) {
        return "; behind PgBouncer in transaction mode, switch prepared statements off";
    }
    const ErrorDetail* reason = error.detail("reason");
    const auto* text = reason == nullptr ? nullptr : std::get_if<std::string>(&reason->value);
    if (text == nullptr) return "";
    if (*text == "storage_full") return "; free space on the disk of PostgreSQL and start again";
    if (*text == "storage_read_only") return "; name a server that accepts writes";
    return "";
}

}  // namespace

Error server_error(std::string_view sqlstate, std::string_view sentence) {
    if (sqlstate == "23505") return {ErrorCode::conflict, "an id is taken already"};
    std::string cause = quotes_data(sqlstate) ? fmt::format("PostgreSQL: data exception ({})", sqlstate)
                                              : fmt::format("PostgreSQL: {} ({})", sentence, sqlstate);
    if (const auto trouble = trouble_of(sqlstate)) return trouble_error(*trouble, std::move(cause));
    return Error(ErrorCode::internal, "the server's storage cannot do this").because(std::move(cause));
}

Error unreachable(std::string cause) { return trouble_error(Trouble::unreachable, "PostgreSQL: " + std::move(cause)); }

Error planted_failure() { return trouble_error(Trouble::failing, "a fault planted by a test"); }

Error outside_snapshot() { return {ErrorCode::misuse, "the reader is not between begin and end"}; }

Error opening_error(Error error) {
    const std::string_view advice = advice_on(error);
    if (!error.cause.empty()) error.message = fmt::format("cannot open the database: {}", error.cause);
    error.message += advice;
    return error;
}

}  // namespace cariosan::postgres
