/// The statements of a connection that writes on messages that are stored already: what reads them, and what changes them.
#pragma once

#include <cstdint>

#include "adapters/postgres/read/pg_rows.hpp"
#include "adapters/postgres/write/held_rows.hpp"
#include "adapters/postgres/write/loaded_query.hpp"

namespace cariosan::postgres {

/// Reads whole messages. The first that a batch reads brings all that it has found, in one round trip.
class ReadMessages {
  public:
    /// `find_sent` finds messages by their keys.
    ReadMessages(Connection& connection, LoadedQuery& find_sent);

    Rows query(std::int64_t message) {
        if (!loaded_) load_found();
        return messages_.query(message);
    }
    void forget() {
        messages_.forget();
        loaded_ = false;
    }
    /// This message has changed.
    void forget_one(std::int64_t message) { messages_.forget_one(message); }

  private:
    void load_found();

    LoadedQuery& find_sent_;
    LoadedQuery messages_;
    bool loaded_ = false;
};

/// Gives messages the parents that they were stored without.
class AddParents {
  public:
    AddParents(Connection& connection, ReadMessages& messages)
        : messages_(messages),
          rows_(connection,
                "UPDATE messages m SET rev = n.rev, parent_id = n.parent"
                " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) n(id, rev, parent) WHERE m.id = n.id") {}

    bool run(std::int64_t message, std::int64_t rev, std::int64_t parent) {
        messages_.forget_one(message);
        return rows_.run(message, rev, parent);
    }
    void send() { rows_.send(); }
    void drop() noexcept { rows_.drop(); }

  private:
    ReadMessages& messages_;
    HeldRows rows_;
};

/// `find_message` and `add_parent` are those that `sql::MessageTable` asks for.
struct StoredMessages {
    StoredMessages(Connection& connection, LoadedQuery& find_sent)
        : find_message(connection, find_sent), add_parent(connection, find_message) {}

    ReadMessages find_message;
    AddParents add_parent;
};

}  // namespace cariosan::postgres
