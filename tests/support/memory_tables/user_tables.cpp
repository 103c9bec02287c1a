// Users, their devices, blocks and silences.
#include <algorithm>

#include "support/memory_tables/memory_tables.hpp"

namespace cariosan::test {
namespace {

/// The matching user that was not deleted.
template <class Fits>
std::optional<commit::ProfileRow> stored_profile(MemoryRows& rows, RowId workspace, const Fits& fits) {
    const auto found = rows.users.find(
        [&](const StoredUser& row) { return row.workspace == workspace && !row.deleted_at && fits(row); });
    if (found == rows.users.end()) return std::nullopt;
    const StoredUser& row = found->second;
    return commit::ProfileRow{.id = found->first,
                              .user = {.id = row.uuid,
                                       .external_id = row.external_id,
                                       .name = row.name,
                                       .avatar_url = row.avatar_url,
                                       .metadata = row.metadata,
                                       .created_at = row.created_at,
                                       .updated_at = row.updated_at,
                                       .suspension = row.suspension}};
}

}  // namespace

UserSummary StoredUser::summary() const {
    if (deleted_at) return {.id = uuid, .deleted = true};
    return {.id = uuid, .external_id = external_id, .name = name, .avatar_url = avatar_url, .updated_at = updated_at};
}

std::optional<commit::UserRow> MemoryUsers::find(RowId workspace, UserId id) {
    names_.read_user(id);
    const auto found = rows_.users.find(
        [&](const StoredUser& row) { return row.uuid == id && row.workspace == workspace && !row.deleted_at; });
    if (found == rows_.users.end()) return std::nullopt;
    return commit::UserRow{.id = found->first,
                           .membership_count = found->second.membership_count,
                           .summary = found->second.summary()};
}

std::optional<commit::ProfileRow> MemoryUsers::find_profile(RowId workspace, UserId id) {
    names_.read_user(id);
    return stored_profile(rows_, workspace, [&](const StoredUser& row) { return row.uuid == id; });
}

std::optional<commit::ProfileRow> MemoryUsers::find_profile(RowId workspace, std::string_view external_id) {
    names_.read_user_name(workspace, external_id);
    auto found = stored_profile(rows_, workspace, [&](const StoredUser& row) { return row.external_id == external_id; });
    if (found) names_.lead_to(found->user.id);
    return found;
}

std::optional<commit::DeletedUserRow> MemoryUsers::find_deleted(RowId workspace, UserId id) {
    names_.read_user(id);
    const auto found = rows_.users.find([&](const StoredUser& row) {
        return row.uuid == id && row.workspace == workspace && row.deletion != commit::UnfinishedDeletion::nothing;
    });
    if (found == rows_.users.end()) return std::nullopt;
    return commit::DeletedUserRow{.id = found->first, .left = found->second.deletion};
}

void MemoryUsers::insert(RowId workspace, const User& user) {
    names_.lead_to(user.id);
    write().users.add({.uuid = user.id,
                       .workspace = workspace,
                       .external_id = user.external_id,
                       .name = user.name,
                       .avatar_url = user.avatar_url,
                       .metadata = user.metadata,
                       .created_at = user.created_at,
                       .updated_at = user.updated_at});
}

void MemoryUsers::update(RowId id, const User& user) {
    names_.change_user(id);
    StoredUser& stored = write().users.at(id);
    stored.name = user.name;
    stored.avatar_url = user.avatar_url;
    stored.metadata = user.metadata;
    stored.updated_at = user.updated_at;
}

void MemoryUsers::write_suspension(RowId id, const std::optional<Suspension>& suspension) {
    names_.change_user(id);
    write().users.at(id).suspension = suspension;
}

void MemoryUsers::remove(RowId id, Timestamp at, commit::UnfinishedDeletion left) {
    names_.change_user(id);
    StoredUser& stored = write().users.at(id);
    stored.deleted_at = stored.updated_at = at;
    stored.deletion = left;
    stored.external_id.clear();
    stored.name.clear();
    stored.avatar_url.reset();
    stored.metadata = "{}";
    stored.suspension.reset();
}

bool MemoryUsers::drop_some(RowId id, Rest rest) {
    names_.read_while_deciding();
    names_.change_user(id);
    MemoryRows& rows = write();
    const auto of_user = [id](const auto& entry) { return entry.first.first == id; };
    switch (rest) {
        case Rest::silences: return std::erase_if(rows.silences, of_user) > 0;
        case Rest::blocks: return std::erase_if(rows.blocks, of_user) > 0;
        case Rest::devices:
            return std::erase_if(rows.devices.rows, [id](const auto& entry) { return entry.second.user == id; }) > 0;
        case Rest::reports:
            return std::erase_if(rows.reports.rows, [id](const auto& entry) { return entry.second.reporter == id; }) > 0;
        case Rest::excerpts: break;
    }
    bool any = false;
    for (StoredMatch& match : rows.matches) {
        if (match.user != id || match.excerpt.empty()) continue;
        match.excerpt.clear();
        any = true;
    }
    return any;
}

void MemoryUsers::finish_deletion(RowId id) {
    names_.change_user(id);
    StoredUser& stored = write().users.at(id);
    stored.deletion = commit::UnfinishedDeletion::nothing;
    stored.silence_count = stored.block_count = 0;
}

void MemoryUsers::record_last_seen(UserId id, Timestamp at) {
    const auto found = write().users.find([&](const StoredUser& row) { return row.uuid == id; });
    if (found == rows_.users.end()) return;
    names_.change_user(found->first);
    std::optional<Timestamp>& seen = found->second.last_seen_at;
    if (!seen || *seen < at) seen = at;
}

std::optional<commit::DeviceOwner> MemoryDevices::find(RowId workspace, std::string_view token) {
    names_.read_device(workspace, token);
    const auto found = rows_.devices.find(
        [&](const StoredDevice& row) { return row.workspace == workspace && row.token == token; });
    if (found == rows_.devices.end()) return std::nullopt;
    return commit::DeviceOwner{.id = DeviceRow{found->first},
                               .user = found->second.user,
                               .platform = found->second.platform,
                               .created_at = found->second.created_at};
}

void MemoryDevices::insert(RowId workspace, RowId user, const Device& device) {
    names_.change_user(user);
    write().devices.add({.workspace = workspace,
                         .user = user,
                         .token = device.token,
                         .platform = device.platform,
                         .created_at = device.created_at,
                         .used_at = device.created_at});
}

void MemoryDevices::update(DeviceRow id, DevicePlatform platform, Timestamp at) {
    StoredDevice& stored = write().devices.at(static_cast<RowId>(id));
    stored.platform = platform;
    stored.used_at = std::max(stored.used_at, at);
}

bool MemoryDevices::remove(DeviceRow id) { return write().devices.rows.erase(static_cast<RowId>(id)) > 0; }

void MemoryDevices::remove_unused(RowId user, std::int64_t keep) {
    names_.change_user(user);
    std::vector<std::pair<Timestamp, RowId>> used;
    for (const auto& [id, device] : write().devices.rows) {
        if (device.user == user) used.emplace_back(device.used_at, id);
    }
    std::ranges::sort(used, std::greater<>{});
    for (auto i = static_cast<std::size_t>(keep); i < used.size(); ++i) rows_.devices.rows.erase(used[i].second);
}

std::optional<Timestamp> MemoryBlocks::find(RowId user, UserId blocked) {
    names_.read_block(user, blocked);
    const auto found = rows_.blocks.find({user, blocked});
    return found == rows_.blocks.end() ? std::nullopt : std::optional(found->second);
}

commit::BlockerRow MemoryBlocks::blocker(RowId user) {
    names_.read_user(user);
    const StoredUser& row = rows_.users.at(user);
    return {.count = row.block_count, .blocks_rev = row.blocks_rev};
}

void MemoryBlocks::insert(RowId, RowId user, const commit::UserRow& blocked, Timestamp at) {
    write().blocks.emplace(std::pair(user, blocked.summary.id), at);
}

void MemoryBlocks::remove(RowId user, UserId blocked) { write().blocks.erase({user, blocked}); }

void MemoryBlocks::add_blocks(RowId user, std::int64_t change) {
    names_.change_user(user);
    StoredUser& stored = write().users.at(user);
    stored.block_count += change;
    ++stored.blocks_rev;
}

std::optional<commit::SilenceRow> MemoryModeration::find_silence(RowId user, RowId channel) {
    names_.read_silence(user, channel);
    const auto found = rows_.silences.find({user, channel});
    if (found == rows_.silences.end()) return std::nullopt;
    const StoredSilence& row = found->second;
    return commit::SilenceRow{.until = row.until, .reason = row.reason, .created_at = row.created_at};
}

std::vector<std::optional<Timestamp>> MemoryModeration::silences_of(RowId user, RowId channel, Timestamp now) {
    std::vector<std::optional<Timestamp>> ends;
    for (const RowId place : {RowId{0}, channel}) {
        names_.read_silence(user, place);
        const auto found = rows_.silences.find({user, place});
        if (found == rows_.silences.end()) continue;
        if (!found->second.until || *found->second.until > now) ends.push_back(found->second.until);
    }
    return ends;
}

void MemoryModeration::write_silence(RowId, RowId user, RowId channel, const Silence& silence) {
    write().silences[{user, channel}] = {.until = silence.until, .reason = silence.reason, .created_at = silence.created_at};
}

void MemoryModeration::remove_silence(RowId user, RowId channel) { write().silences.erase({user, channel}); }

void MemoryModeration::add_silences(RowId user, std::int64_t change) {
    names_.change_user(user);
    write().users.at(user).silence_count += change;
}

void MemoryModeration::insert_record(const commit::ChannelRow& channel, RowId user,
                                     const std::optional<MessageId>& message, Timestamp at,
                                     const ModerationMatch& match) {
    write().matches.push_back({.id = match.id,
                               .channel = channel.id,
                               .user = user,
                               .message = message,
                               .at = at,
                               .excerpt = match.excerpt});
}

bool MemoryModeration::has_report(RowId reporter, const Uuid& thing) {
    names_.read_while_deciding();
    return std::ranges::any_of(rows_.reports.rows, [&](const auto& entry) {
        return entry.second.reporter == reporter && entry.second.thing == thing;
    });
}

void MemoryModeration::insert_report(const commit::NewReport& added) {
    names_.change_user(added.reporter);
    write().reports.add({.id = added.report.id,
                         .workspace = added.workspace,
                         .reporter = added.reporter,
                         .user = added.user,
                         .channel = added.channel,
                         .thing = added.report.thing(),
                         .reason = added.report.reason,
                         .note = added.report.note});
}

std::optional<commit::ReportRow> MemoryModeration::find_report(RowId workspace, ReportId id) {
    names_.read_while_deciding();
    const auto found = rows_.reports.find(
        [&](const StoredReport& row) { return row.workspace == workspace && row.id == id; });
    if (found == rows_.reports.end()) return std::nullopt;
    const StoredReport& row = found->second;
    return commit::ReportRow{.id = found->first, .state = {.status = row.status, .moderator_note = row.moderator_note}};
}

void MemoryModeration::update_report(const commit::ReportRow& row) {
    StoredReport& stored = write().reports.at(row.id);
    names_.change_workspace(stored.workspace);
    stored.status = row.state.status;
    stored.moderator_note = row.state.moderator_note;
}

}  // namespace cariosan::test
