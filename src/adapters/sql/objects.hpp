/// From rows to objects. Each list of columns is followed by the function that reads them, in the same order, and expects
/// the tables under the aliases stated there.
#pragma once

#include <algorithm>
#include <cariosan/commit_rows.hpp>
#include <cariosan/moderation.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sql/columns.hpp"

namespace cariosan::sql {

/// Reserves space for a page. Caps the limit, which may be far larger than the number of rows.
template <class T>
void reserve_rows(std::vector<T>& rows, std::int64_t limit) {
    rows.reserve(static_cast<std::size_t>(std::clamp<std::int64_t>(limit, 0, 128)));
}

// The numbers are stored in users' files: new values of these types go at the end only.
static_assert(static_cast<int>(ChannelType::direct) == 0 && static_cast<int>(ChannelType::group) == 1);
static_assert(static_cast<int>(commit::UnfinishedDeletion::memberships) == 1 &&
              static_cast<int>(commit::UnfinishedDeletion::memberships_and_texts) == 2);
static_assert(static_cast<int>(Role::member) == 0 && static_cast<int>(Role::admin) == 1);
static_assert(static_cast<int>(MessageType::text) == 0 && static_cast<int>(MessageType::image) == 1 &&
              static_cast<int>(MessageType::file) == 2 && static_cast<int>(MessageType::system) == 3);
static_assert(static_cast<int>(ModerationRule::profanity) == 0 && static_cast<int>(ModerationRule::blocklist) == 1 &&
              static_cast<int>(ModerationRule::phone) == 2 && static_cast<int>(ModerationRule::link) == 3 &&
              static_cast<int>(ModerationRule::flood) == 4 && static_cast<int>(ModerationRule::moderator) == 5);
static_assert(static_cast<int>(ModerationAction::flag) == 0 && static_cast<int>(ModerationAction::mask) == 1 &&
              static_cast<int>(ModerationAction::reject) == 2 && static_cast<int>(ModerationAction::auto_mute) == 3);
static_assert(static_cast<int>(ReportStatus::open) == 0 && static_cast<int>(ReportStatus::resolved) == 1 &&
              static_cast<int>(ReportStatus::dismissed) == 2);
static_assert(static_cast<int>(ModerationSeverity::mild) == 0 && static_cast<int>(ModerationSeverity::strong) == 1 &&
              static_cast<int>(ModerationSeverity::extreme) == 2);

/// Alias `w`.
inline constexpr std::string_view kWorkspaceColumns =
    "w.uuid, w.name, w.test, w.read_receipts_enabled, w.edit_window_seconds, w.created_at, w.moderation_enabled, "
    "w.moderation_rev";
template <class Rows>
Workspace read_workspace(Rows& rows) {
    Workspace workspace;
    workspace.id = read_id<WorkspaceId>(rows);
    workspace.name = rows.text();
    workspace.test = rows.flag();
    workspace.read_receipts_enabled = rows.flag();
    workspace.edit_window_seconds = rows.optional_integer();
    workspace.created_at = rows.timestamp();
    workspace.moderation_enabled = rows.flag();
    workspace.moderation_rev = rows.integer();
    return workspace;
}

namespace detail {

inline std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (std::size_t end = 0; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1)) {
        lines.emplace_back(text.substr(0, end));
    }
    return lines;
}

}  // namespace detail

/// Alias `s` (moderation_settings). Whether moderation is enabled is a column of the workspace.
inline constexpr std::string_view kModerationColumns =
    "s.profanity_enabled, s.profanity_action, s.profanity_min_severity, s.link_enabled, s.link_action, s.phone_enabled, "
    "s.phone_action, s.flood_enabled, s.flood_action, s.flood_max_repeats, s.flood_window_seconds, s.auto_mute_seconds, "
    "s.blocklist, s.allowlist";
