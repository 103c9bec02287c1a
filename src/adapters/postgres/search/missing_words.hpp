/// Writes the words of messages that have none of this version yet: after a move from another storage, or when words are folded
/// otherwise than before.
#pragma once

#include <cariosan/types.hpp>
#include <cstdint>

#include "adapters/postgres/pg_connection.hpp"

namespace cariosan::postgres {

/// Of the words in `message_words` as this program writes them.
std::int64_t words_version() noexcept;

/// One step inside a transaction of the caller, from the newest message down. False if nothing is missing; what fails, fails the
/// connection.
bool write_missing_words(Connection& connection, Timestamp now);

}  // namespace cariosan::postgres
