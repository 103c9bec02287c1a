/// From rows to objects. Each list of columns is followed by the function that reads them, in the same order, and expects
/// the tables under the aliases stated there.
#pragma once

#include <algorithm>
#include <cariosan/commit_rows.hpp>
#include <cariosan/moderation.hpp>
#include <cariosan/outbox.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "adapters/sqlite/statement.hpp"

namespace cariosan::sqlite {

/// Reserves space for a page. Caps the limit, which may be far larger than the number of rows.
template <class T>
void reserve_rows(std::vector<T>& rows, std::int64_t limit) {
    rows.reserve(static_cast<std::size_t>(std::clamp<std::int64_t>(limit, 0, 128)));
}

/// Alias `w`.
inline constexpr std::string_view kWorkspaceColumns =
    "w.uuid, w.name, w.test, w.read_receipts_enabled, w.edit_window_seconds, w.created_at, w.moderation_enabled, "
    "w.moderation_rev";
Workspace read_workspace(Rows& rows);

/// Alias `s` (moderation_settings). Whether moderation is enabled is a column of the workspace.
inline constexpr std::string_view kModerationColumns =
    "s.profanity_enabled, s.profanity_action, s.profanity_min_severity, s.link_enabled, s.link_action, s.phone_enabled, "
    "s.phone_action, s.flood_enabled, s.flood_action, s.flood_max_repeats, s.flood_window_seconds, s.auto_mute_seconds, "
    "s.blocklist, s.allowlist";
ModerationSettings read_moderation(Rows& rows);

/// Alias `u`.
inline constexpr std::string_view kUserColumns =
    "u.uuid, u.external_id, u.name, u.avatar_url, u.metadata, u.created_at, u.updated_at";
User read_user(Rows& rows);

/// Alias `u`. A user without external_id is deleted.
inline constexpr std::string_view kSummaryColumns = "u.uuid, u.external_id, u.name, u.avatar_url, u.updated_at";
UserSummary read_summary(Rows& rows);

/// Alias `c`.
inline constexpr std::string_view kChannelColumns =
    "c.rev, c.receipt_rev, c.last_seq, c.member_count, c.type, c.settings_rev, c.created_at, c.uuid, "
    "c.external_id, "
    "c.name, c.avatar_url, c.metadata";
Channel read_channel(Rows& rows);

/// Aliases `u` and `x` (members).
inline constexpr std::string_view kMemberColumns =
    "x.present, x.role, x.joined_at, x.rev, u.uuid, u.external_id, u.name, u.avatar_url, u.updated_at";
/// Of a former member only the id is left.
Member read_member(Rows& rows);

/// Alias `x`.
/// Aliases `mine`, a membership, and `c`, its channel.
inline constexpr std::string_view kPreferenceColumns =
    "mine.muted, mine.archived_seq IS NOT NULL AND (mine.muted OR c.last_seq <= mine.archived_seq), mine.pinned,"
    " mine.unread_mark IS mine.last_read_seq, mine.preferences_rev";
Preferences read_preferences(Rows& rows);

inline constexpr std::string_view kReceiptColumns =
    "x.user_uuid, x.last_read_seq, x.last_read_at, x.last_delivered_seq, x.last_delivered_at, x.receipt_rev";
Receipt read_receipt(Rows& rows);

/// Aliases `r` (moderation_records), `c` and `u`, joined by `kRecordJoins`: records of channels that readers can find. The
/// excerpt is empty if the author's texts are being erased.
inline constexpr std::string_view kRecordColumns =
    "r.uuid, r.at, r.rule, r.action, r.message_uuid, CASE u.deletion WHEN 2 THEN '' ELSE r.excerpt END, c.uuid, "
    "c.external_id, u.uuid, u.external_id, u.name, u.avatar_url, u.updated_at";
inline constexpr std::string_view kRecordJoins =
    " CROSS JOIN channels c ON c.id = r.channel_id CROSS JOIN users u ON u.id = r.user_id ";
ModerationRecord read_record(Rows& rows);

/// Aliases `m`, `u` (the author), `p` (the parent) and `pu` (the parent's author), joined by `kMessageJoins`. If an
/// author's texts are being erased, the message reads as unsent even before it has been blanked.
inline constexpr std::string_view kMessageColumns =
    "m.id, m.mention_count, m.emoji_count, m.uuid, m.seq, m.rev, m.type, m.created_at, m.edited_at, "
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
    Message message;  ///< without mentions and reactions
};
/// The caller passes the channel's ids, which are not among the columns. Of a deleted message only its place is returned,
/// whatever the row still holds.
MessageRow read_message(Rows& rows, const ChannelId& channel,
                        const std::optional<std::string>& channel_external);

