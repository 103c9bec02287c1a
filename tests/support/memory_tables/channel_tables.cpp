// Workspaces, channels and their members.
#include <algorithm>

#include "support/memory_tables/memory_tables.hpp"

namespace cariosan::test {

std::optional<commit::WorkspaceRow> MemoryWorkspaces::find(WorkspaceId id) {
    names_.read_workspace(id);
    const auto found = rows_.workspaces.find([&](const auto& row) { return row.uuid == id && !row.deleted; });
    if (found == rows_.workspaces.end()) return std::nullopt;
    const StoredWorkspace& row = found->second;
    return commit::WorkspaceRow{.id = found->first,
                                .workspace = {.id = row.uuid,
                                              .name = row.name,
                                              .test = row.test,
                                              .read_receipts_enabled = row.read_receipts_enabled,
                                              .edit_window_seconds = row.edit_window_seconds,
                                              .created_at = row.created_at,
                                              .moderation_enabled = row.moderation_enabled,
                                              .moderation_rev = row.moderation_rev}};
}

void MemoryWorkspaces::insert(const mutation::CreateWorkspace& create) {
    const Workspace& made = create.workspace;
    const RowId id = write().workspaces.add({.uuid = made.id,
                                             .name = made.name,
                                             .test = made.test,
                                             .read_receipts_enabled = made.read_receipts_enabled,
                                             .edit_window_seconds = made.edit_window_seconds,
                                             .created_at = made.created_at});
    insert_secret(id, create.api_key, create.secret_hash);
}

void MemoryWorkspaces::update(const commit::WorkspaceRow& row) {
    names_.change_workspace(row.id);
    StoredWorkspace& stored = write().workspaces.at(row.id);
    stored.name = row.workspace.name;
    stored.read_receipts_enabled = row.workspace.read_receipts_enabled;
    stored.edit_window_seconds = row.workspace.edit_window_seconds;
    stored.moderation_enabled = row.workspace.moderation_enabled;
    stored.moderation_rev = row.workspace.moderation_rev;
}

void MemoryWorkspaces::remove(RowId id, Timestamp) {
    names_.change_workspace(id);
    write().workspaces.at(id).deleted = true;
}

ModerationSettings MemoryWorkspaces::moderation(const commit::WorkspaceRow& row) {
    names_.read_workspace(row.id);
    ModerationSettings settings = rows_.workspaces.at(row.id).moderation.value_or(ModerationSettings{});
    settings.enabled = row.workspace.moderation_enabled;
    return settings;
}

void MemoryWorkspaces::write_moderation(RowId id, const ModerationSettings& settings) {
    names_.change_workspace(id);
    write().workspaces.at(id).moderation = settings;
}

void MemoryWorkspaces::retire_secrets(RowId id, Timestamp now, Timestamp expire_at, std::int64_t keep) {
    names_.change_workspace(id);
    auto& secrets = write().secrets;
    std::vector<Timestamp> ends;
    for (StoredApiSecret& secret : secrets) {
        if (secret.workspace != id) continue;
        secret.expires_at = std::min(secret.expires_at.value_or(expire_at), expire_at);
        if (*secret.expires_at > now) ends.push_back(*secret.expires_at);
    }
    std::ranges::sort(ends, std::greater<>{});
    const auto kept = std::min(ends.size(), static_cast<std::size_t>(keep));
    std::erase_if(secrets, [&](const StoredApiSecret& secret) {
        return secret.workspace == id && (kept == 0 || *secret.expires_at <= now || *secret.expires_at < ends[kept - 1]);
    });
}

void MemoryWorkspaces::insert_secret(RowId id, std::string_view api_key, const Digest& secret_hash) {
    write().secrets.push_back({.workspace = id, .api_key = std::string(api_key), .hash = secret_hash});
}

std::optional<std::int64_t> MemoryWorkspaces::edit_window_seconds(RowId id) {
    names_.read_workspace(id);
    return rows_.workspaces.at(id).edit_window_seconds;
}

std::optional<commit::ChannelRow> MemoryChannels::find(WorkspaceId workspace, ChannelId id) {
    names_.read_channel(id);
    const auto found = rows_.channels.find([&](const StoredChannel& row) {
        return row.uuid == id && rows_.is_open(row) && rows_.workspaces.at(row.workspace).uuid == workspace;
    });
    if (found == rows_.channels.end()) return std::nullopt;
    const StoredChannel& row = found->second;
    return commit::ChannelRow{.id = found->first,
                              .workspace_row = row.workspace,
                              .workspace = workspace,
                              .last_message = row.last_message,
                              .last_activity = row.last_activity,
                              .channel = {.id = row.uuid,
                                          .external_id = row.external_id,
                                          .type = row.type,
                                          .name = row.name,
                                          .avatar_url = row.avatar_url,
                                          .metadata = row.metadata,
                                          .slow_mode_seconds = row.slow_mode_seconds,
                                          .frozen = row.frozen,
                                          .member_count = row.member_count,
                                          .rev = row.rev,
                                          .settings_rev = row.settings_rev,
                                          .receipt_rev = row.receipt_rev,
                                          .last_seq = row.last_seq,
                                          .created_at = row.created_at}};
}

std::optional<commit::ExternalChannel> MemoryChannels::find_external(RowId workspace, std::string_view external_id) {
    names_.read_channel_name(workspace, external_id);
    const auto found = rows_.channels.find([&](const StoredChannel& row) {
        return row.workspace == workspace && row.external_id == external_id && !row.deleted;
    });
    if (found == rows_.channels.end()) return std::nullopt;
    names_.lead_to(found->second.uuid);
    return commit::ExternalChannel{.id = found->second.uuid, .type = found->second.type};
}

std::optional<ChannelId> MemoryChannels::find_direct(RowId one, RowId other) {
    names_.read_pair(one, other);
    const std::pair<RowId, RowId> pair = std::minmax(one, other);
    const auto found = rows_.channels.find([&](const StoredChannel& row) {
        return row.type == ChannelType::direct && row.pair == pair && !row.deleted;
    });
    if (found == rows_.channels.end()) return std::nullopt;
    names_.lead_to(found->second.uuid);
    return found->second.uuid;
}

void MemoryChannels::insert(RowId workspace, const mutation::CreateChannel& create,
                            std::span<const commit::UserRow> users) {
    names_.lead_to(create.new_id);
    StoredChannel channel{.uuid = create.new_id,
                          .workspace = workspace,
                          .type = create.type,
                          .external_id = create.external_id,
                          .name = create.name,
                          .avatar_url = create.avatar_url,
                          .metadata = create.metadata,
                          .created_at = create.at,
                          .member_count = static_cast<std::int64_t>(users.size()),
                          .last_activity = create.at};
    if (create.type == ChannelType::direct) channel.pair = std::minmax(users[0].id, users[1].id);
    write().channels.add(std::move(channel));
}

void MemoryChannels::update(const commit::ChannelRow& row) {
    names_.change_channel(row.id);
    StoredChannel& stored = write().channels.at(row.id);
    stored.rev = row.channel.rev;
    stored.receipt_rev = row.channel.receipt_rev;
    stored.last_seq = row.channel.last_seq;
    stored.last_message = row.last_message;
    stored.last_activity = row.last_activity;
    stored.member_count = row.channel.member_count;
}

void MemoryChannels::update_settings(const commit::ChannelRow& row) {
    names_.change_channel(row.id);
    StoredChannel& stored = write().channels.at(row.id);
    stored.settings_rev = row.channel.settings_rev;
    stored.name = row.channel.name;
    stored.avatar_url = row.channel.avatar_url;
    stored.metadata = row.channel.metadata;
    stored.slow_mode_seconds = row.channel.slow_mode_seconds;
    stored.frozen = row.channel.frozen;
}

void MemoryChannels::remove(RowId id, Timestamp) {
    names_.change_channel(id);
    write().channels.at(id).deleted = true;
}

bool MemoryChannels::has_deleted_user(RowId id) {
    names_.read_channel(id);
    const StoredChannel& row = rows_.channels.at(id);
    if (row.type != ChannelType::direct) return false;
    return rows_.users.at(row.pair.first).deleted_at || rows_.users.at(row.pair.second).deleted_at;
}

std::vector<ChannelId> MemoryChannels::list_of(RowId user) {
    names_.read_while_deciding();
    std::vector<ChannelId> channels;
    for (const auto& [key, member] : rows_.members) {
        const StoredChannel& channel = rows_.channels.at(key.first);
        if (key.second == user && member.present && !channel.deleted) channels.push_back(channel.uuid);
    }
    return channels;
}

std::optional<commit::MemberRow> MemoryMembers::find(const commit::ChannelRow& channel, UserId user) {
    names_.read_member(channel.channel.id, user);
    const auto found = rows_.users.find(
        [&](const StoredUser& row) { return row.uuid == user && row.workspace == channel.workspace_row; });
    if (found == rows_.users.end()) return std::nullopt;
    commit::MemberRow row;
    row.user = found->first;
    row.silence_count = found->second.silence_count;
    row.block_count = found->second.block_count;
    row.suspension = found->second.suspension;
    row.user_preferences_rev = found->second.preferences_rev;
    row.summary = found->second.summary();
    const auto member = rows_.members.find({channel.id, found->first});
    if (member == rows_.members.end()) return row;
    const StoredMember& stored = member->second;
    row.present = stored.present;
    row.role = stored.role;
    row.muted = stored.muted;
    row.rev = stored.rev;
    row.joined_rev = stored.joined_rev;
    row.joined_at = stored.joined_at;
    row.last_read_seq = stored.last_read_seq;
    row.last_read_at = stored.last_read_at;
    row.last_delivered_seq = stored.last_delivered_seq;
    row.last_delivered_at = stored.last_delivered_at;
    row.receipt_rev = stored.receipt_rev;
    row.pinned = stored.pinned;
    row.archived_seq = stored.archived_seq;
    row.unread_mark = stored.unread_mark;
    row.preferences_rev = stored.preferences_rev;
    row.last_sent_at = stored.last_sent_at;
    return row;
}

void MemoryMembers::write(RowId channel, const commit::MemberRow& row) {
    names_.change_channel(channel);
    MemoryTable::write().members[{channel, row.user}] = {.present = row.present,
                                                         .role = row.role,
                                                         .muted = row.muted,
                                                         .rev = row.rev,
                                                         .joined_rev = row.joined_rev,
                                                         .joined_at = row.joined_at,
                                                         .last_read_seq = row.last_read_seq,
                                                         .last_read_at = row.last_read_at,
                                                         .last_delivered_seq = row.last_delivered_seq,
                                                         .last_delivered_at = row.last_delivered_at,
                                                         .receipt_rev = row.receipt_rev,
                                                         .pinned = row.pinned,
                                                         .archived_seq = row.archived_seq,
                                                         .unread_mark = row.unread_mark,
                                                         .preferences_rev = row.preferences_rev,
                                                         .last_sent_at = row.last_sent_at};
}

void MemoryMembers::update_receipts(RowId channel, const commit::MemberRow& row) {
    names_.change_channel(channel);
    StoredMember& stored = MemoryTable::write().members.at({channel, row.user});
    stored.last_read_seq = row.last_read_seq;
    stored.last_read_at = row.last_read_at;
    stored.last_delivered_seq = row.last_delivered_seq;
    stored.last_delivered_at = row.last_delivered_at;
    stored.receipt_rev = row.receipt_rev;
    stored.last_sent_at = row.last_sent_at;
}

void MemoryMembers::update_preferences(RowId channel, const commit::MemberRow& row) {
    names_.change_channel(channel);
    names_.change_user(row.user);
    StoredMember& stored = MemoryTable::write().members.at({channel, row.user});
    stored.muted = row.muted;
    stored.pinned = row.pinned;
    stored.archived_seq = row.archived_seq;
    stored.unread_mark = row.unread_mark;
    stored.preferences_rev = row.preferences_rev;
    MemoryTable::write().users.at(row.user).preferences_rev = row.preferences_rev;
}

void MemoryMembers::add_memberships(RowId user, std::int64_t change) {
    names_.change_user(user);
    MemoryTable::write().users.at(user).membership_count += change;
}

std::int64_t MemoryMembers::count_memberships(RowId user) {
    names_.read_while_deciding();
    return std::ranges::count_if(rows_.members, [&](const auto& entry) {
        return entry.first.second == user && entry.second.present && !rows_.channels.at(entry.first.first).deleted;
    });
}

bool MemoryMembers::has_admin(RowId channel) {
    names_.read_while_deciding();
    return std::ranges::any_of(rows_.members, [&](const auto& entry) {
        return entry.first.first == channel && entry.second.present && entry.second.role == Role::admin;
    });
}

bool MemoryMembers::has_other_admin(RowId channel, RowId user) {
    names_.read_while_deciding();
    return std::ranges::any_of(rows_.members, [&](const auto& entry) {
        const auto& [key, member] = entry;
        return key.first == channel && key.second != user && member.present && member.role == Role::admin &&
               !rows_.users.at(key.second).deleted_at;
    });
}

bool MemoryMembers::has_other_member(RowId channel, RowId user) {
    names_.read_while_deciding();
    return std::ranges::any_of(rows_.members, [&](const auto& entry) {
        const auto& [key, member] = entry;
        return key.first == channel && key.second != user && member.present && !rows_.users.at(key.second).deleted_at;
    });
}

commit::UnreadCounts MemoryMembers::unread(const commit::ChannelRow& channel, const commit::MemberRow& row) {
    names_.read_while_deciding();
    commit::UnreadCounts counts;
    for (const auto& [id, message] : rows_.messages.rows) {
        if (message.channel != channel.id || message.seq <= row.last_read_seq) continue;
        const StoredUser& author = rows_.users.at(message.author);
        if (author.being_erased() || rows_.blocks.contains({row.user, author.uuid})) continue;
        if (!message.deleted_at) ++counts.messages;
        if (std::ranges::find(message.mentions, row.user, &StoredMentionRow::user) != message.mentions.end()) ++counts.mentions;
    }
    return counts;
}

}  // namespace cariosan::test
