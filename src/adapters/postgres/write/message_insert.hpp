/// How messages are stored: their ids come from a sequence in blocks, so that no message waits for its id.
#pragma once

#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "adapters/postgres/search/pg_words.hpp"
#include "adapters/postgres/write/held_rows.hpp"
#include "adapters/postgres/write/loaded_query.hpp"

namespace cariosan::postgres {

class MessageInsert {
  public:
    /// The queries are told that an answer which they have loaded has changed.
    MessageInsert(Connection& connection, LoadedQuery& find_sent, LoadedQuery& find_parent, LoadedQuery& find_parent_by_key)
        : connection_(connection),
          find_sent_(find_sent),
          find_parent_(find_parent),
          find_parent_by_key_(find_parent_by_key),
          next_blocks_(connection, "SELECT nextval('message_ids') FROM generate_series(1, $1)"),
          rows_(connection,
                "INSERT INTO messages (id, uuid, channel_id, seq, rev, user_id, type, parent_id, mention_count, created_at,"
                " idempotency_key, request_hash, attachment_url, metadata, content)"
                " SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],"
                " $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::bytea[], $13::text[], $14::text[],"
                " $15::text[])"),
          words_(connection,
                 "INSERT INTO message_words (message_id, channel_id, words)"
                 " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::tsvector[])") {}

    /// Asks for the ids of as many messages, without waiting.
    void reserve(std::size_t messages);

    /// Keeps a message and returns its id; 0 after a failure. The columns after the key are stored as they are; the last one is the
    /// content, whose words are stored as well.
    template <class... More>
    std::int64_t insert(MessageId uuid, std::int64_t channel, std::int64_t seq, std::int64_t rev, std::int64_t author,
                        MessageType type, std::optional<std::int64_t> parent, std::size_t mentions, Timestamp at,
                        const std::optional<std::string>& key, const More&... more) {
        if (held_ == kPart) connection_.push_held();
        const std::int64_t id = take_id();
        if (!rows_.run(id, uuid, channel, seq, rev, author, type, parent, mentions, at, key, more...)) return 0;
        ++held_;
        const ListValue words = words_of(id, std::get<sizeof...(More) - 1>(std::tie(more...)));
        if (!words.bytes.empty()) words_.run(id, channel, words);
        find_parent_.forget_one(uuid, channel);
        if (key) {
            find_sent_.forget_one(*key, author, channel);
            find_parent_by_key_.forget_one(*key, channel);
        }
        return id;
    }
    void send() {
        held_ = 0;
        rows_.send();
        words_.send();
    }
    void drop() noexcept {
        held_ = 0;
        rows_.drop();
        words_.drop();
    }

  private:
    /// So many are sent at once, while the rules are applied to the next ones.
    static constexpr int kPart = 128;

    std::int64_t take_id();

    Connection& connection_;
    LoadedQuery& find_sent_;
    LoadedQuery& find_parent_;
    LoadedQuery& find_parent_by_key_;
    Statement next_blocks_;
    HeldRows rows_;
    HeldRows words_;
    std::optional<Pending> asked_;  ///< blocks that were asked for
    std::optional<Rows> blocks_;    ///< those that have arrived
    int held_ = 0;
    std::int64_t next_ = 0;
    std::int64_t end_ = 0;
};

}  // namespace cariosan::postgres
