/// How messages are stored: their ids come from a sequence in blocks, so that no message waits for its id.
#pragma once

#include <cstdint>

#include "adapters/postgres/pg_statement.hpp"

namespace cariosan::postgres {

class MessageInsert {
  public:
    explicit MessageInsert(Connection& connection)
        : next_block_(connection, "SELECT nextval('message_ids')"),
          insert_(connection,
                  "INSERT INTO messages (id, uuid, channel_id, seq, rev, user_id, type, parent_id, mention_count, created_at,"
                  " idempotency_key, request_hash, attachment_url, metadata, content)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)") {}

    /// Queues the message whose columns, from the uuid on, are given, and returns its id; 0 after a failure.
    template <class... Columns>
    std::int64_t insert(const Columns&... columns) {
        const std::int64_t id = take_id();
        return insert_.run(id, columns...) ? id : 0;
    }

  private:
    /// `INCREMENT BY` of the sequence.
    static constexpr std::int64_t kBlock = 256;

    std::int64_t take_id() {
        if (next_ == end_) {
            auto rows = next_block_.query();
            if (!rows.next()) return 0;
            next_ = rows.integer();
            end_ = next_ + kBlock;
        }
        return next_++;
    }

    Statement next_block_;
    Statement insert_;
    std::int64_t next_ = 0;
    std::int64_t end_ = 0;
};

}  // namespace cariosan::postgres
