#include "adapters/postgres/search/missing_words.hpp"

#include <string>

#include "adapters/postgres/search/pg_words.hpp"

namespace cariosan::postgres {
namespace {

/// Raise when the result of `words_of` changes.
constexpr std::int64_t kWordsVersion = 1;
constexpr std::int64_t kMissingAtOnce = 500;

}  // namespace

std::int64_t words_version() noexcept { return kWordsVersion * 1'000'000'000 + search_words_version(); }

bool write_missing_words(Connection& connection, Timestamp) {
    // Of two programs the newer one decides.
    if (Statement(connection,
                  "UPDATE words_progress SET version = $1, below = (SELECT coalesce(max(id), 0) + 1 FROM messages)"
                  " WHERE version < $1")
            .change(words_version()) > 0) {
        return true;
    }
    // Locked, so that no text changes between being read and being written as words.
    Rows rows = Statement(connection,
                          "SELECT m.id, m.content FROM messages m WHERE m.id < (SELECT p.below FROM words_progress p)"
                          " ORDER BY m.id DESC LIMIT $1 FOR UPDATE")
                    .query(kMissingAtOnce);
    MessageWords words(connection);
    std::int64_t below = 0;
    while (rows.next()) {
        below = rows.integer();
        words.write(below, rows.text());
    }
    if (below == 0) return false;
    Statement(connection, "UPDATE words_progress SET below = $1").run(below);
    return true;
}

}  // namespace cariosan::postgres
