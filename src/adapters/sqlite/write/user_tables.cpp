// Users, their devices, blocks and silences.
#include "adapters/sqlite/write/tables.hpp"

namespace cariosan::sqlite {
namespace {

/// Reads a query's only row, if there is one.
std::optional<commit::ProfileRow> profile(Rows rows) {
    if (!rows.next()) return std::nullopt;
    commit::ProfileRow row;
    row.id = rows.integer();
    row.user = read_user(rows);
    return row;
}

}  // namespace

std::optional<commit::UserRow> SqliteUserTable::find(RowId workspace, UserId id) {
    Rows rows = sql_.find_user.query(id, workspace);
    if (!rows.next()) return std::nullopt;
    commit::UserRow row;
    row.id = rows.integer();
    row.membership_count = rows.integer();
    row.summary = read_summary(rows);
    return row;
}

std::optional<commit::ProfileRow> SqliteUserTable::find_profile(RowId workspace, UserId id) {
    return profile(sql_.find_whole_user.query(workspace, id));
}

std::optional<commit::ProfileRow> SqliteUserTable::find_profile(RowId workspace, std::string_view external_id) {
    return profile(sql_.find_user_external.query(workspace, external_id));
}

std::optional<commit::DeletedUserRow> SqliteUserTable::find_deleted(RowId workspace, UserId id) {
    Rows rows = sql_.find_deletion.query(id, workspace);
    if (!rows.next()) return std::nullopt;
    commit::DeletedUserRow row;
    row.id = rows.integer();
    row.left = rows.code<commit::UnfinishedDeletion>();
    return row;
}

void SqliteUserTable::insert(RowId workspace, const User& user) {
    sql_.insert_user.run(user.id, workspace, user.external_id, user.name, user.avatar_url, user.created_at,
                         user.metadata);
}

void SqliteUserTable::update(RowId id, const User& user) {
    sql_.update_user.run(id, user.name, user.avatar_url, user.metadata, user.updated_at);
}

void SqliteUserTable::remove(RowId id, Timestamp at, commit::UnfinishedDeletion left) {
    sql_.delete_user.run(id, at, left);
}

bool SqliteUserTable::drop_some(RowId id, Rest rest) {
    switch (rest) {
        case Rest::silences: return sql_.drop_some_silences.change(id) > 0;
        case Rest::blocks: return sql_.drop_some_blocks.change(id) > 0;
        case Rest::devices: return sql_.drop_some_devices.change(id) > 0;
        case Rest::excerpts: return sql_.erase_some_excerpts.change(id) > 0;
    }
    return false;
}

void SqliteUserTable::finish_deletion(RowId id) { sql_.finish_deletion.run(id); }

void SqliteUserTable::record_last_seen(UserId id, Timestamp at) { sql_.record_last_seen.run(id, at); }

std::optional<commit::DeviceOwner> SqliteDeviceTable::find(RowId workspace, std::string_view token) {
    Rows rows = sql_.find_device.query(workspace, token);
    if (!rows.next()) return std::nullopt;
    commit::DeviceOwner owner;
    owner.id = rows.code<DeviceRow>();
    owner.user = rows.integer();
    owner.platform = rows.code<DevicePlatform>();
    owner.created_at = rows.timestamp();
    return owner;
}

void SqliteDeviceTable::insert(RowId workspace, RowId user, const Device& device) {
    sql_.insert_device.run(workspace, user, device.platform, device.created_at, device.token);
}

void SqliteDeviceTable::update(DeviceRow id, DevicePlatform platform, Timestamp at) {
    sql_.update_device.run(id, platform, at);
}

bool SqliteDeviceTable::remove(DeviceRow id) { return sql_.drop_device.change(id) > 0; }

void SqliteDeviceTable::remove_unused(RowId user, std::int64_t keep) { sql_.drop_unused_devices.run(user, keep); }

std::optional<Timestamp> SqliteBlockTable::find(RowId user, UserId blocked) {
    Rows rows = sql_.find_block.query(user, blocked);
    return rows.next() ? std::optional(rows.timestamp()) : std::nullopt;
}

commit::BlockerRow SqliteBlockTable::blocker(RowId user) {
    Rows rows = sql_.find_blocker.query(user);
    commit::BlockerRow row;
    if (!rows.next()) return row;
    row.count = rows.integer();
    row.blocks_rev = rows.integer();
    return row;
}

void SqliteBlockTable::insert(RowId workspace, RowId user, const commit::UserRow& blocked, Timestamp at) {
    sql_.insert_block.run(user, blocked.summary.id, blocked.id, workspace, at);
}

void SqliteBlockTable::remove(RowId user, UserId blocked) { sql_.drop_block.run(user, blocked); }

void SqliteBlockTable::add_blocks(RowId user, std::int64_t change) { sql_.add_blocks.run(user, change); }

std::optional<commit::SilenceRow> SqliteModerationTable::find_silence(RowId user, RowId channel) {
    Rows rows = sql_.find_silence.query(user, channel);
    if (!rows.next()) return std::nullopt;
    commit::SilenceRow row;
    row.until = rows.optional_timestamp();
    row.reason = rows.optional_text();
    row.created_at = rows.timestamp();
    return row;
}

std::vector<std::optional<Timestamp>> SqliteModerationTable::silences_of(RowId user, RowId channel, Timestamp now) {
    std::vector<std::optional<Timestamp>> ends;
    Rows rows = sql_.silences_of_user.query(user, channel, now);
    while (rows.next()) ends.push_back(rows.optional_timestamp());
    return ends;
}

void SqliteModerationTable::write_silence(RowId workspace, RowId user, RowId channel, const Silence& silence) {
    sql_.write_silence.run(user, channel, workspace, silence.user.id, silence.channel_id.value_or(ChannelId{}), silence.until,
                        silence.reason, silence.created_at);
}

void SqliteModerationTable::remove_silence(RowId user, RowId channel) { sql_.drop_silence.run(user, channel); }

void SqliteModerationTable::add_silences(RowId user, std::int64_t change) { sql_.add_silences.run(user, change); }

void SqliteModerationTable::insert_record(const commit::ChannelRow& channel, RowId user,
                                     const std::optional<MessageId>& message, Timestamp at,
                                     const ModerationMatch& match) {
    sql_.insert_record.run(match.id, channel.workspace_row, channel.id, user, message, at, match.rule, match.action,
                           match.excerpt);
}

}  // namespace cariosan::sqlite
