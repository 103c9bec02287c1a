/// From rows to messages with their quotes, mentions and reactions.
#pragma once

#include <algorithm>
#include <cariosan/types.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/objects.hpp"

namespace cariosan::sql {

/// Aliases `m`, `u` (the author), `p` (the parent) and `pu` (the parent's author), joined by `kMessageJoins`. If an
/// author's texts are being erased, the message reads as unsent even before it has been blanked.
inline constexpr std::string_view kMessageColumns =
    "m.id, m.mention_count, m.emoji_count, m.pinned_at, m.uuid, m.seq, m.rev, m.type, m.created_at, m.edited_at, "
    "coalesce(m.deleted_at, CASE u.deletion WHEN 2 THEN u.deleted_at END), "
    "m.idempotency_key, m.attachment_url, m.metadata, m.content, u.uuid, u.external_id, u.name, "
    "u.avatar_url, u.updated_at, "
    "p.uuid, p.type, coalesce(p.deleted_at, CASE pu.deletion WHEN 2 THEN pu.deleted_at END), substr(p.content, 1, 200), "
    "pu.uuid, pu.name";
inline constexpr std::string_view kMessageJoins =
    " JOIN users u ON u.id = m.user_id LEFT JOIN messages p ON p.id = m.parent_id"
    " LEFT JOIN users pu ON pu.id = p.user_id ";

/// A message, and what is needed to load its mentions and reactions.
struct MessageRow {
    std::int64_t id = 0;
    std::int64_t mention_count = 0;
    std::int64_t emoji_count = 0;
    std::int64_t pins = 0;  ///< 1 if it is pinned
    Message message;        ///< without mentions, reactions and who pinned it
};

namespace detail {

/// The parent's six columns; all are null if there is no parent.
template <class Rows>
void read_quote(Rows& rows, Message& message) {
    if (rows.skip_null()) {
        rows.skip(5);
        return;
    }
    Quote quote;
    quote.id = read_id<MessageId>(rows);
    quote.type = read_code<MessageType>(rows);
    quote.deleted = !rows.skip_null();
    if (quote.deleted) {
        rows.skip(2);
    } else {
        quote.content = rows.text();
    }
    quote.user_id = read_id<UserId>(rows);
    quote.user_name = rows.text();
    message.parent_id = quote.id;
    message.quoted_message = std::move(quote);
}

inline void blank(MessageRow& row) {
    row.mention_count = 0;
    row.emoji_count = 0;
    row.pins = 0;
    row.message.pin.reset();
    row.message.content.clear();
    row.message.attachment_url.reset();
    row.message.metadata = "{}";
}

/// The messages whose `count` is above 0, ordered by rowid.
inline std::vector<MessageRow*> having(std::int64_t MessageRow::* count, const std::vector<MessageRow*>& messages) {
    std::vector<MessageRow*> chosen;
    for (MessageRow* row : messages) {
        if (row->*count > 0) chosen.push_back(row);
    }
    std::sort(chosen.begin(), chosen.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
    return chosen;
}

inline std::vector<std::int64_t> rowids(const std::vector<MessageRow*>& messages) {
    std::vector<std::int64_t> ids;
    ids.reserve(messages.size());
    for (const MessageRow* row : messages) ids.push_back(row->id);
    return ids;
}

}  // namespace detail

/// The caller passes the channel's ids, which are not among the columns. Of a deleted message only its place is returned,
/// whatever the row still holds.
template <class Rows>
MessageRow read_message(Rows& rows, const ChannelId& channel,
                        const std::optional<std::string>& channel_external) {
    MessageRow row;
    row.id = rows.integer();
    row.mention_count = rows.integer();
    row.emoji_count = rows.integer();
    Message& message = row.message;
    if (const auto pinned_at = rows.optional_timestamp()) {
        row.pins = 1;
        message.pin = Pin{.at = *pinned_at};
    }
    message.channel_id = channel;
    message.channel_external_id = channel_external;
    message.id = read_id<MessageId>(rows);
    message.seq = rows.integer();
    message.rev = rows.integer();
    message.type = read_code<MessageType>(rows);
    message.created_at = rows.timestamp();
    message.edited_at = rows.optional_timestamp();
    message.deleted_at = rows.optional_timestamp();
    message.idempotency_key = rows.optional_text();
    message.attachment_url = rows.optional_text();
    message.metadata = rows.text();
    message.content = rows.text();
    message.user = read_summary(rows);
    detail::read_quote(rows, message);
    if (message.deleted_at) detail::blank(row);
    return row;
}

/// The spans of a mention as they are stored: "start length start length …"; nothing if there are none.
inline std::optional<std::string> spans_as_text(const std::vector<TextSpan>& spans) {
    if (spans.empty()) return std::nullopt;
    std::string text;
    for (const TextSpan& span : spans) {
        if (!text.empty()) text += ' ';
        text += std::to_string(span.start) + ' ' + std::to_string(span.length);
    }
    return text;
}

template <class Rows>
std::vector<TextSpan> read_spans(Rows& rows) {
    std::vector<TextSpan> spans;
    if (rows.skip_null()) return spans;
    const std::string text = rows.text();
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto number = [&](std::int64_t& out) {
        const auto [next, fault] = std::from_chars(at, end, out);
        at = next == end ? end : next + 1;
        return fault == std::errc();
    };
    for (TextSpan span; at != end && number(span.start) && number(span.length);) spans.push_back(span);
    return spans;
}

namespace detail {

/// Asks for what belongs to `messages`, which are ordered by rowid, if there are any. What is returned is called to read it: `read`
/// takes the rows, in that order, and a message.
template <class AskRows, class Read>
auto ask_parts(std::vector<MessageRow*> messages, AskRows ask_rows, Read read) {
    std::optional<decltype(ask_rows(rowids(messages)))> asked;
    if (!messages.empty()) asked.emplace(ask_rows(rowids(messages)));
    return [messages = std::move(messages), asked = std::move(asked), read]() mutable {
        if (!asked) return;
        auto at = messages.begin();
        auto rows = (*asked)();
        while (rows.next()) {
            const std::int64_t message = rows.integer();
            while ((*at)->id != message) ++at;
            read(rows, (*at)->message);
        }
    };
}

}  // namespace detail

/// Asks for the mentions of `messages`, if some message has any. What is returned is called to fill them in.
template <class Statement>
auto ask_mentions(Statement& mentions_of_messages, const std::vector<MessageRow*>& messages) {
    const auto ask_rows = [&](const std::vector<std::int64_t>& ids) { return ask(mentions_of_messages, Statement::list(ids)); };
    return detail::ask_parts(detail::having(&MessageRow::mention_count, messages), ask_rows, [](auto& rows, Message& message) {
        Mention mention;
        mention.user_id = read_id<UserId>(rows);
        mention.external_id = rows.text();
        mention.name = rows.text();
        mention.spans = read_spans(rows);
        message.mentions.push_back(std::move(mention));
    });
}

/// The same for the reactions to `messages` as the user with rowid `viewer` sees them (0: no particular user).
template <class Statement>
auto ask_reactions(Statement& reactions_of_messages, const std::vector<MessageRow*>& messages, std::int64_t viewer) {
    const auto ask_rows = [&](const std::vector<std::int64_t>& ids) {
        return ask(reactions_of_messages, Statement::list(ids), viewer);
    };
    return detail::ask_parts(detail::having(&MessageRow::emoji_count, messages), ask_rows, [](auto& rows, Message& message) {
        Reaction reaction;
        reaction.emoji = rows.text();
        reaction.count = rows.integer();
        reaction.reacted_by_me = rows.flag();
        message.reactions.push_back(std::move(reaction));
    });
}

/// The same for who pinned `messages`.
template <class Statement>
auto ask_pins(Statement& pins_of_messages, const std::vector<MessageRow*>& messages) {
    const auto ask_rows = [&](const std::vector<std::int64_t>& ids) { return ask(pins_of_messages, Statement::list(ids)); };
    return detail::ask_parts(detail::having(&MessageRow::pins, messages), ask_rows,
                             [](auto& rows, Message& message) { message.pin->by = read_summary(rows); });
}

/// The user who reads messages.
struct ViewerRow {
    std::int64_t row = 0;         ///< 0, which is nobody's row: no particular user
    std::vector<UserId> blocked;  ///< ascending; their messages are hidden

