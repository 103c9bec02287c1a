/// How the words of a message are written to the table `message_words` and looked up there.
///
/// Beside its words a message holds a token of the stretch of ids that it is in, so that a search can ask for the matches in some
/// stretches only. It begins with a control character, which no word holds.
#pragma once

#include <cariosan/storage.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/postgres/pg_statement.hpp"
#include "adapters/sql/index_tokens.hpp"

namespace cariosan::postgres {

/// How many ids a stretch has.
inline constexpr std::int64_t kStretch = 65'536;

/// The words of a message as a tsvector without positions. Empty bytes if the text has no words.
ListValue words_of(std::int64_t message, std::string_view text);

/// As `sql::tokens_of`, with the beginnings of words that are listed.
std::vector<sql::SearchToken> tokens_of(const std::vector<SearchTerm>& terms);

/// A tsquery for the messages that hold all tokens.
std::string word_query(const std::vector<sql::SearchToken>& tokens);

/// The same in the stretches that hold the ids `from` to `to`.
std::string word_query(const std::vector<sql::SearchToken>& tokens, std::int64_t from, std::int64_t to);

/// Writes the words of messages, in the transaction that changes their text.
class MessageWords {
  public:
    explicit MessageWords(Connection& connection)
        : write_(connection,
                 "INSERT INTO message_words (message_id, channel_id, words) SELECT m.id, m.channel_id, $2 FROM messages m"
                 " WHERE m.id = $1 ON CONFLICT (message_id) DO UPDATE SET words = excluded.words") {}

    void write(std::int64_t message, std::string_view text) {
        const ListValue words = words_of(message, text);
        if (!words.bytes.empty()) write_.run(message, words);
    }

  private:
    Statement write_;
};

/// Edits a message. The words that it had were removed before, if they change.
class MessageEdit {
  public:
    MessageEdit(Connection& connection, MessageWords& words)
        : update_(connection, "UPDATE messages SET rev = $2, edited_at = $3, content = $4 WHERE id = $1"), words_(words) {}

    bool run(std::int64_t message, std::int64_t rev, Timestamp at, std::string_view content) {
        words_.write(message, content);
        return update_.run(message, rev, at, content);
    }

  private:
    Statement update_;
    MessageWords& words_;
};

}  // namespace cariosan::postgres
