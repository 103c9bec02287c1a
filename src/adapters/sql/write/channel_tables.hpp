/// Channels and their members. `Statements` is what an adapter calls its statements for writing.
#pragma once

#include <algorithm>
#include <cariosan/commit_tables.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/objects.hpp"
#include "adapters/sql/unread.hpp"

namespace cariosan::sql {

using commit::RowId;

template <class Statements>
class ChannelTable final : public commit::ChannelTable {
  public:
    explicit ChannelTable(Statements& sql) : sql_(sql) {}
    std::optional<commit::ChannelRow> find(WorkspaceId workspace, ChannelId id) override;
    std::optional<commit::ExternalChannel> find_external(RowId workspace, std::string_view external_id) override;
    std::optional<ChannelId> find_direct(RowId one, RowId other) override;
    void insert(RowId workspace, const mutation::CreateChannel& create, std::span<const commit::UserRow> users) override;
    void update(const commit::ChannelRow& row) override;
    void update_settings(const commit::ChannelRow& row) override;
    void remove(RowId id, Timestamp at) override;
    bool has_deleted_user(RowId id) override;
    std::vector<ChannelId> list_of(RowId user) override;

  private:
    Statements& sql_;
};

template <class Statements>
class MemberTable final : public commit::MemberTable {
  public:
    explicit MemberTable(Statements& sql) : sql_(sql) {}
    std::optional<commit::MemberRow> find(const commit::ChannelRow& channel, UserId user) override;
    void write(RowId channel, const commit::MemberRow& row) override;
    void update_receipts(RowId channel, const commit::MemberRow& row) override;
    void update_preferences(RowId channel, const commit::MemberRow& row) override;
    void add_memberships(RowId user, std::int64_t change) override;
    std::int64_t count_memberships(RowId user) override;
    bool has_admin(RowId channel) override;
    bool has_other_admin(RowId channel, RowId user) override;
    bool has_other_member(RowId channel, RowId user) override;
    commit::UnreadCounts unread(const commit::ChannelRow& channel, const commit::MemberRow& row) override;

