/// Messages and their reactions. `Statements` is what an adapter calls its statements for writing.
#pragma once

#include <cariosan/commit_tables.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/message_objects.hpp"

namespace cariosan::sql {

using commit::RowId;

template <class Statements>
class MessageTable final : public commit::MessageTable {
  public:
    explicit MessageTable(Statements& sql) : sql_(sql) {}
    std::optional<commit::SentRow> find_sent(RowId channel, RowId author, std::string_view idempotency_key) override;
    std::optional<commit::MessageRow> find(const commit::ChannelRow& channel, MessageId id) override;
    std::optional<commit::ParentRow> find_parent(RowId channel, MessageId id) override;
    std::optional<commit::ParentRow> find_parent(RowId channel, std::string_view idempotency_key) override;
    Message read(RowId id, const commit::ChannelRow& channel, RowId viewer) override;
    RowId insert(const commit::NewMessage& message) override;
    void set_parent(RowId id, std::int64_t rev, RowId parent) override;
    void edit(const commit::MessageRow& before, std::int64_t rev, Timestamp at, std::string_view content) override;
    Message blank(const commit::MessageRow& before, const commit::ChannelRow& channel, std::int64_t rev, Timestamp at) override;
    void write_pin(RowId id, std::int64_t rev, const std::optional<Timestamp>& at, RowId by) override;
    std::int64_t count_pins(RowId channel) override;
    std::vector<mutation::MentionedUser> mentioned(RowId id) override;
    void replace_mentions(const commit::MessageRow& before, RowId channel,
                          std::span<const commit::StoredMention> mentions) override;
    void drop_spans(RowId id) override;
    void forget_erased_file(RowId row) override;

  private:
    MessageRow read_row(RowId id, const commit::ChannelRow& channel);

    Statements& sql_;
};

template <class Statements>
class ReactionTable final : public commit::ReactionTable {
  public:
    explicit ReactionTable(Statements& sql) : sql_(sql) {}
    std::string find(RowId message, RowId user) override;
    void write(RowId message, RowId user, std::string_view emoji, Timestamp at) override;
    void remove(RowId message, RowId user) override;
    commit::EmojiCount count(RowId message, std::string_view emoji) override;
    void write_count(RowId message, std::string_view emoji, std::int64_t rev, const commit::EmojiCount& count) override;
    void remove_count(RowId message, std::string_view emoji) override;
    void update_message(RowId message, std::int64_t rev, std::int64_t emoji_count) override;

