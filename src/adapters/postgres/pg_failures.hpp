/// The errors that callers get when PostgreSQL or the way to it fails: a sentence and a reason that do not depend on the layer
/// below, with the server's own words in `cause`. None holds stored data or a part of the connection string but the names of
/// host, database and user, which the server itself says when it refuses a connection.
#pragma once

#include <cariosan/error.hpp>
#include <string>
#include <string_view>

namespace cariosan::postgres {

/// The error for a code of SQLSTATE (five characters) and the server's sentence about it. Sentences that may quote data are
/// dropped.
Error server_error(std::string_view sqlstate, std::string_view sentence);

/// The server cannot be reached, or the connection broke: `unavailable`, reason `storage_unreachable`.
Error unreachable(std::string cause);

/// A step that a test made fail: like an I/O error.
Error planted_failure();

/// A reader was used outside of `begin` and `end`.
Error outside_snapshot();

/// The error as one line for the person who starts a server: with its cause, and what to do about it.
Error opening_error(Error error);

}  // namespace cariosan::postgres
