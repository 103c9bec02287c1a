// Mutations of memberships and of what belongs to them: roles, preferences.
#include <utility>

#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {
namespace {

Error fixed_members() {
    return invalid_field("channel", "the members and roles of a direct channel are fixed");
}

Error no_admin_left() {
    return {ErrorCode::conflict, "the last admin of a channel that has other members must stay one"};
}

Committed of_members(const ChannelRow& channel, std::vector<Member> members, bool changed) {
    Committed done;
    done.rev = channel.channel.rev;
    done.changed = changed;
    done.object = CommittedMembers{channel.channel, std::move(members)};
    return done;
}

}  // namespace

Result<std::vector<MemberRow*>> Batch::joining(const mutation::AddMembers& add, const ChannelRow& channel) {
    std::vector<MemberRow*> members;
    for (const UserId& user : add.users) {
        MemberRow* member = find_member(channel, user);
        if (member == nullptr) return not_found("user");
        if (!member->present) members.push_back(member);
    }
    if (members.empty()) return members;
    if (channel.channel.type == ChannelType::direct) {
        return invalid_field("external_ids", "a direct channel has exactly two members");
    }
    const auto count = channel.channel.member_count + static_cast<std::int64_t>(members.size());
    if (add.max_members > 0 && count > add.max_members) {
        return too_many("external_ids", add.max_members, "members of a channel");
    }
    if (add.max_memberships <= 0) return members;
    for (const MemberRow* member : members) {
        const auto user = find_user(channel.workspace_row, member->summary.id);
        if (user && !has_room(user->id, user->membership_count, add.max_memberships)) {
            return too_many("external_ids", add.max_memberships, "memberships of a user");
        }
    }
    return members;
}

void Batch::join(ChannelRow& channel, MemberRow& member, Role role, Timestamp at) {
    member.present = true;
    member.role = role;
    member.muted = false;
    member.rev = member.joined_rev = channel.channel.rev;
    member.joined_at = at;
    place_cursors(member, channel.channel.last_seq, std::nullopt);
    member.receipt_rev = move_receipts(channel);
    ++channel.channel.member_count;
    write_member(channel, member);
    add_membership(member.user, 1);
}

Result<Committed> Batch::apply(const mutation::AddMembers& add) {
    ChannelRow* channel = find_channel(add.workspace, add.channel);
    if (channel == nullptr) return not_found("channel");
    if (auto allowed = check_actor(*channel, add.actor); !allowed) return allowed.error();
    auto members = joining(add, *channel);
    if (!members) return members.error();
    if (members->empty()) return of_members(*channel, {}, false);
    next_rev(*channel);
    std::vector<Member> out;
    bool has_one = has_admin(*channel);
    for (MemberRow* member : *members) {
        join(*channel, *member, std::exchange(has_one, true) ? add.role : Role::admin, add.at);
        out.push_back(member->member());
    }
    return of_members(*channel, std::move(out), true);
}

Result<Committed> Batch::apply(const mutation::UpdateMember& update) {
    ChannelRow* channel = find_channel(update.workspace, update.channel);
    if (channel == nullptr) return not_found("channel");
    if (auto allowed = check_actor(*channel, update.actor); !allowed) return allowed.error();
    MemberRow* member = find_member(*channel, update.user);
    if (member == nullptr || !member->present) return not_found("member");
    if (member->role == update.role) return of_members(*channel, {member->member()}, false);
    if (channel->channel.type == ChannelType::direct) return fixed_members();
    if (update.role != Role::admin && is_last_admin(*channel, *member)) return no_admin_left();
    member->role = update.role;
    member->rev = next_rev(*channel);
    write_member(*channel, *member);
    return of_members(*channel, {member->member()}, true);
}

Result<Committed> Batch::apply(const mutation::RemoveMember& remove) {
    ChannelRow* channel = find_channel(remove.workspace, remove.channel);
    if (channel == nullptr) return not_found("channel");
    const bool leaves = remove.actor == remove.user;
    if (!leaves) {
        if (auto allowed = check_actor(*channel, remove.actor); !allowed) return allowed.error();
    }
    MemberRow* member = find_any_member(*channel, remove.user);
    if (member == nullptr || !member->present) {
        if (leaves) return Error(ErrorCode::not_a_member, "the caller is not a member of this channel");
        return not_found("member");
    }
    if (channel->channel.type == ChannelType::direct && !member->summary.deleted) return fixed_members();
    if (member->role == Role::admin && is_last_admin(*channel, *member)) return no_admin_left();
    member->present = false;
    member->rev = next_rev(*channel);
    --channel->channel.member_count;
    write_member(*channel, *member);
    add_membership(member->user, -1);
    Member left = member->member();
    left.role = member->role;  // whoever is told of it wants to know what has gone
    return of_members(*channel, {std::move(left)}, true);
}

Result<Committed> Batch::apply(const mutation::MuteChannel& mute) {
    const ChannelRow* channel = find_channel(mute.workspace, mute.channel);
    if (channel == nullptr) return not_found("channel");
    MemberRow* member = find_member(*channel, mute.user);
    if (member == nullptr || !member->present) {
        return Error(ErrorCode::not_a_member, "the caller is not a member of this channel");
    }
    Committed done;
    done.rev = channel->channel.rev;
    done.changed = member->muted != mute.muted;
    if (done.changed) {
        member->muted = mute.muted;
        sql_.update_muted.run(member->user, channel->id, mute.muted);
        state_.wrote = true;
    }
    return done;
}

}  // namespace cariosan::sqlite