/// The mentions of the messages whose rowids are in a JSON array. One query for a page of messages.
inline constexpr std::string_view kMentionsOfMessages =
    "SELECT n.message_id, u.uuid, u.external_id, u.name, n.spans FROM json_each(?1) j CROSS JOIN mentions n"
    " ON n.message_id = j.value JOIN users u ON u.id = n.user_id ORDER BY n.message_id, n.position";
/// The spans of a mention as they are stored: "start length start length …"; nothing if there are none.
std::optional<std::string> spans_as_text(const std::vector<TextSpan>& spans);
std::vector<TextSpan> read_spans(Rows& rows);
/// Fills in the mentions of `messages`; queries only if some message has any.
void read_mentions(Statement& mentions_of_messages, const std::vector<MessageRow*>& messages);
/// The reactions to the messages whose rowids are in a JSON array, and whether those of user ?2 are among them.
inline constexpr std::string_view kReactionsOfMessages =
    "SELECT k.message_id, k.shown, k.count, r.user_id IS NOT NULL FROM json_each(?1) j CROSS JOIN reaction_counts k"
    " ON k.message_id = j.value LEFT JOIN reactions r ON r.message_id = k.message_id AND r.user_id = ?2"
    " AND r.emoji = k.emoji ORDER BY k.message_id, k.first_rev";
/// Fills in the reactions of `messages` as the user with rowid `viewer` sees them (0: no particular user).
void read_reactions(Statement& reactions_of_messages, const std::vector<MessageRow*>& messages, std::int64_t viewer);

/// The user who reads messages.
struct ViewerRow {
    std::int64_t row = 0;         ///< 0, which is nobody's row: no particular user
    std::vector<UserId> blocked;  ///< ascending; their messages are hidden

    bool hides(const UserId& author) const {
        return !blocked.empty() && std::binary_search(blocked.begin(), blocked.end(), author);
    }
};

/// Reduces quotes of messages that are hidden from the viewer to their id.
void hide_quotes(const std::vector<MessageRow*>& messages, const ViewerRow& viewer);

/// The statements that complete a page of messages: one query for mentions and one for reactions, however large the page.
struct MessageParts {
    explicit MessageParts(Connection& connection)
        : mentions(connection, kMentionsOfMessages), reactions(connection, kReactionsOfMessages) {}

    void complete(const std::vector<MessageRow*>& messages, std::int64_t viewer) {
        read_mentions(mentions, messages);
        read_reactions(reactions, messages, viewer);
    }
    void complete(const std::vector<MessageRow*>& messages, const ViewerRow& viewer) {
        complete(messages, viewer.row);
        hide_quotes(messages, viewer);
    }
    /// Adds mentions, reactions and quotes to the messages of a page.
    std::vector<Message> completed(std::vector<MessageRow> rows, const ViewerRow& viewer);

    Statement mentions;
    Statement reactions;
};

/// Alias `h`.
inline constexpr std::string_view kWebhookColumns =
    "h.uuid, h.url, h.events, h.enabled, h.disabled_reason, h.disabled_at, h.created_at, h.updated_at";
Webhook read_webhook(Rows& rows);

/// Alias `d`.
inline constexpr std::string_view kDeliveryColumns =
    "d.event_uuid, d.event, d.status, d.attempts, d.last_status_code, d.last_error, d.due, d.created_at, "
    "d.delivered_at";
Delivery read_delivery(Rows& rows);

/// Alias `d`.
inline constexpr std::string_view kOutboxColumns =
    "d.event_uuid, d.event, d.created_at, d.channel_uuid, d.channel_external_id, d.message_uuid, d.user_uuid, d.rev, "
    "d.external_id, d.name, d.detail, d.mentions, d.record";
/// Leaves the workspace unset.
OutboxEvent read_outbox_event(Rows& rows);

/// The latest time that can have been scheduled at `now`. A later stored time was written while the clock was wrong.
inline Timestamp latest_due(Timestamp now, std::chrono::milliseconds longest_delay) {
    constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
    return {now.milliseconds > kEnd - longest_delay.count() ? kEnd : now.milliseconds + longest_delay.count()};
}

/// When the next delivery of a webhook (alias `h`) is due. While the endpoint is down, only its oldest delivery is tried.
inline constexpr std::string_view kNextDue =
    "CASE WHEN h.failed_attempts >= 5 THEN (SELECT d.due FROM deliveries d INDEXED BY deliveries_pending"
    " WHERE d.webhook_id = h.id AND d.status = 0 ORDER BY d.id LIMIT 1)"
    " ELSE (SELECT d.due FROM deliveries d INDEXED BY deliveries_due WHERE d.webhook_id = h.id AND d.status = 0"
    " ORDER BY d.due LIMIT 1) END";
static_assert(kWebhookDownAfter == 5);

}  // namespace cariosan::sqlite