template <class Rows>
ModerationSettings read_moderation(Rows& rows) {
    ModerationSettings settings;
    settings.profanity.enabled = rows.flag();
    settings.profanity.action = read_code<ModerationAction>(rows);
    settings.profanity.min_severity = read_code<ModerationSeverity>(rows);
    settings.link.enabled = rows.flag();
    settings.link.action = read_code<ModerationAction>(rows);
    settings.phone.enabled = rows.flag();
    settings.phone.action = read_code<ModerationAction>(rows);
    settings.flood.enabled = rows.flag();
    settings.flood.action = read_code<ModerationAction>(rows);
    settings.flood.max_repeats = rows.integer();
    settings.flood.window_seconds = rows.integer();
    settings.auto_mute_seconds = rows.integer();
    settings.blocklist = detail::lines_of(rows.text());
    settings.allowlist = detail::lines_of(rows.text());
    return settings;
}

/// Since when, and until when; the reason follows in `kUserColumns`.
template <class Rows>
std::optional<Suspension> read_suspension(Rows& rows) {
    const auto since = rows.optional_timestamp();
    const auto until = rows.optional_timestamp();
    if (!since) return std::nullopt;
    return Suspension{.until = until, .created_at = *since};
}

/// Alias `u`.
inline constexpr std::string_view kUserColumns =
    "u.uuid, u.external_id, u.name, u.avatar_url, u.metadata, u.created_at, u.updated_at, u.suspended_at, u.suspended_until, "
    "u.suspension_reason";
template <class Rows>
User read_user(Rows& rows) {
    User user;
    user.id = read_id<UserId>(rows);
    user.external_id = rows.text();
    user.name = rows.text();
    user.avatar_url = rows.optional_text();
    user.metadata = rows.text();
    user.created_at = rows.timestamp();
    user.updated_at = rows.timestamp();
    user.suspension = read_suspension(rows);
    if (!user.suspension) {
        rows.skip(1);
        return user;
    }
    user.suspension->reason = rows.optional_text();
    return user;
}

/// Alias `u`. A user without external_id is deleted.
inline constexpr std::string_view kSummaryColumns = "u.uuid, u.external_id, u.name, u.avatar_url, u.updated_at";
template <class Rows>
UserSummary read_summary(Rows& rows) {
    UserSummary user;
    user.id = read_id<UserId>(rows);
    user.external_id = rows.text();
    user.name = rows.text();
    user.avatar_url = rows.optional_text();
    user.updated_at = rows.timestamp();
    user.deleted = user.external_id.empty();
    if (user.deleted) user.updated_at = {};
    return user;
}

/// Alias `c`.
inline constexpr std::string_view kChannelColumns =
    "c.rev, c.receipt_rev, c.last_seq, c.member_count, c.type, c.settings_rev, c.created_at, c.uuid, "
    "c.external_id, "
    "c.name, c.avatar_url, c.metadata, c.slow_mode_seconds, c.frozen";
template <class Rows>
Channel read_channel(Rows& rows) {
    Channel channel;
    channel.rev = rows.integer();
    channel.receipt_rev = rows.integer();
    channel.last_seq = rows.integer();
    channel.member_count = rows.integer();
    channel.type = read_code<ChannelType>(rows);
    channel.settings_rev = rows.integer();
    channel.created_at = rows.timestamp();
    channel.id = read_id<ChannelId>(rows);
    channel.external_id = rows.optional_text();
    channel.name = rows.text();
    channel.avatar_url = rows.optional_text();
    channel.metadata = rows.text();
    channel.slow_mode_seconds = rows.integer();
    channel.frozen = rows.flag();
    return channel;
}

/// Aliases `u` and `x` (members).
inline constexpr std::string_view kMemberColumns =
    "x.present, x.role, x.joined_at, x.rev, u.uuid, u.external_id, u.name, u.avatar_url, u.updated_at";
/// Of a former member only the id is left.
template <class Rows>
Member read_member(Rows& rows) {
    Member member;
    member.left = !rows.flag();
    if (member.left) {
        rows.skip(2);
        member.rev = rows.integer();
        member.user.id = read_id<UserId>(rows);
        return member;
    }
    member.role = read_code<Role>(rows);
    member.joined_at = rows.timestamp();
    member.rev = rows.integer();
    member.user = read_summary(rows);
    return member;
}

