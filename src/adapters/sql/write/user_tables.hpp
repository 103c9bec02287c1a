/// Users, their devices, blocks and silences. `Statements` is what an adapter calls its statements for writing.
#pragma once

#include <cariosan/commit_tables.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/objects.hpp"

namespace cariosan::sql {

using commit::RowId;

template <class Statements>
class UserTable final : public commit::UserTable {
  public:
    explicit UserTable(Statements& sql) : sql_(sql) {}
    std::optional<commit::UserRow> find(RowId workspace, UserId id) override;
    std::optional<commit::ProfileRow> find_profile(RowId workspace, UserId id) override;
    std::optional<commit::ProfileRow> find_profile(RowId workspace, std::string_view external_id) override;
    std::optional<commit::DeletedUserRow> find_deleted(RowId workspace, UserId id) override;
    void insert(RowId workspace, const User& user) override;
    void update(RowId id, const User& user) override;
    void write_suspension(RowId id, const std::optional<Suspension>& suspension) override;
    void remove(RowId id, Timestamp at, commit::UnfinishedDeletion left) override;
    bool drop_some(RowId id, Rest rest) override;
    void finish_deletion(RowId id) override;
    void record_last_seen(UserId id, Timestamp at) override;

  private:
    Statements& sql_;
};

template <class Statements>
class DeviceTable final : public commit::DeviceTable {
  public:
    explicit DeviceTable(Statements& sql) : sql_(sql) {}
    std::optional<commit::DeviceOwner> find(RowId workspace, std::string_view token) override;
    void insert(RowId workspace, RowId user, const Device& device) override;
    void update(DeviceRow id, DevicePlatform platform, Timestamp at) override;
    bool remove(DeviceRow id) override;
    void remove_unused(RowId user, std::int64_t keep) override;

  private:
    Statements& sql_;
};

template <class Statements>
class BlockTable final : public commit::BlockTable {
  public:
    explicit BlockTable(Statements& sql) : sql_(sql) {}
    std::optional<Timestamp> find(RowId user, UserId blocked) override;
    commit::BlockerRow blocker(RowId user) override;
    void insert(RowId workspace, RowId user, const commit::UserRow& blocked, Timestamp at) override;
    void remove(RowId user, UserId blocked) override;
    void add_blocks(RowId user, std::int64_t change) override;

  private:
    Statements& sql_;
};

template <class Statements>
class ModerationTable final : public commit::ModerationTable {
  public:
    explicit ModerationTable(Statements& sql) : sql_(sql) {}
    std::optional<commit::SilenceRow> find_silence(RowId user, RowId channel) override;
    std::vector<std::optional<Timestamp>> silences_of(RowId user, RowId channel, Timestamp now) override;
    void write_silence(RowId workspace, RowId user, RowId channel, const Silence& silence) override;
    void remove_silence(RowId user, RowId channel) override;
    void add_silences(RowId user, std::int64_t change) override;
    void insert_record(const commit::ChannelRow& channel, RowId user, const std::optional<MessageId>& message,
                       Timestamp at, const ModerationMatch& match) override;
    bool has_report(RowId reporter, const Uuid& thing) override;
    void insert_report(const commit::NewReport& added) override;
    std::optional<commit::ReportRow> find_report(RowId workspace, ReportId id) override;
    void update_report(const commit::ReportRow& row) override;

