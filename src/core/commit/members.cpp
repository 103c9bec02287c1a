// Memberships: who is in a channel, in which role, and how members keep it.
#include <utility>

#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"
#include "core/refusals.hpp"

namespace cariosan::commit {
namespace {

Error fixed_members() { return invalid_field("channel", "the members and roles of a direct channel are fixed"); }

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

/// Whether the channel would keep members but no admin if this one left.
bool is_last_admin(BatchRows& rows, const ChannelRow& channel, const MemberRow& member) {
    return channel.channel.member_count > 1 && !rows.members.has_other_admin(channel.id, member.user) &&
           rows.members.has_other_member(channel.id, member.user);
}

/// Those who are not members yet, provided all of them may join.
Result<std::vector<HeldMember*>> find_joining(BatchRows& rows, const mutation::AddMembers& add, const ChannelRow& channel) {
    std::vector<HeldMember*> members;
    for (const UserId& user : add.users) {
        HeldMember* member = rows.find_member(channel, user);
        if (member == nullptr) return not_found("user");
        if (!member->present) members.push_back(member);
    }
    if (members.empty()) return members;
    if (channel.channel.type == ChannelType::direct) {
        return core::direct_channel_has_two("external_ids");
    }
    const auto count = channel.channel.member_count + static_cast<std::int64_t>(members.size());
    if (add.max_members > 0 && count > add.max_members) {
        return too_many("external_ids", add.max_members, "members", "a channel");
    }
    if (add.max_memberships <= 0) return members;
    for (const HeldMember* member : members) {
        const auto user = rows.users.find(channel.workspace_row, member->summary.id);
        if (user && !has_room(rows, user->id, user->membership_count, add.max_memberships)) {
            return too_many_memberships("external_ids", add.max_memberships);
        }
    }
    return members;
}

void join(BatchRows& rows, HeldChannel& channel, HeldMember& member, Role role, Timestamp at) {
    const std::int64_t last = channel.channel.last_seq;
    member.present = true;
    member.role = role;
    member.muted = member.pinned = false;
    member.archived_seq = member.unread_mark = std::nullopt;
    member.rev = member.joined_rev = channel.channel.rev;
    member.joined_at = at;
    member.last_read_seq = member.last_delivered_seq = last;
    member.last_read_at = member.last_delivered_at = member.last_sent_at = std::nullopt;
    member.receipt_rev = BatchRows::move_receipts(channel);
    ++channel.channel.member_count;
    rows.write_member(channel, member);
    // Back after having left: a client that missed both must not take what it holds for newer.
    if (member.preferences_rev > 0) rows.write_preferences(channel, member);
    rows.members.add_memberships(member.user, 1);
}

}  // namespace

Result<Committed> decide(BatchRows& rows, const mutation::AddMembers& add) {
    HeldChannel* channel = rows.find_channel(add.workspace, add.channel);
    if (channel == nullptr) return not_found("channel");
    if (auto allowed = check_actor(rows, *channel, add.actor); !allowed) return allowed.error();
    auto members = find_joining(rows, add, *channel);
    if (!members) return members.error();
    if (members->empty()) return of_members(*channel, {}, false);
    BatchRows::next_rev(*channel);
    std::vector<Member> out;
    bool has_admin = rows.members.has_admin(channel->id);
    for (HeldMember* member : *members) {
        join(rows, *channel, *member, std::exchange(has_admin, true) ? add.role : Role::admin, add.at);
        out.push_back(member->member());
    }
    return of_members(*channel, std::move(out), true);
}

Result<Committed> decide(BatchRows& rows, const mutation::UpdateMember& update) {
    HeldChannel* channel = rows.find_channel(update.workspace, update.channel);
    if (channel == nullptr) return not_found("channel");
    if (auto allowed = check_actor(rows, *channel, update.actor); !allowed) return allowed.error();
    HeldMember* member = rows.find_present(*channel, update.user);
    if (member == nullptr) return core::member_is_missing();
    if (member->role == update.role) return of_members(*channel, {member->member()}, false);
    if (channel->channel.type == ChannelType::direct) return fixed_members();
    if (update.role != Role::admin && is_last_admin(rows, *channel, *member)) return no_admin_left();
    member->role = update.role;
    member->rev = BatchRows::next_rev(*channel);
    rows.write_member(*channel, *member);
    return of_members(*channel, {member->member()}, true);
}

Result<Committed> decide(BatchRows& rows, const mutation::RemoveMember& remove) {
    HeldChannel* channel = rows.find_channel(remove.workspace, remove.channel);
    if (channel == nullptr) return not_found("channel");
    const bool leaves = remove.actor == remove.user;
    if (!leaves) {
        if (auto allowed = check_actor(rows, *channel, remove.actor); !allowed) return allowed.error();
    }
    HeldMember* member = rows.find_any_member(*channel, remove.user);
    if (member == nullptr || !member->present) return leaves ? core::caller_is_no_member() : core::member_is_missing();
    if (channel->channel.type == ChannelType::direct && !member->summary.deleted) return fixed_members();
    if (member->role == Role::admin && is_last_admin(rows, *channel, *member)) return no_admin_left();
    member->present = false;
    member->rev = BatchRows::next_rev(*channel);
    --channel->channel.member_count;
    rows.write_member(*channel, *member);
    rows.members.add_memberships(member->user, -1);
    Member left = member->member();
    left.role = member->role;  // the event names the role that was lost
    return of_members(*channel, {std::move(left)}, true);
}

Result<Committed> decide(BatchRows& rows, const mutation::SetPreferences& set) {
    const HeldChannel* channel = rows.find_channel(set.workspace, set.channel);
    if (channel == nullptr) return not_found("channel");
    HeldMember* member = rows.find_present(*channel, set.user);
    if (member == nullptr) return core::caller_is_no_member();
    const std::int64_t last = channel->channel.last_seq;
    const Preferences before = member->preferences(last);
    const Preferences wanted{.muted = set.muted.value_or(before.muted),
                             .archived = set.archived.value_or(before.archived),
                             .pinned = set.pinned.value_or(before.pinned),
                             .marked_unread = set.marked_unread.value_or(before.marked_unread),
                             .preferences_rev = before.preferences_rev};
    Committed done;
    done.rev = channel->channel.rev;
    done.changed = wanted != before;
    if (done.changed) {
        member->muted = wanted.muted;
        member->pinned = wanted.pinned;
        // From what holds now: muting does not bring back what a message has ended, unmuting does not end what it left in place.
        member->archived_seq = wanted.archived ? std::optional(last) : std::nullopt;
        member->unread_mark = wanted.marked_unread ? std::optional(member->last_read_seq) : std::nullopt;
        rows.write_preferences(*channel, *member);
    }
    done.object = member->preferences(last);
    return done;
}

}  // namespace cariosan::commit
