#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {

Error too_many(std::string field, std::int64_t limit, std::string_view what) {
    return over_limit(std::move(field), limit, "there would be too many", what);
}

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

Result<Committed> Batch::apply(const Mutation& mutation) {
    Result<Committed> done = std::visit([this](const auto& one) { return apply(one); }, mutation);
    if (done && done->changed && !sql_.connection.failed()) write_outbox(mutation, *done);
    return done;
}

void Batch::flush() {
    flush_pending();
    for (auto& [id, row] : state_.channels) {
        if (!row.dirty) continue;
        const Channel& channel = row.channel;
        sql_.update_channel.run(row.id, channel.rev, channel.receipt_rev, channel.last_seq, row.last_message,
                                row.last_activity, channel.member_count);
        row.dirty = false;
    }
    for (auto& [key, row] : state_.members) {
        if (!row.dirty) continue;
        sql_.update_cursors.run(row.user, key.channel, row.last_read_seq, row.last_read_at,
                                row.last_delivered_seq, row.last_delivered_at, row.receipt_rev);
        row.dirty = false;
    }
    if (state_.push_change != 0) {
        sql_.add_push_pending.run(state_.push_change);
        state_.push_change = 0;
    }
}

std::optional<Batch::WorkspaceRow> Batch::find_workspace(WorkspaceId workspace) {
    Rows rows = sql_.find_workspace.query(workspace);
    if (!rows.next()) return std::nullopt;
    WorkspaceRow row;
    row.id = rows.integer();
    row.workspace = read_workspace(rows);
    return row;
}

std::optional<Batch::UserRow> Batch::find_user(std::int64_t workspace, UserId user) {
    Rows rows = sql_.find_user.query(user, workspace);
    if (!rows.next()) return std::nullopt;
    UserRow row;
    row.id = rows.integer();
    row.membership_count = rows.integer();
    row.summary = read_summary(rows);
    return row;
}

ChannelRow* Batch::find_channel(WorkspaceId workspace, ChannelId channel) {
    const auto known = state_.channels.find(channel);
    if (known != state_.channels.end()) {
        return known->second.workspace == workspace ? &known->second : nullptr;
    }
    Rows rows = sql_.find_channel.query(channel, workspace);
    if (!rows.next()) return nullptr;
    ChannelRow row;
    row.id = rows.integer();
    row.workspace = workspace;
    row.workspace_row = rows.integer();
    row.last_message = rows.optional_integer();
    row.last_activity = rows.timestamp();
    row.channel = read_channel(rows);
    return &state_.channels.emplace(channel, std::move(row)).first->second;
}

MemberRow* Batch::find_member(const ChannelRow& channel, UserId user) {
    MemberRow* member = find_any_member(channel, user);
    return member == nullptr || member->summary.deleted ? nullptr : member;
}

MemberRow* Batch::find_any_member(const ChannelRow& channel, UserId user) {
    const MemberKey key{channel.id, user};
    const auto known = state_.members.find(key);
    if (known != state_.members.end()) return &known->second;
    Rows rows = sql_.find_member.query(user, channel.workspace_row, channel.id);
    if (!rows.next()) return nullptr;
    MemberRow row;
    row.user = rows.integer();
    row.silence_count = rows.integer();
    row.block_count = rows.integer();
    row.summary = read_summary(rows);
    if (!rows.skip_null()) {
        row.present = rows.flag();
        row.role = rows.code<Role>();
        row.muted = rows.flag();
        row.rev = rows.integer();
        row.joined_rev = rows.integer();
        row.joined_at = rows.timestamp();
        row.last_read_seq = rows.integer();
        row.last_read_at = rows.optional_timestamp();
        row.last_delivered_seq = rows.integer();
        row.last_delivered_at = rows.optional_timestamp();
        row.receipt_rev = rows.integer();
    }
    return &state_.members.emplace(key, std::move(row)).first->second;
}

Result<Done> Batch::check_actor(const ChannelRow& channel, const std::optional<UserId>& actor) {
    if (!actor) return Done{};
    const MemberRow* member = find_member(channel, *actor);
    if (member == nullptr || !member->present) {
        return Error(ErrorCode::not_a_member, "the caller is not a member of this channel");
    }
    if (channel.channel.type == ChannelType::group && member->role != Role::admin) {
        return Error(ErrorCode::not_admin, "only an admin of this channel may do this");
    }
    return Done{};
}

bool Batch::has_room(std::int64_t user, std::int64_t membership_count, std::int64_t limit) {
    if (limit <= 0 || membership_count < limit) return true;
    Rows rows = sql_.count_memberships.query(user);
    return rows.next() && rows.integer() < limit;
}

bool Batch::has_admin(const ChannelRow& channel) {
    Rows rows = sql_.any_admin.query(channel.id);
    return rows.next();
}

bool Batch::has_other_admin(const ChannelRow& channel, const MemberRow& member) {
    Rows rows = sql_.other_admin.query(channel.id, member.user);
    return rows.next();
}

bool Batch::is_last_admin(const ChannelRow& channel, const MemberRow& member) {
    if (channel.channel.member_count <= 1 || has_other_admin(channel, member)) return false;
    Rows rows = sql_.other_member.query(channel.id, member.user);
    return rows.next();
}

Result<Done> Batch::check_open(const ChannelRow& channel) {
    if (channel.channel.type != ChannelType::direct) return Done{};
    Rows rows = sql_.deleted_peer.query(channel.id);
    if (!rows.next()) return Done{};
    return Error(ErrorCode::forbidden, "the other user of this channel was deleted: it can only be read");
}

void Batch::write_member(ChannelRow& channel, MemberRow& member) {
    sql_.write_member.run(member.user, channel.id, member.summary.id, member.present, member.role,
                          member.muted, member.rev, member.joined_rev, member.joined_at, member.last_read_seq,
                          member.last_read_at, member.last_delivered_seq, member.last_delivered_at,
                          member.receipt_rev);
    member.dirty = false;
    state_.wrote = true;
}

void Batch::place_cursors(MemberRow& member, std::int64_t seq, std::optional<Timestamp> at) {
    member.last_read_seq = member.last_delivered_seq = seq;
    member.last_read_at = member.last_delivered_at = at;
    member.dirty = true;
}

std::int64_t Batch::move_receipts(ChannelRow& channel) {
    if (!channel.receipts_moved) {
        channel.receipts_moved = true;
        ++channel.channel.receipt_rev;
        channel.dirty = true;
    }
    return channel.channel.receipt_rev;
}

std::int64_t Batch::next_rev(ChannelRow& channel) {
    channel.dirty = true;
    return ++channel.channel.rev;
}

}  // namespace cariosan::sqlite