    bool hides(const UserId& author) const {
        return !blocked.empty() && std::binary_search(blocked.begin(), blocked.end(), author);
    }
};

/// Reduces quotes of messages that are hidden from the viewer to their id.
inline void hide_quotes(const std::vector<MessageRow*>& messages, const ViewerRow& viewer) {
    if (viewer.blocked.empty()) return;
    for (MessageRow* row : messages) {
        auto& quote = row->message.quoted_message;
        if (!quote || !viewer.hides(quote->user_id)) continue;
        Quote hidden;
        hidden.id = quote->id;
        hidden.hidden = true;
        quote = std::move(hidden);
    }
}

/// The statements that complete a page of messages: one query each for mentions, reactions and pins, however large the page.
/// `mentions_sql` takes a list of rowids and selects, in the order of rowid and position: the message's rowid, the user's id,
/// external id and name, and the spans. `reactions_sql` takes a list and the viewer's rowid and selects, in the order of rowid
/// and first use: the message's rowid, the emoji as shown, its count, and whether the viewer is among those who used it.
/// `pins_sql` takes a list and selects, in the order of rowid: the message's rowid, and `kSummaryColumns` of who pinned it.
template <class Statement>
struct MessageParts {
    template <class Connection>
    MessageParts(Connection& connection, std::string_view mentions_sql, std::string_view reactions_sql, std::string_view pins_sql)
        : mentions(connection, mentions_sql), reactions(connection, reactions_sql), pins(connection, pins_sql) {}

    /// Asks for what belongs to messages. What is returned is called to fill it in.
    auto ask_parts(const std::vector<MessageRow*>& messages, std::int64_t viewer) {
        return [fill_mentions = ask_mentions(mentions, messages), fill_reactions = ask_reactions(reactions, messages, viewer),
                fill_pins = ask_pins(pins, messages)]() mutable {
            fill_mentions();
            fill_reactions();
            fill_pins();
        };
    }
    void complete(const std::vector<MessageRow*>& messages, std::int64_t viewer) { ask_parts(messages, viewer)(); }
    /// The same, and hides quotes from the viewer.
    auto ask_parts(const std::vector<MessageRow*>& messages, const ViewerRow& viewer) {
        hide_quotes(messages, viewer);
        return ask_parts(messages, viewer.row);
    }
    void complete(const std::vector<MessageRow*>& messages, const ViewerRow& viewer) { ask_parts(messages, viewer)(); }
    /// Adds mentions, reactions, quotes and pins to the messages of a page.
    std::vector<Message> completed(std::vector<MessageRow> rows, const ViewerRow& viewer) {
        std::vector<MessageRow*> pointers;
        pointers.reserve(rows.size());
        for (MessageRow& row : rows) pointers.push_back(&row);
        complete(pointers, viewer);
        std::vector<Message> messages;
        messages.reserve(rows.size());
        for (MessageRow& row : rows) messages.push_back(std::move(row.message));
        return messages;
    }

    Statement mentions;
    Statement reactions;
    Statement pins;
};

}  // namespace cariosan::sql