  private:
    Statements& sql_;
};

template <class Statements>
std::optional<commit::ChannelRow> ChannelTable<Statements>::find(WorkspaceId workspace, ChannelId id) {
    auto rows = sql_.find_channel.query(id, workspace);
    if (!rows.next()) return std::nullopt;
    commit::ChannelRow row;
    row.id = rows.integer();
    row.workspace = workspace;
    row.workspace_row = rows.integer();
    row.last_message = rows.optional_integer();
    row.last_activity = rows.timestamp();
    row.channel = read_channel(rows);
    return row;
}

template <class Statements>
std::optional<commit::ExternalChannel> ChannelTable<Statements>::find_external(RowId workspace, std::string_view external_id) {
    auto rows = sql_.find_channel_external.query(workspace, external_id);
    if (!rows.next()) return std::nullopt;
    commit::ExternalChannel found;
    found.id = read_id<ChannelId>(rows);
    found.type = read_code<ChannelType>(rows);
    return found;
}

template <class Statements>
std::optional<ChannelId> ChannelTable<Statements>::find_direct(RowId one, RowId other) {
    const auto [low, high] = std::minmax(one, other);
    auto rows = sql_.find_direct.query(low, high);
    return rows.next() ? std::optional(read_id<ChannelId>(rows)) : std::nullopt;
}

template <class Statements>
void ChannelTable<Statements>::insert(RowId workspace, const mutation::CreateChannel& create,
                            std::span<const commit::UserRow> users) {
    std::optional<RowId> low;
    std::optional<RowId> high;
    if (create.type == ChannelType::direct) std::tie(low, high) = std::minmax(users[0].id, users[1].id);
    sql_.insert_channel.run(create.new_id, workspace, create.at, users.size(), create.type, low, high,
                            create.external_id, create.name, create.avatar_url, create.metadata);
}

template <class Statements>
void ChannelTable<Statements>::update(const commit::ChannelRow& row) {
    const Channel& channel = row.channel;
    sql_.update_channel.run(row.id, channel.rev, channel.receipt_rev, channel.last_seq, row.last_message,
                            row.last_activity, channel.member_count);
}

template <class Statements>
void ChannelTable<Statements>::update_settings(const commit::ChannelRow& row) {
    const Channel& channel = row.channel;
    sql_.update_settings.run(row.id, channel.settings_rev, channel.name, channel.avatar_url, channel.metadata,
                             channel.slow_mode_seconds, channel.frozen);
}

template <class Statements>
void ChannelTable<Statements>::remove(RowId id, Timestamp at) { sql_.delete_channel.run(id, at); }

template <class Statements>
bool ChannelTable<Statements>::has_deleted_user(RowId id) { return sql_.deleted_peer.query(id).next(); }

template <class Statements>
std::vector<ChannelId> ChannelTable<Statements>::list_of(RowId user) {
    std::vector<ChannelId> channels;
    auto rows = sql_.channels_of_user.query(user);
    while (rows.next()) channels.push_back(read_id<ChannelId>(rows));
    return channels;
}

template <class Statements>
std::optional<commit::MemberRow> MemberTable<Statements>::find(const commit::ChannelRow& channel, UserId user) {
    auto rows = sql_.find_member.query(user, channel.workspace_row, channel.id);
    if (!rows.next()) return std::nullopt;
    commit::MemberRow row;
    row.user = rows.integer();
    row.silence_count = rows.integer();
    row.block_count = rows.integer();
    row.suspension = read_suspension(rows);
    row.user_preferences_rev = rows.integer();
    row.summary = read_summary(rows);
    if (rows.skip_null()) return row;
    row.present = rows.flag();
    row.role = read_code<Role>(rows);
    row.muted = rows.flag();
    row.rev = rows.integer();
    row.joined_rev = rows.integer();
    row.joined_at = rows.timestamp();
    row.last_read_seq = rows.integer();
    row.last_read_at = rows.optional_timestamp();
    row.last_delivered_seq = rows.integer();
    row.last_delivered_at = rows.optional_timestamp();
    row.receipt_rev = rows.integer();
    row.pinned = rows.flag();
    row.archived_seq = rows.optional_integer();
    row.unread_mark = rows.optional_integer();
    row.preferences_rev = rows.integer();
    row.last_sent_at = rows.optional_timestamp();
    return row;
}

template <class Statements>
void MemberTable<Statements>::write(RowId channel, const commit::MemberRow& row) {
    sql_.write_member.run(row.user, channel, row.summary.id, row.present, row.role, row.muted, row.rev, row.joined_rev,
                          row.joined_at, row.last_read_seq, row.last_read_at, row.last_delivered_seq,
                          row.last_delivered_at, row.receipt_rev, row.pinned, row.archived_seq, row.unread_mark,
                          row.preferences_rev, row.last_sent_at);
}

template <class Statements>
void MemberTable<Statements>::update_receipts(RowId channel, const commit::MemberRow& row) {
    sql_.update_receipts.run(row.user, channel, row.last_read_seq, row.last_read_at, row.last_delivered_seq,
                            row.last_delivered_at, row.receipt_rev, row.last_sent_at);
}

template <class Statements>
void MemberTable<Statements>::update_preferences(RowId channel, const commit::MemberRow& row) {
    sql_.update_preferences.run(row.user, channel, row.muted, row.pinned, row.archived_seq, row.unread_mark,
                                row.preferences_rev);
    sql_.update_preferences_rev.run(row.user, row.preferences_rev);
}

template <class Statements>
void MemberTable<Statements>::add_memberships(RowId user, std::int64_t change) { sql_.add_memberships.run(user, change); }

template <class Statements>
std::int64_t MemberTable<Statements>::count_memberships(RowId user) {
    auto rows = sql_.count_memberships.query(user);
    return rows.next() ? rows.integer() : 0;
}

template <class Statements>
bool MemberTable<Statements>::has_admin(RowId channel) { return sql_.any_admin.query(channel).next(); }

template <class Statements>
bool MemberTable<Statements>::has_other_admin(RowId channel, RowId user) {
    return sql_.other_admin.query(channel, user).next();
}

template <class Statements>
bool MemberTable<Statements>::has_other_member(RowId channel, RowId user) {
    return sql_.other_member.query(channel, user).next();
}

template <class Statements>
commit::UnreadCounts MemberTable<Statements>::unread(const commit::ChannelRow& channel, const commit::MemberRow& row) {
    const UnreadRange range{
        .channel = channel.id, .last_seq = channel.channel.last_seq, .last_read_seq = row.last_read_seq};
    if (range.span() <= 0) return {};
    const HiddenAuthors hidden = sql_.unread.hidden_from(row.user, channel.workspace_row, row.block_count > 0);
    UnreadBudget budget;
    commit::UnreadCounts counts;
    counts.messages = sql_.unread.count(range, hidden, budget);
    counts.mentions = sql_.unread.count_mentions(row.user, range, hidden);
    return counts;
}

}  // namespace cariosan::sql
