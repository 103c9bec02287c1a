/// The statements of a connection that writes on messages that are stored already: found and read for a whole batch at once, and
/// changed for a whole batch at once.
#pragma once

#include <cariosan/commit_footprint.hpp>
#include <cstdint>
#include <string_view>

#include "adapters/postgres/read/pg_rows.hpp"
#include "adapters/postgres/write/held_rows.hpp"
#include "adapters/postgres/write/loaded_query.hpp"

namespace cariosan::postgres {

/// Reads whole messages. The first that a batch reads brings all that it has found, in one round trip.
class ReadMessages {
  public:
    /// The others are the queries that find messages: by their keys, and to be changed.
    ReadMessages(Connection& connection, LoadedQuery& find_sent, LoadedQuery& find_stored);

    Rows query(std::int64_t message) {
        if (!loaded_) load_found();
        return messages_.query(message);
    }
    void forget() {
        messages_.forget();
        loaded_ = false;
    }
    /// This message has changed; with `quote`, so has what is quoted of it.
    void forget_one(std::int64_t message, bool quote) {
        messages_.forget_one(message);
        if (quote) messages_.forget_row(message);
    }

  private:
    void load_found();

    LoadedQuery& find_sent_;
    LoadedQuery& find_stored_;
    LoadedQuery messages_;
    bool loaded_ = false;
};

/// What is loaded of messages.
struct LoadedMessages {
    LoadedQuery& find_stored;
    LoadedQuery& find_parent;
    LoadedQuery& find_parent_by_key;
    ReadMessages& find_message;

    void forget_one(std::int64_t message, bool quote);
};

/// An update of messages that waits until all are written together. The message is the first value.
class MessageUpdate {
  public:
    /// `quote`: it changes what is quoted of them.
    MessageUpdate(Connection& connection, LoadedMessages loaded, bool quote, std::string_view sql)
        : loaded_(loaded), quote_(quote), rows_(connection, sql) {}

    template <class... Values>
    bool run(std::int64_t message, const Values&... values) {
        loaded_.forget_one(message, quote_);
        return rows_.run(message, values...);
    }
    void send() { rows_.send(); }
    void drop() noexcept { rows_.drop(); }

  private:
    LoadedMessages loaded_;
    bool quote_;
    HeldRows rows_;
};

/// By the names that `sql::MessageTable` uses.
class StoredMessages {
  public:
    /// The queries find messages by their keys, and their parents.
    StoredMessages(Connection& connection, LoadedQuery& find_sent, LoadedQuery& find_parent, LoadedQuery& find_parent_by_key)
        : connection_(connection), loaded_{find_stored, find_parent, find_parent_by_key, find_message},
          find_message(connection, find_sent, find_stored) {}

  private:
    Connection& connection_;
    LoadedMessages loaded_;

  public:
    LoadedQuery find_stored{
        connection_, 2,
        {"SELECT ", kStoredColumns, " FROM messages m JOIN users u ON u.id = m.user_id WHERE m.uuid = $1 AND m.channel_id = $2"},
        {"SELECT m.uuid, m.channel_id, true, m.id, ", kStoredColumns,
         " FROM messages m JOIN users u ON u.id = m.user_id WHERE m.uuid = ANY ($1)"},
        LoadedQuery::RestsOn::row};
    ReadMessages find_message;
    MessageUpdate add_parent{connection_, loaded_, false,
                             "UPDATE messages m SET rev = n.rev, parent_id = n.parent"
                             " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) n(id, rev, parent) WHERE m.id = n.id"};
    MessageUpdate blank_message{
        connection_, loaded_, true,
        "UPDATE messages m SET rev = n.rev, deleted_at = n.at, mention_count = 0, emoji_count = 0, attachment_url = NULL,"
        " metadata = '{}', content = '', pinned_at = NULL, pinned_by = NULL"
        " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) n(id, rev, at) WHERE m.id = n.id"};
    HeldRows keep_erased_file{connection_, "INSERT INTO erased_files (url) SELECT attachment_url FROM messages WHERE id = ANY ($1)"};
    HeldRows forget_erased_file{connection_, "DELETE FROM erased_files WHERE id = ANY ($1)"};
    HeldRows drop_words{connection_, "DELETE FROM message_words WHERE message_id = ANY ($1)"};
    HeldRows drop_mentions{connection_, "DELETE FROM mentions WHERE message_id = ANY ($1)"};
    HeldRows drop_reactions{connection_, "DELETE FROM reactions WHERE message_id = ANY ($1)"};
    HeldRows drop_reaction_counts{connection_, "DELETE FROM reaction_counts WHERE message_id = ANY ($1)"};

  protected:
    /// Asks for the messages that the footprint changes, without waiting.
    void load_messages(const commit::Footprint& footprint);
    void send_messages();
    void drop_messages() noexcept;

  private:
    static constexpr std::string_view kStoredColumns =
        "m.id, m.seq, m.rev, m.type, m.mention_count, m.emoji_count, m.created_at, m.deleted_at, u.uuid, u.deletion = 2,"
        " m.content, m.attachment_url IS NOT NULL, m.pinned_at IS NOT NULL";
};

}  // namespace cariosan::postgres