  private:
    Statements& sql_;
};

namespace detail {

/// Reads a query's only row, if there is one.
template <class Rows>
std::optional<commit::ProfileRow> profile(Rows rows) {
    if (!rows.next()) return std::nullopt;
    commit::ProfileRow row;
    row.id = rows.integer();
    row.user = read_user(rows);
    return row;
}

}  // namespace detail

template <class Statements>
std::optional<commit::UserRow> UserTable<Statements>::find(RowId workspace, UserId id) {
    auto rows = sql_.find_user.query(id, workspace);
    if (!rows.next()) return std::nullopt;
    commit::UserRow row;
    row.id = rows.integer();
    row.membership_count = rows.integer();
    row.summary = read_summary(rows);
    return row;
}

template <class Statements>
std::optional<commit::ProfileRow> UserTable<Statements>::find_profile(RowId workspace, UserId id) {
    return detail::profile(sql_.find_whole_user.query(workspace, id));
}

template <class Statements>
std::optional<commit::ProfileRow> UserTable<Statements>::find_profile(RowId workspace, std::string_view external_id) {
    return detail::profile(sql_.find_user_external.query(workspace, external_id));
}

template <class Statements>
std::optional<commit::DeletedUserRow> UserTable<Statements>::find_deleted(RowId workspace, UserId id) {
    auto rows = sql_.find_deletion.query(id, workspace);
    if (!rows.next()) return std::nullopt;
    commit::DeletedUserRow row;
    row.id = rows.integer();
    row.left = read_code<commit::UnfinishedDeletion>(rows);
    return row;
}

template <class Statements>
void UserTable<Statements>::insert(RowId workspace, const User& user) {
    sql_.insert_user.run(user.id, workspace, user.external_id, user.name, user.avatar_url, user.created_at,
                         user.metadata);
}

template <class Statements>
void UserTable<Statements>::update(RowId id, const User& user) {
    sql_.update_user.run(id, user.name, user.avatar_url, user.metadata, user.updated_at);
}

template <class Statements>
void UserTable<Statements>::write_suspension(RowId id, const std::optional<Suspension>& suspension) {
    if (!suspension) {
        sql_.write_suspension.run(id, std::optional<Timestamp>(), std::optional<Timestamp>(), std::optional<std::string>());
        return;
    }
    sql_.write_suspension.run(id, suspension->created_at, suspension->until, suspension->reason);
}

template <class Statements>
void UserTable<Statements>::remove(RowId id, Timestamp at, commit::UnfinishedDeletion left) {
    sql_.delete_user.run(id, at, left);
}

template <class Statements>
bool UserTable<Statements>::drop_some(RowId id, Rest rest) {
    switch (rest) {
        case Rest::silences: return sql_.drop_some_silences.change(id) > 0;
        case Rest::blocks: return sql_.drop_some_blocks.change(id) > 0;
        case Rest::devices: return sql_.drop_some_devices.change(id) > 0;
        case Rest::reports: return sql_.drop_some_reports.change(id) > 0;
        case Rest::excerpts: return sql_.erase_some_excerpts.change(id) > 0;
    }
    return false;
}

template <class Statements>
void UserTable<Statements>::finish_deletion(RowId id) { sql_.finish_deletion.run(id); }

template <class Statements>
void UserTable<Statements>::record_last_seen(UserId id, Timestamp at) { sql_.record_last_seen.run(id, at); }

template <class Statements>
std::optional<commit::DeviceOwner> DeviceTable<Statements>::find(RowId workspace, std::string_view token) {
    auto rows = sql_.find_device.query(workspace, token);
    if (!rows.next()) return std::nullopt;
    commit::DeviceOwner owner;
    owner.id = read_code<DeviceRow>(rows);
    owner.user = rows.integer();
    owner.platform = read_code<DevicePlatform>(rows);
    owner.created_at = rows.timestamp();
    return owner;
}

template <class Statements>
void DeviceTable<Statements>::insert(RowId workspace, RowId user, const Device& device) {
    sql_.insert_device.run(workspace, user, device.platform, device.created_at, device.token);
}

template <class Statements>
void DeviceTable<Statements>::update(DeviceRow id, DevicePlatform platform, Timestamp at) {
    sql_.update_device.run(id, platform, at);
}

template <class Statements>
bool DeviceTable<Statements>::remove(DeviceRow id) { return sql_.drop_device.change(id) > 0; }

template <class Statements>
void DeviceTable<Statements>::remove_unused(RowId user, std::int64_t keep) { sql_.drop_unused_devices.run(user, keep); }

template <class Statements>
std::optional<Timestamp> BlockTable<Statements>::find(RowId user, UserId blocked) {
    auto rows = sql_.find_block.query(user, blocked);
    return rows.next() ? std::optional(rows.timestamp()) : std::nullopt;
}

template <class Statements>
commit::BlockerRow BlockTable<Statements>::blocker(RowId user) {
    auto rows = sql_.find_blocker.query(user);
    commit::BlockerRow row;
    if (!rows.next()) return row;
    row.count = rows.integer();
    row.blocks_rev = rows.integer();
    return row;
}

template <class Statements>
void BlockTable<Statements>::insert(RowId workspace, RowId user, const commit::UserRow& blocked, Timestamp at) {
    sql_.insert_block.run(user, blocked.summary.id, blocked.id, workspace, at);
}

template <class Statements>
void BlockTable<Statements>::remove(RowId user, UserId blocked) { sql_.drop_block.run(user, blocked); }

template <class Statements>
void BlockTable<Statements>::add_blocks(RowId user, std::int64_t change) { sql_.add_blocks.run(user, change); }

template <class Statements>
std::optional<commit::SilenceRow> ModerationTable<Statements>::find_silence(RowId user, RowId channel) {
    auto rows = sql_.find_silence.query(user, channel);
    if (!rows.next()) return std::nullopt;
    commit::SilenceRow row;
    row.until = rows.optional_timestamp();
    row.reason = rows.optional_text();
    row.created_at = rows.timestamp();
    return row;
}

template <class Statements>
std::vector<std::optional<Timestamp>> ModerationTable<Statements>::silences_of(RowId user, RowId channel, Timestamp now) {
    std::vector<std::optional<Timestamp>> ends;
    auto rows = sql_.silences_of_user.query(user, channel, now);
    while (rows.next()) ends.push_back(rows.optional_timestamp());
    return ends;
}

template <class Statements>
void ModerationTable<Statements>::write_silence(RowId workspace, RowId user, RowId channel, const Silence& silence) {
    sql_.write_silence.run(user, channel, workspace, silence.user.id, silence.channel_id.value_or(ChannelId{}), silence.until,
                        silence.reason, silence.created_at);
}

template <class Statements>
void ModerationTable<Statements>::remove_silence(RowId user, RowId channel) { sql_.drop_silence.run(user, channel); }

template <class Statements>
void ModerationTable<Statements>::add_silences(RowId user, std::int64_t change) { sql_.add_silences.run(user, change); }

template <class Statements>
void ModerationTable<Statements>::insert_record(const commit::ChannelRow& channel, RowId user,
                                     const std::optional<MessageId>& message, Timestamp at,
                                     const ModerationMatch& match) {
    sql_.insert_record.run(match.id, channel.workspace_row, channel.id, user, message, at, match.rule, match.action,
                           match.excerpt);
}

template <class Statements>
bool ModerationTable<Statements>::has_report(RowId reporter, const Uuid& thing) {
    return sql_.find_filed.query(reporter, thing).next();
}

template <class Statements>
void ModerationTable<Statements>::insert_report(const commit::NewReport& added) {
    const mutation::FileReport& report = added.report;
    sql_.insert_report.run(report.id, added.workspace, added.reporter, report.thing(), added.user,
                           added.channel != 0 ? std::optional(added.channel) : std::nullopt, report.message, report.at,
                           report.reason, report.note);
}

template <class Statements>
std::optional<commit::ReportRow> ModerationTable<Statements>::find_report(RowId workspace, ReportId id) {
    auto rows = sql_.find_report.query(id, workspace);
    if (!rows.next()) return std::nullopt;
    commit::ReportRow row;
    row.id = rows.integer();
    row.state.status = read_code<ReportStatus>(rows);
    row.state.moderator_note = rows.optional_text();
    return row;
}

template <class Statements>
void ModerationTable<Statements>::update_report(const commit::ReportRow& row) {
    sql_.update_report.run(row.id, row.state.status, row.state.moderator_note);
}

}  // namespace cariosan::sql
