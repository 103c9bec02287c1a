// Messages and their reactions.
#include "adapters/sqlite/write/tables.hpp"

namespace cariosan::sqlite {
namespace {

std::optional<commit::ParentRow> parent_row(Rows rows) {
    if (!rows.next()) return std::nullopt;
    commit::ParentRow parent;
    parent.id = rows.integer();
    parent.quote.id = rows.id<MessageId>();
    parent.quote.type = rows.code<MessageType>();
    parent.quote.deleted = rows.flag();
    if (parent.quote.deleted) {
        rows.skip(1);
    } else {
        parent.quote.content = rows.text();
    }
    parent.quote.user_id = rows.id<UserId>();
    parent.quote.user_name = rows.text();
    return parent;
}

/// Call for every message whose text changes or is removed, so that the search index removes the old text.
void add_search_job(WriteStatements& sql, const commit::MessageRow& before) {
    sql.insert_search_job.run(before.id, before.content);
}

}  // namespace

std::optional<commit::SentRow> SqliteMessageTable::find_sent(RowId channel, RowId author, std::string_view idempotency_key) {
    Rows rows = sql_.find_sent.query(idempotency_key, author, channel);
    if (!rows.next()) return std::nullopt;
    commit::SentRow row;
    row.id = rows.integer();
    row.request_hash = rows.bytes<32>();
    return row;
}

std::optional<commit::MessageRow> SqliteMessageTable::find(const commit::ChannelRow& channel, MessageId id) {
    Rows rows = sql_.find_stored.query(id, channel.id);
    if (!rows.next()) return std::nullopt;
    commit::MessageRow row;
    row.id = rows.integer();
    row.seq = rows.integer();
    row.rev = rows.integer();
    row.type = rows.code<MessageType>();
    row.mention_count = rows.integer();
    row.emoji_count = rows.integer();
    row.created_at = rows.timestamp();
    row.deleted_at = rows.optional_timestamp();
    row.author = rows.id<UserId>();
    row.being_erased = rows.flag();
    row.content = rows.text();
    row.has_attachment = rows.flag();
    return row;
}

std::optional<commit::ParentRow> SqliteMessageTable::find_parent(RowId channel, MessageId id) {
    return parent_row(sql_.find_parent.query(id, channel));
}

std::optional<commit::ParentRow> SqliteMessageTable::find_parent(RowId channel, std::string_view idempotency_key) {
    return parent_row(sql_.find_parent_by_key.query(idempotency_key, channel));
}

Message SqliteMessageTable::read(RowId id, const commit::ChannelRow& channel, RowId viewer) {
    MessageRow row;
    {
        Rows rows = sql_.find_message.query(id);
        if (!rows.next()) return {};
        row = read_message(rows, channel.channel.id, channel.channel.external_id);
    }
    sql_.message_parts.complete({&row}, viewer);
    return std::move(row.message);
}

RowId SqliteMessageTable::insert(const commit::NewMessage& added) {
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

void SqliteMessageTable::set_parent(RowId id, std::int64_t rev, RowId parent) { sql_.add_parent.run(id, rev, parent); }

void SqliteMessageTable::edit(const commit::MessageRow& before, std::int64_t rev, Timestamp at, std::string_view content) {
    if (before.content != content) add_search_job(sql_, before);
    sql_.edit_message.run(before.id, rev, at, content);
}

void SqliteMessageTable::blank(const commit::MessageRow& before, std::int64_t rev, Timestamp at) {
    if (before.mention_count > 0) sql_.drop_mentions.run(before.id);
    if (before.emoji_count > 0) {
        sql_.drop_reactions.run(before.id);
        sql_.drop_reaction_counts.run(before.id);
    }
    if (!before.content.empty()) add_search_job(sql_, before);
    sql_.blank_message.run(before.id, rev, at);
}

std::vector<mutation::MentionedUser> SqliteMessageTable::mentioned(RowId id) {
    std::vector<mutation::MentionedUser> users;
    Rows rows = sql_.mentioned_users.query(id);
    while (rows.next()) {
        const auto user = rows.id<UserId>();
        users.emplace_back(user, read_spans(rows));
    }
    return users;
}

void SqliteMessageTable::replace_mentions(const commit::MessageRow& before, RowId channel,
                                          std::span<const commit::StoredMention> mentions) {
    if (before.mention_count > 0) sql_.drop_mentions.run(before.id);
    std::int64_t position = 0;
    for (const auto& [user, spans] : mentions) {
        sql_.insert_mention.run(before.id, position++, user, channel, before.seq, spans_as_text(spans));
    }
    sql_.count_mentions.run(before.id, position);
}

void SqliteMessageTable::drop_spans(RowId id) { sql_.drop_spans.run(id); }

std::string SqliteReactionTable::find(RowId message, RowId user) {
    Rows rows = sql_.find_reaction.query(message, user);
    return rows.next() ? rows.text() : std::string();
}

void SqliteReactionTable::write(RowId message, RowId user, std::string_view emoji, Timestamp at) {
    sql_.write_reaction.run(message, user, emoji, at);
}

void SqliteReactionTable::remove(RowId message, RowId user) { sql_.drop_reaction.run(message, user); }

commit::EmojiCount SqliteReactionTable::count(RowId message, std::string_view emoji) {
    Rows rows = sql_.reaction_count.query(message, emoji);
    commit::EmojiCount known;
    if (!rows.next()) return known;
    known.count = rows.integer();
    known.shown = rows.text();
    return known;
}

void SqliteReactionTable::write_count(RowId message, std::string_view emoji, std::int64_t rev,
                                  const commit::EmojiCount& count) {
    sql_.write_reaction_count.run(message, emoji, rev, count.count, count.shown);
}

void SqliteReactionTable::remove_count(RowId message, std::string_view emoji) {
    sql_.drop_reaction_count.run(message, emoji);
}

void SqliteReactionTable::update_message(RowId message, std::int64_t rev, std::int64_t emoji_count) {
    sql_.touch_message.run(message, rev, emoji_count);
}

}  // namespace cariosan::sqlite
