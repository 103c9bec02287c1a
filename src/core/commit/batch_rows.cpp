#include "core/commit/batch_rows.hpp"

namespace cariosan::commit {

Member MemberRow::member() const {
    Member out;
    out.rev = rev;
    out.left = !present;
    if (out.left) {
        out.user.id = summary.id;
        return out;
    }
    out.user = summary;
    out.role = role;
    out.joined_at = joined_at;
    return out;
}

Receipt MemberRow::receipt() const {
    return {.user_id = summary.id,
            .last_read_seq = last_read_seq,
            .last_read_at = last_read_at,
            .last_delivered_seq = last_delivered_seq,
            .last_delivered_at = last_delivered_at,
            .receipt_rev = receipt_rev};
}

Preferences MemberRow::preferences(std::int64_t last_seq) const {
    return {.muted = muted,
            .archived = archived_seq && (muted || last_seq <= *archived_seq),
            .pinned = pinned,
            .marked_unread = marked_unread(),
            .preferences_rev = preferences_rev};
}

BatchRows::BatchRows(Tables& all)
    : tables(all),
      workspaces(all.workspaces()),
      users(all.users()),
      channels(all.channels()),
      members(all.members()),
      messages(all.messages()),
      reactions(all.reactions()),
      moderation(all.moderation()),
      blocks(all.blocks()),
      webhooks(all.webhooks()),
      deliveries(all.deliveries()),
      devices(all.devices()),
      push(all.push()) {}

void BatchRows::flush() {
    flush_pending();
    for (auto& [id, channel] : state_.channels) {
        if (std::exchange(channel.dirty, false)) channels.update(channel);
    }
    for (auto& [key, member] : state_.members) {
        if (std::exchange(member.dirty, false)) members.update_receipts(key.channel, member);
    }
    if (state_.push_change != 0) push.add_pending(std::exchange(state_.push_change, 0));
}

HeldChannel* BatchRows::find_channel(WorkspaceId workspace, ChannelId channel) {
    const auto known = state_.channels.find(channel);
    if (known != state_.channels.end()) {
        return known->second.workspace == workspace ? &known->second : nullptr;
    }
    auto row = channels.find(workspace, channel);
    if (!row) return nullptr;
    return &state_.channels.emplace(channel, HeldChannel{*std::move(row)}).first->second;
}

HeldMember* BatchRows::find_any_member(const ChannelRow& channel, UserId user) {
    const MemberKey key{channel.id, user};
    const auto known = state_.members.find(key);
    if (known != state_.members.end()) return &known->second;
    auto row = members.find(channel, user);
    if (!row) return nullptr;
    return &state_.members.emplace(key, HeldMember{*std::move(row)}).first->second;
}

HeldMember* BatchRows::find_member(const ChannelRow& channel, UserId user) {
    HeldMember* member = find_any_member(channel, user);
    return member == nullptr || member->summary.deleted ? nullptr : member;
}

HeldMember* BatchRows::find_present(const ChannelRow& channel, UserId user) {
    HeldMember* member = find_member(channel, user);
    return member == nullptr || !member->present ? nullptr : member;
}

std::int64_t BatchRows::next_rev(HeldChannel& channel) {
    channel.dirty = true;
    return ++channel.channel.rev;
}

std::int64_t BatchRows::move_receipts(HeldChannel& channel) {
    if (!channel.receipts_moved) {
        channel.receipts_moved = true;
        ++channel.channel.receipt_rev;
        channel.dirty = true;
    }
    return channel.channel.receipt_rev;
}

void BatchRows::write_member(const ChannelRow& channel, HeldMember& member) {
    members.write(channel.id, member);
    member.dirty = false;
    wrote();
}

void BatchRows::write_preferences(const ChannelRow& channel, HeldMember& member) {
    change_user(member.user, [](HeldMember& each) { ++each.user_preferences_rev; });
    member.preferences_rev = member.user_preferences_rev;
    members.update_preferences(channel.id, member);
    wrote();
}

void BatchRows::forget_channels_of(WorkspaceId workspace) {
    std::erase_if(state_.channels, [&](const auto& entry) { return entry.second.workspace == workspace; });
}

std::vector<HeldWebhook>& BatchRows::listening(WorkspaceId workspace) {
    const auto known = state_.listening.find(workspace);
    if (known != state_.listening.end()) return known->second;
    std::vector<HeldWebhook> held;
    for (const ListeningWebhook& webhook : webhooks.listening(workspace)) held.push_back({webhook});
    return state_.listening.emplace(workspace, std::move(held)).first->second;
}

void BatchRows::forget_listening(WorkspaceId workspace) {
    flush_pending();
    state_.listening.erase(workspace);
}

void BatchRows::flush_pending() {
    for (auto& [workspace, held] : state_.listening) {
        for (HeldWebhook& webhook : held) {
            if (webhook.added == 0) continue;
            webhooks.add_pending(webhook.id, webhook.added);
            webhook.pending += std::exchange(webhook.added, 0);
        }
    }
}

bool BatchRows::has_room_for_push_job() {
    if (!state_.push_pending) state_.push_pending = push.pending();
    return *state_.push_pending < kPushMaxPending;
}

void BatchRows::count_push_jobs(std::int64_t change) {
    if (state_.push_pending) *state_.push_pending += change;
    state_.push_change += change;
    wrote();
}

}  // namespace cariosan::commit
