// Messages and their reactions.
#include <algorithm>

#include "support/memory_tables/memory_tables.hpp"

namespace cariosan::test {
namespace {

/// The first 200 characters of a text.
std::string begin_of(const std::string& text) {
    std::size_t end = 0;
    for (std::size_t characters = 0; end < text.size(); ++end) {
        const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (starts && ++characters > 200) break;
    }
    return text.substr(0, end);
}

}  // namespace

Quote MemoryMessages::quote(const StoredMessage& message) const {
    const StoredUser& author = rows_.users.at(message.author);
    Quote out;
    out.id = message.uuid;
    out.user_id = author.uuid;
    out.user_name = author.name;
    out.type = message.type;
    out.deleted = message.deleted_at.has_value() || author.being_erased();
    if (!out.deleted) out.content = begin_of(message.content);
    return out;
}

std::optional<commit::SentRow> MemoryMessages::find_sent(RowId channel, RowId author, std::string_view idempotency_key) {
    names_.read_key(channel, author, idempotency_key);
    const auto found = rows_.messages.find([&](const StoredMessage& row) {
        return row.channel == channel && row.author == author && row.key == idempotency_key;
    });
    if (found == rows_.messages.end()) return std::nullopt;
    names_.lead_to(found->second.uuid);
    return commit::SentRow{.id = found->first, .request_hash = *found->second.hash};
}

std::optional<commit::MessageRow> MemoryMessages::find(const commit::ChannelRow& channel, MessageId id) {
    names_.find_message(id);
    const auto found = rows_.messages.find(
        [&](const StoredMessage& row) { return row.channel == channel.id && row.uuid == id; });
    if (found == rows_.messages.end()) return std::nullopt;
    const StoredMessage& row = found->second;
    const StoredUser& author = rows_.users.at(row.author);
    return commit::MessageRow{.id = found->first,
                              .seq = row.seq,
                              .rev = row.rev,
                              .type = row.type,
                              .mention_count = static_cast<std::int64_t>(row.mentions.size()),
                              .emoji_count = row.emoji_count,
                              .created_at = row.created_at,
                              .deleted_at = row.deleted_at,
                              .author = author.uuid,
                              .being_erased = author.being_erased(),
                              .content = row.content,
                              .has_attachment = row.attachment_url.has_value(),
                              .pinned = row.pinned_at.has_value()};
}

std::optional<commit::ParentRow> MemoryMessages::find_parent(RowId channel, MessageId id) {
    names_.read_message(id);
    const auto found =
        rows_.messages.find([&](const StoredMessage& row) { return row.channel == channel && row.uuid == id; });
    if (found == rows_.messages.end()) return std::nullopt;
    return commit::ParentRow{.id = found->first, .quote = quote(found->second)};
}

std::optional<commit::ParentRow> MemoryMessages::find_parent(RowId channel, std::string_view idempotency_key) {
    names_.read_key(channel, std::nullopt, idempotency_key);
    const auto found = rows_.messages.find(
        [&](const StoredMessage& row) { return row.channel == channel && row.key == idempotency_key; });
    if (found == rows_.messages.end()) return std::nullopt;
    names_.lead_to(found->second.uuid);
    return commit::ParentRow{.id = found->first, .quote = quote(found->second)};
}

Message MemoryMessages::read(RowId id, const commit::ChannelRow& channel, RowId viewer) {
    names_.read_message(id);
    const StoredMessage& row = rows_.messages.at(id);
    const StoredUser& author = rows_.users.at(row.author);
    Message message;
    message.id = row.uuid;
    message.channel_id = channel.channel.id;
    message.channel_external_id = channel.channel.external_id;
    message.seq = row.seq;
    message.rev = row.rev;
    message.user = author.summary();
    message.type = row.type;
    message.idempotency_key = row.key;
    message.created_at = row.created_at;
    message.edited_at = row.edited_at;
    message.deleted_at = author.being_erased() && !row.deleted_at ? author.deleted_at : row.deleted_at;
    if (row.parent) {
        message.quoted_message = quote(rows_.messages.at(*row.parent));
        message.parent_id = message.quoted_message->id;
    }
    if (message.deleted_at) return message;
    message.content = row.content;
    message.attachment_url = row.attachment_url;
    message.metadata = row.metadata;
    if (row.pinned_at) message.pin = Pin{.at = *row.pinned_at, .by = rows_.users.at(row.pinned_by).summary()};
    for (const auto& [user, spans] : row.mentions) {
        const StoredUser& mentioned = rows_.users.at(user);
        message.mentions.push_back({mentioned.uuid, mentioned.external_id, mentioned.name, spans});
    }
    std::vector<std::pair<std::string, StoredEmoji>> emoji(row.emoji.begin(), row.emoji.end());
    std::ranges::sort(emoji, {}, [](const auto& entry) { return entry.second.first_rev; });
    const auto own = row.reactions.find(viewer);
    for (const auto& [key, count] : emoji) {
        message.reactions.push_back({.emoji = count.shown,
                                     .count = count.count,
                                     .reacted_by_me = own != row.reactions.end() && own->second.emoji == key});
    }
    return message;
}

RowId MemoryMessages::insert(const commit::NewMessage& added) {
    names_.change_channel(added.channel);
    const Message& message = added.message;
    std::vector<StoredMentionRow> mentions;
    for (std::size_t i = 0; i < added.mentioned.size(); ++i) mentions.push_back({added.mentioned[i], message.mentions[i].spans});
    return write().messages.add({.uuid = message.id,
                                 .channel = added.channel,
                                 .author = added.author,
                                 .seq = message.seq,
                                 .rev = message.rev,
                                 .type = message.type,
                                 .content = message.content,
                                 .attachment_url = message.attachment_url,
                                 .metadata = message.metadata,
                                 .parent = added.parent,
                                 .key = message.idempotency_key,
                                 .hash = added.request_hash,
                                 .created_at = message.created_at,
                                 .mentions = std::move(mentions)});
}

void MemoryMessages::set_parent(RowId id, std::int64_t rev, RowId parent) {
    names_.change_channel(rows_.messages.at(id).channel);
    StoredMessage& stored = write().messages.at(id);
    stored.rev = rev;
    stored.parent = parent;
}

void MemoryMessages::edit(const commit::MessageRow& before, std::int64_t rev, Timestamp at, std::string_view content) {
    names_.change_channel(rows_.messages.at(before.id).channel);
    StoredMessage& stored = write().messages.at(before.id);
    stored.rev = rev;
    stored.edited_at = at;
    stored.content = content;
}

Message MemoryMessages::blank(const commit::MessageRow& before, const commit::ChannelRow& channel, std::int64_t rev,
                             Timestamp at) {
    names_.change_channel(rows_.messages.at(before.id).channel);
    StoredMessage& stored = write().messages.at(before.id);
    stored.rev = rev;
    stored.deleted_at = at;
    stored.content.clear();
    if (before.has_attachment) write().erased_files.add(stored.attachment_url.value_or(""));
    stored.attachment_url.reset();
    stored.metadata = "{}";
    stored.mentions.clear();
    stored.reactions.clear();
    stored.emoji.clear();
    stored.emoji_count = 0;
    stored.pinned_at.reset();
    stored.pinned_by = 0;
    return read(before.id, channel, 0);
}

void MemoryMessages::write_pin(RowId id, std::int64_t rev, const std::optional<Timestamp>& at, RowId by) {
    names_.change_channel(rows_.messages.at(id).channel);
    StoredMessage& stored = write().messages.at(id);
    stored.rev = rev;
    stored.pinned_at = at;
    stored.pinned_by = at ? by : 0;
}

void MemoryMessages::forget_erased_file(RowId row) { write().erased_files.rows.erase(row); }

std::int64_t MemoryMessages::count_pins(RowId channel) {
    names_.read_while_deciding();
    return std::ranges::count_if(rows_.messages.rows, [channel](const auto& entry) {
        return entry.second.channel == channel && entry.second.pinned_at;
    });
}

std::vector<mutation::MentionedUser> MemoryMessages::mentioned(RowId id) {
    names_.read_message(id);
    std::vector<mutation::MentionedUser> users;
    for (const auto& [user, spans] : rows_.messages.at(id).mentions) users.emplace_back(rows_.users.at(user).uuid, spans);
    return users;
}

void MemoryMessages::replace_mentions(const commit::MessageRow& before, RowId,
                                      std::span<const commit::StoredMention> mentions) {
    names_.change_channel(rows_.messages.at(before.id).channel);
    auto& stored = write().messages.at(before.id).mentions;
    stored.clear();
    for (const auto& [user, spans] : mentions) stored.push_back({user, spans});
}

void MemoryMessages::drop_spans(RowId id) {
    for (StoredMentionRow& mention : write().messages.at(id).mentions) mention.spans.clear();
}

std::string MemoryReactions::find(RowId message, RowId user) {
    names_.read_reaction(message, user);
    const auto& reactions = rows_.messages.at(message).reactions;
    const auto found = reactions.find(user);
    return found == reactions.end() ? std::string() : found->second.emoji;
}

void MemoryReactions::write(RowId message, RowId user, std::string_view emoji, Timestamp at) {
    MemoryTable::write().messages.at(message).reactions[user] = {.emoji = std::string(emoji), .at = at};
}

void MemoryReactions::remove(RowId message, RowId user) {
    MemoryTable::write().messages.at(message).reactions.erase(user);
}

commit::EmojiCount MemoryReactions::count(RowId message, std::string_view emoji) {
    names_.read_message(message);
    const auto& counts = rows_.messages.at(message).emoji;
    const auto found = counts.find(std::string(emoji));
    if (found == counts.end()) return {};
    return {.count = found->second.count, .shown = found->second.shown};
}

void MemoryReactions::write_count(RowId message, std::string_view emoji, std::int64_t rev,
                                  const commit::EmojiCount& count) {
    auto& counts = MemoryTable::write().messages.at(message).emoji;
    const auto [place, made] = counts.try_emplace(std::string(emoji), StoredEmoji{.first_rev = rev, .shown = count.shown});
    place->second.count = count.count;
}

void MemoryReactions::remove_count(RowId message, std::string_view emoji) {
    MemoryTable::write().messages.at(message).emoji.erase(std::string(emoji));
}

void MemoryReactions::update_message(RowId message, std::int64_t rev, std::int64_t emoji_count) {
    names_.change_channel(rows_.messages.at(message).channel);
    StoredMessage& stored = MemoryTable::write().messages.at(message);
    stored.rev = rev;
    stored.emoji_count = emoji_count;
}

}  // namespace cariosan::test