/// Aliases `mine`, a membership, and `c`, its channel.
inline constexpr std::string_view kPreferenceColumns =
    "mine.muted, mine.archived_seq IS NOT NULL AND (mine.muted = 1 OR c.last_seq <= mine.archived_seq), mine.pinned,"
    " mine.unread_mark IS NOT NULL AND mine.unread_mark = mine.last_read_seq, mine.preferences_rev";
template <class Rows>
Preferences read_preferences(Rows& rows) {
    Preferences preferences;
    preferences.muted = rows.flag();
    preferences.archived = rows.flag();
    preferences.pinned = rows.flag();
    preferences.marked_unread = rows.flag();
    preferences.preferences_rev = rows.integer();
    return preferences;
}

/// Alias `x`.
inline constexpr std::string_view kReceiptColumns =
    "x.user_uuid, x.last_read_seq, x.last_read_at, x.last_delivered_seq, x.last_delivered_at, x.receipt_rev";
template <class Rows>
Receipt read_receipt(Rows& rows) {
    Receipt receipt;
    receipt.user_id = read_id<UserId>(rows);
    receipt.last_read_seq = rows.integer();
    receipt.last_read_at = rows.optional_timestamp();
    receipt.last_delivered_seq = rows.integer();
    receipt.last_delivered_at = rows.optional_timestamp();
    receipt.receipt_rev = rows.integer();
    return receipt;
}

/// Aliases `r` (moderation_records), `c` and `u`, joined by `kRecordJoins`: records of channels that readers can find. The
/// excerpt is empty if the author's texts are being erased.
inline constexpr std::string_view kRecordColumns =
    "r.uuid, r.at, r.rule, r.action, r.message_uuid, CASE u.deletion WHEN 2 THEN '' ELSE r.excerpt END, c.uuid, "
    "c.external_id, u.uuid, u.external_id, u.name, u.avatar_url, u.updated_at";
inline constexpr std::string_view kRecordJoins =
    " CROSS JOIN channels c ON c.id = r.channel_id CROSS JOIN users u ON u.id = r.user_id ";
template <class Rows>
ModerationRecord read_record(Rows& rows) {
    ModerationRecord record;
    record.id = read_id<ModerationRecordId>(rows);
    record.at = rows.timestamp();
    record.rule = read_code<ModerationRule>(rows);
    record.action = read_code<ModerationAction>(rows);
    if (!rows.skip_null()) record.message_id = read_id<MessageId>(rows);
    record.excerpt = rows.text();
    record.channel_id = read_id<ChannelId>(rows);
    record.channel_external_id = rows.optional_text();
    record.user = read_summary(rows);
    return record;
}

/// Aliases `r` (reports), `c`, `f` (who filed it) and `u` (who is reported), joined by `kReportJoins`.
inline constexpr std::string_view kReportColumns =
    "r.uuid, r.at, r.status, r.reason, r.note, r.moderator_note, f.uuid, f.external_id, f.name, f.avatar_url, f.updated_at, "
    "u.uuid, u.external_id, u.name, u.avatar_url, u.updated_at, c.uuid, c.external_id, r.message_uuid";
inline constexpr std::string_view kReportJoins =
    " JOIN users f ON f.id = r.reporter_id JOIN users u ON u.id = r.user_id"
    " LEFT JOIN channels c ON c.id = r.channel_id AND c.deleted_at IS NULL ";
template <class Rows>
Report read_report(Rows& rows) {
    Report report;
    report.id = read_id<ReportId>(rows);
    report.at = rows.timestamp();
    report.status = read_code<ReportStatus>(rows);
    report.reason = rows.text();
    report.reporter_note = rows.optional_text();
    report.moderator_note = rows.optional_text();
    report.reporter = read_summary(rows);
    report.user = read_summary(rows);
    if (rows.skip_null()) return report;
    report.channel_id = read_id<ChannelId>(rows);
    report.channel_external_id = rows.optional_text();
    if (!rows.skip_null()) report.message_id = read_id<MessageId>(rows);
    return report;
}

}  // namespace cariosan::sql