  private:
    Statements& sql_;
};

namespace detail {

template <class Rows>
std::optional<commit::ParentRow> parent_row(Rows rows) {
    if (!rows.next()) return std::nullopt;
    commit::ParentRow parent;
    parent.id = rows.integer();
    parent.quote.id = read_id<MessageId>(rows);
    parent.quote.type = read_code<MessageType>(rows);
    parent.quote.deleted = rows.flag();
    if (parent.quote.deleted) {
        rows.skip(1);
    } else {
        parent.quote.content = rows.text();
    }
    parent.quote.user_id = read_id<UserId>(rows);
    parent.quote.user_name = rows.text();
    return parent;
}

}  // namespace detail

template <class Statements>
std::optional<commit::SentRow> MessageTable<Statements>::find_sent(RowId channel, RowId author,
                                                              std::string_view idempotency_key) {
    auto rows = sql_.find_sent.query(idempotency_key, author, channel);
    if (!rows.next()) return std::nullopt;
    commit::SentRow row;
    row.id = rows.integer();
    row.request_hash = read_bytes<32>(rows);
    return row;
}

template <class Statements>
std::optional<commit::MessageRow> MessageTable<Statements>::find(const commit::ChannelRow& channel, MessageId id) {
    auto rows = sql_.find_stored.query(id, channel.id);
    if (!rows.next()) return std::nullopt;
    commit::MessageRow row;
    row.id = rows.integer();
    row.seq = rows.integer();
    row.rev = rows.integer();
    row.type = read_code<MessageType>(rows);
    row.mention_count = rows.integer();
    row.emoji_count = rows.integer();
    row.created_at = rows.timestamp();
    row.deleted_at = rows.optional_timestamp();
    row.author = read_id<UserId>(rows);
    row.being_erased = rows.flag();
    row.content = rows.text();
    row.has_attachment = rows.flag();
    row.pinned = rows.flag();
    return row;
}

template <class Statements>
std::optional<commit::ParentRow> MessageTable<Statements>::find_parent(RowId channel, MessageId id) {
    return detail::parent_row(sql_.find_parent.query(id, channel));
}

template <class Statements>
std::optional<commit::ParentRow> MessageTable<Statements>::find_parent(RowId channel, std::string_view idempotency_key) {
    return detail::parent_row(sql_.find_parent_by_key.query(idempotency_key, channel));
}

template <class Statements>
MessageRow MessageTable<Statements>::read_row(RowId id, const commit::ChannelRow& channel) {
    auto rows = sql_.find_message.query(id);
    return rows.next() ? read_message(rows, channel.channel.id, channel.channel.external_id) : MessageRow{};
}

template <class Statements>
Message MessageTable<Statements>::read(RowId id, const commit::ChannelRow& channel, RowId viewer) {
    MessageRow row = read_row(id, channel);
    sql_.message_parts.complete({&row}, viewer);
    return std::move(row.message);
}

template <class Statements>
RowId MessageTable<Statements>::insert(const commit::NewMessage& added) {
    const Message& message = added.message;
    const RowId id = sql_.insert_message.insert(
        message.id, added.channel, message.seq, message.rev, added.author, message.type, added.parent,
        added.mentioned.size(), message.created_at, message.idempotency_key, added.request_hash, message.attachment_url,
        message.metadata, message.content);
    std::int64_t position = 0;
    for (const RowId user : added.mentioned) {
        const auto& spans = message.mentions[static_cast<std::size_t>(position)].spans;
        sql_.insert_mention.run(id, position++, user, added.channel, message.seq, spans_as_text(spans));
    }
    return id;
}

template <class Statements>
void MessageTable<Statements>::set_parent(RowId id, std::int64_t rev, RowId parent) { sql_.add_parent.run(id, rev, parent); }

template <class Statements>
void MessageTable<Statements>::edit(const commit::MessageRow& before, std::int64_t rev, Timestamp at,
                                    std::string_view content) {
    if (before.content != content) sql_.before_text_changes(before);
    sql_.edit_message.run(before.id, rev, at, content);
}

template <class Statements>
Message MessageTable<Statements>::blank(const commit::MessageRow& before, const commit::ChannelRow& channel, std::int64_t rev,
                                        Timestamp at) {
    // Read before, so that an adapter may write many at once.
    MessageRow row = read_row(before.id, channel);
    row.message.rev = rev;
    row.message.deleted_at = at;
    detail::blank(row);
    if (before.mention_count > 0) sql_.drop_mentions.run(before.id);
    if (before.emoji_count > 0) {
        sql_.drop_reactions.run(before.id);
        sql_.drop_reaction_counts.run(before.id);
    }
    if (!before.content.empty()) sql_.before_text_changes(before);
    if (before.has_attachment) sql_.keep_erased_file.run(before.id);
    sql_.blank_message.run(before.id, rev, at);
    return std::move(row.message);
}

template <class Statements>
void MessageTable<Statements>::write_pin(RowId id, std::int64_t rev, const std::optional<Timestamp>& at, RowId by) {
    sql_.pin_message.run(id, rev, at, at ? std::optional(by) : std::nullopt);
}

template <class Statements>
std::int64_t MessageTable<Statements>::count_pins(RowId channel) {
    auto rows = sql_.count_pins.query(channel);
    return rows.next() ? rows.integer() : 0;
}

template <class Statements>
std::vector<mutation::MentionedUser> MessageTable<Statements>::mentioned(RowId id) {
    std::vector<mutation::MentionedUser> users;
    auto rows = sql_.mentioned_users.query(id);
    while (rows.next()) {
        const auto user = read_id<UserId>(rows);
        users.emplace_back(user, read_spans(rows));
    }
    return users;
}

template <class Statements>
void MessageTable<Statements>::replace_mentions(const commit::MessageRow& before, RowId channel,
                                          std::span<const commit::StoredMention> mentions) {
    if (before.mention_count > 0) sql_.drop_mentions.run(before.id);
    std::int64_t position = 0;
    for (const auto& [user, spans] : mentions) {
        sql_.insert_mention.run(before.id, position++, user, channel, before.seq, spans_as_text(spans));
    }
    sql_.count_mentions.run(before.id, position);
}

template <class Statements>
void MessageTable<Statements>::drop_spans(RowId id) { sql_.drop_spans.run(id); }

template <class Statements>
void MessageTable<Statements>::forget_erased_file(RowId row) { sql_.forget_erased_file.run(row); }

template <class Statements>
std::string ReactionTable<Statements>::find(RowId message, RowId user) {
    auto rows = sql_.find_reaction.query(message, user);
    return rows.next() ? rows.text() : std::string();
}

template <class Statements>
void ReactionTable<Statements>::write(RowId message, RowId user, std::string_view emoji, Timestamp at) {
    sql_.write_reaction.run(message, user, emoji, at);
}

template <class Statements>
void ReactionTable<Statements>::remove(RowId message, RowId user) { sql_.drop_reaction.run(message, user); }

template <class Statements>
commit::EmojiCount ReactionTable<Statements>::count(RowId message, std::string_view emoji) {
    auto rows = sql_.reaction_count.query(message, emoji);
    commit::EmojiCount known;
    if (!rows.next()) return known;
    known.count = rows.integer();
    known.shown = rows.text();
    return known;
}

template <class Statements>
void ReactionTable<Statements>::write_count(RowId message, std::string_view emoji, std::int64_t rev,
                                  const commit::EmojiCount& count) {
    sql_.write_reaction_count.run(message, emoji, rev, count.count, count.shown);
}

template <class Statements>
void ReactionTable<Statements>::remove_count(RowId message, std::string_view emoji) {
    sql_.drop_reaction_count.run(message, emoji);
}

template <class Statements>
void ReactionTable<Statements>::update_message(RowId message, std::int64_t rev, std::int64_t emoji_count) {
    sql_.touch_message.run(message, rev, emoji_count);
}

}  // namespace cariosan::sql
