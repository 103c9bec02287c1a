#include "support/model/model.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace cariosan::test {
namespace {

using Mentions = std::vector<mutation::MentionedUser>;

bool names(const Mentions& mentions, UserId user) {
    return std::ranges::find(mentions, user, &mutation::MentionedUser::user) != mentions.end();
}

/// In whichever order.
bool same_mentions(const Mentions& one, const Mentions& other, bool by_user_alone) {
    return one.size() == other.size() && std::ranges::all_of(one, [&](const mutation::MentionedUser& mention) {
               return by_user_alone ? names(other, mention.user) : std::ranges::find(other, mention) != other.end();
           });
}

}  // namespace

std::int64_t ModelChannel::member_count() const {
    return std::ranges::count_if(members, [](const auto& entry) { return entry.second.present; });
}

bool ModelChannel::is_member(UserId user) const {
    const auto found = members.find(user);
    return found != members.end() && found->second.present;
}

bool ModelChannel::can_lose(UserId admin, const std::set<UserId>& living) const {
    bool others = false;
    bool other_admin = false;
    for (const auto& [user, member] : members) {
        if (user == admin || !member.present || !living.contains(user)) continue;
        others = true;
        other_admin = other_admin || member.role == Role::admin;
    }
    return other_admin || !others;
}

const ModelMessage* ModelChannel::find(MessageId id) const {
    const auto found = std::ranges::find(messages, id, &ModelMessage::id);
    return found == messages.end() ? nullptr : &*found;
}

ModelMessage* ModelChannel::find(MessageId id) {
    const auto found = std::ranges::find(messages, id, &ModelMessage::id);
    return found == messages.end() ? nullptr : &*found;
}

const ModelMessage* ModelChannel::find_key(const std::optional<std::string>& key) const {
    if (!key) return nullptr;
    const auto found = std::ranges::find(messages, key, &ModelMessage::key);
    return found == messages.end() ? nullptr : &*found;
}

std::string ModelMessage::reaction_of(UserId user) const {
    for (const ModelReaction& reaction : reactions) {
        if (reaction.users.contains(user)) return reaction.emoji;
    }
    return {};
}

void ModelMessage::take_reaction(UserId user) {
    for (ModelReaction& reaction : reactions) reaction.users.erase(user);
    std::erase_if(reactions, [](const ModelReaction& reaction) { return reaction.users.empty(); });
}

bool Model::is_member(const ModelChannel& channel, UserId user) const {
    return channel.is_member(user) && users.contains(user);
}

bool Model::is_closed(const ModelChannel& channel) const {
    return channel.type == ChannelType::direct &&
           std::ranges::any_of(channel.members, [&](const auto& entry) { return !users.contains(entry.first); });
}

std::optional<ErrorCode> Model::check_actor(const ModelChannel& channel, const std::optional<UserId>& actor) const {
    if (!actor) return std::nullopt;
    if (!is_member(channel, *actor)) return ErrorCode::not_a_member;
    if (channel.type == ChannelType::direct) return std::nullopt;
    if (channel.members.at(*actor).role != Role::admin) return ErrorCode::not_admin;
    return std::nullopt;
}

Expected Model::delete_user(const mutation::DeleteUser& remove) {
    if (users.erase(remove.user) == 0) return refused(ErrorCode::not_found);
    if (remove.erase) erased.insert(remove.user);
    return {};
}

std::int64_t Model::move_receipts(ModelChannel& channel) {
    if (receipts_moved_.insert(&channel).second) ++channel.receipt_rev;
    return channel.receipt_rev;
}

Expected Model::create(const mutation::CreateChannel& create) {
    ModelChannel channel;
    channel.type = create.type;
    channel.name = create.name;
    for (const UserId& user : create.members) {
        if (!users.contains(user)) return refused(ErrorCode::not_found);
        channel.members[user] = {
            .present = true, .role = create.admin == user ? Role::admin : Role::member, .rev = 1};
    }
    if (create.type == ChannelType::direct) {
        for (const auto& [id, known] : channels) {
            const bool same = known.type == ChannelType::direct && !known.deleted &&
                              known.members.contains(create.members[0]) &&
                              known.members.contains(create.members[1]);
            if (same) return unchanged(known);
        }
    }
    for (const UserId& user : create.members) {
        if (!has_room(user, create.max_memberships)) return refused(ErrorCode::validation_error);
    }
    channels[create.new_id] = std::move(channel);
    return {.error = {}, .rev = 1, .created = true};
}

bool Model::hides(UserId viewer, UserId author) const {
    const auto found = blocks.find(viewer);
    return found != blocks.end() && found->second.contains(author);
}

std::int64_t Model::unread(const ModelChannel& channel, UserId viewer) const {
    const auto read = channel.members.at(viewer).last_read_seq;
    return std::count_if(channel.messages.begin() + read, channel.messages.end(), [&](const ModelMessage& message) {
        return !is_gone(message) && !hides(viewer, message.author);
    });
}

Expected Model::block(UserId user, UserId blocked, bool wanted, std::int64_t max_blocks) {
    if (!users.contains(user) || !users.contains(blocked)) return refused(ErrorCode::not_found);
    if (user == blocked) return refused(ErrorCode::validation_error);
    auto& list = blocks[user];
    if (list.contains(blocked) == wanted) return {.error = {}, .rev = 0, .changed = false};
    if (wanted && max_blocks > 0 && std::cmp_greater_equal(list.size(), max_blocks)) {
        return refused(ErrorCode::validation_error);
    }
    if (wanted) list.insert(blocked);
    if (!wanted) list.erase(blocked);
    ++blocks_revs[user];
    return {.error = {}, .rev = 0, .created = wanted};
}

bool ModelChannel::is_admin(UserId user) const {
    return type == ChannelType::group && is_member(user) && members.at(user).role == Role::admin;
}

bool ModelChannel::is_too_soon(UserId user, Timestamp at) const {
    const auto& last = members.at(user).last_sent_at;
    return slow_mode_seconds > 0 && last && !is_admin(user) &&
           at.milliseconds - last->milliseconds < slow_mode_seconds * 1000;
}

Expected Model::suspend(const mutation::SuspendUser& suspend) {
    if (!users.contains(suspend.user)) return refused(ErrorCode::not_found);
    const auto [place, made] = suspensions.try_emplace(suspend.user, suspend.until);
    const bool changes = made || place->second != suspend.until;
    place->second = suspend.until;
    return {.error = {}, .rev = 0, .changed = changes};
}

bool Model::is_suspended(UserId user, Timestamp at) const {
    const auto found = suspensions.find(user);
    return found != suspensions.end() && (!found->second || *found->second > at);
}

bool Model::is_silenced(UserId user, ChannelId channel, Timestamp at) const {
    return std::ranges::any_of(silences, [&](const auto& entry) {
        const auto& [key, until] = entry;
        return key.first == user && (!key.second || key.second == channel) && (!until || *until > at);
    });
}

std::optional<ErrorCode> Model::check_silence(UserId user, const std::optional<ChannelId>& channel) const {
    if (!users.contains(user)) return ErrorCode::not_found;
    if (!channel) return std::nullopt;
    const auto found = channels.find(*channel);
    if (found == channels.end() || found->second.deleted) return ErrorCode::not_found;
    return std::nullopt;
}

Expected Model::silence(const mutation::SilenceUser& silence) {
    if (const auto error = check_silence(silence.user, silence.channel)) return refused(*error);
    const auto [place, made] = silences.try_emplace({silence.user, silence.channel}, silence.until);
    const bool was_moderated = !silence.channel && moderated.erase(silence.user) != 0;
    const bool changes = made || place->second != silence.until || was_moderated;
    place->second = silence.until;
    return {.error = {}, .rev = 0, .changed = changes, .created = made};
}

Expected Model::unsilence(const mutation::UnsilenceUser& unsilence) {
    if (const auto error = check_silence(unsilence.user, unsilence.channel)) return refused(*error);
    if (!unsilence.channel) moderated.erase(unsilence.user);
    return {.error = {}, .rev = 0, .changed = silences.erase({unsilence.user, unsilence.channel}) != 0};
}

Expected Model::apply(const Mutation& mutation) {
    if (const auto* make = std::get_if<mutation::CreateChannel>(&mutation)) return create(*make);
    if (const auto* one = std::get_if<mutation::SilenceUser>(&mutation)) return silence(*one);
    if (const auto* one = std::get_if<mutation::UnsilenceUser>(&mutation)) return unsilence(*one);
    if (const auto* one = std::get_if<mutation::SuspendUser>(&mutation)) return suspend(*one);
    if (const auto* one = std::get_if<mutation::RestoreUser>(&mutation)) {
        if (!users.contains(one->user)) return refused(ErrorCode::not_found);
        return {.error = {}, .rev = 0, .changed = suspensions.erase(one->user) != 0};
    }
    if (const auto* one = std::get_if<mutation::BlockUser>(&mutation)) {
        return block(one->user, one->blocked, true, one->max_blocks);
    }
    if (const auto* one = std::get_if<mutation::UnblockUser>(&mutation)) return block(one->user, one->blocked, false, 0);
    if (const auto* remove = std::get_if<mutation::DeleteUser>(&mutation)) return delete_user(*remove);
    if (const auto* record = std::get_if<mutation::RecordModeration>(&mutation)) return apply(*record);
    if (const auto* move = std::get_if<mutation::MoveDelivered>(&mutation)) return apply(*move);
    return std::visit(
        [this](const auto& one) -> Expected {
            if constexpr (requires { apply_to(channels.begin()->second, one); }) {
                const auto found = channels.find(one.channel);
                if (found == channels.end() || found->second.deleted) return refused(ErrorCode::not_found);
                return apply_to(found->second, one);
            } else {
                return refused(ErrorCode::internal);
            }
        },
        mutation);
}

bool Model::has_room(UserId user, std::int64_t max_memberships) const {
    if (max_memberships <= 0) return true;
    return std::ranges::count_if(channels, [&](const auto& entry) {
               return !entry.second.deleted && entry.second.is_member(user);
           }) < max_memberships;
}

std::optional<Expected> Model::answer_edit(const ModelChannel& channel, const mutation::EditMessage& edit) const {
    if (!is_member(channel, edit.actor)) return refused(ErrorCode::not_a_member);
    const ModelMessage* message = channel.find(edit.message);
    if (message == nullptr || is_gone(*message)) return refused(ErrorCode::not_found);
    if (hides(edit.actor, message->author)) return refused(ErrorCode::not_found);
    if (is_silenced(edit.actor, edit.channel, edit.at)) return refused(ErrorCode::muted);
    if (is_closed(channel)) return refused(ErrorCode::forbidden);
    if (channel.is_frozen_for(edit.actor)) return refused(ErrorCode::frozen);
    if (message->author != edit.actor) return refused(ErrorCode::not_author);
    if (edit.if_rev && *edit.if_rev != message->rev) return refused(ErrorCode::conflict);
    const bool was_original = message->content == edit.original;
    const Mentions mentions = edit.mentions.value_or(message->mentions);
    for (const auto& [user, spans] : mentions) {
        if (!names(message->mentions, user) && !is_member(channel, user)) return refused(ErrorCode::validation_error);
    }
    const bool same = same_mentions(mentions, message->mentions, was_original);
    if (same && (message->content == edit.content || was_original)) return unchanged(channel);
    const std::int64_t age = edit.at.milliseconds - message->created_at.milliseconds;
    if (edit_window_seconds && age > *edit_window_seconds * 1000) return refused(ErrorCode::edit_window_expired);
    return std::nullopt;
}

Expected Model::apply_to(ModelChannel& channel, const mutation::EditMessage& edit) {
    if (const auto answer = answer_edit(channel, edit)) return *answer;
    ModelMessage* message = channel.find(edit.message);
    if (edit.mentions && !same_mentions(*edit.mentions, message->mentions, false)) message->mentions = *edit.mentions;
    if (!edit.mentions) {
        for (auto& mention : message->mentions) mention.spans.clear();
    }
    message->content = edit.content;
    message->edited = true;
    message->rev = ++channel.rev;
    return changed(channel);
}

Expected Model::apply_to(ModelChannel& channel, const mutation::DeleteMessage& remove) {
    if (remove.actor && !is_member(channel, *remove.actor)) return refused(ErrorCode::not_a_member);
    ModelMessage* message = channel.find(remove.message);
    if (message == nullptr) return refused(ErrorCode::not_found);
    if (remove.actor && message->author != *remove.actor) {
        const bool admin = channel.members.at(*remove.actor).role == Role::admin;
        if (channel.type == ChannelType::direct || !admin) return refused(ErrorCode::not_author);
    }
    if (message->deleted) return unchanged(channel);
    message->deleted = true;
    message->pinned = false;
    message->content.clear();
    message->mentions.clear();
    message->reactions.clear();
    message->rev = ++channel.rev;
    return changed(channel);
}

Expected Model::apply_to(ModelChannel& channel, const mutation::PinMessage& pin) {
    if (!is_member(channel, pin.actor)) return refused(ErrorCode::not_a_member);
    ModelMessage* message = channel.find(pin.message);
    if (message == nullptr || is_gone(*message)) return refused(ErrorCode::not_found);
    if (hides(pin.actor, message->author)) return refused(ErrorCode::not_found);
    if (is_closed(channel)) return refused(ErrorCode::forbidden);
    if (channel.is_frozen_for(pin.actor)) return refused(ErrorCode::frozen);
    if (channel.type == ChannelType::group && !channel.is_admin(pin.actor)) return refused(ErrorCode::not_admin);
    if (message->pinned == pin.pinned) return unchanged(channel);
    if (pin.pinned && std::ranges::count(channel.messages, true, &ModelMessage::pinned) >= pin.max_pins) {
        return refused(ErrorCode::validation_error);
    }
    message->pinned = pin.pinned;
    message->rev = ++channel.rev;
    return changed(channel);
}

Expected Model::apply_to(ModelChannel& channel, const mutation::AddReaction& add) {
    if (!is_member(channel, add.user)) return refused(ErrorCode::not_a_member);
    ModelMessage* message = channel.find(add.message);
    if (message == nullptr || is_gone(*message)) return refused(ErrorCode::not_found);
    if (hides(add.user, message->author)) return refused(ErrorCode::not_found);
    if (is_closed(channel)) return refused(ErrorCode::forbidden);
    if (channel.is_frozen_for(add.user)) return refused(ErrorCode::frozen);
    if (message->reaction_of(add.user) == add.emoji) return unchanged(channel);
    ModelMessage after = *message;
    after.take_reaction(add.user);
    const auto same = std::ranges::find(after.reactions, add.emoji, &ModelReaction::emoji);
    if (same != after.reactions.end()) {
        same->users.insert(add.user);
    } else {
        after.reactions.push_back({.emoji = add.emoji, .users = {add.user}});
    }
    if (add.max_emoji > 0 && std::cmp_greater(after.reactions.size(), add.max_emoji) &&
        std::cmp_greater_equal(after.reactions.size(), message->reactions.size())) {
        return refused(ErrorCode::validation_error);
    }
    *message = std::move(after);
    message->rev = ++channel.rev;
    return changed(channel);
}

Expected Model::apply_to(ModelChannel& channel, const mutation::RemoveReaction& remove) {
    if (!is_member(channel, remove.user)) return refused(ErrorCode::not_a_member);
    ModelMessage* message = channel.find(remove.message);
    if (message == nullptr || is_gone(*message)) return refused(ErrorCode::not_found);
    if (hides(remove.user, message->author)) return refused(ErrorCode::not_found);
    if (channel.is_frozen_for(remove.user)) return refused(ErrorCode::frozen);
    if (message->reaction_of(remove.user) != remove.emoji) return unchanged(channel);
    message->take_reaction(remove.user);
    message->rev = ++channel.rev;
    return changed(channel);
}

Expected Model::apply_to(ModelChannel& channel, const mutation::AddMembers& add) {
    if (const auto error = check_actor(channel, add.actor)) return refused(*error);
    std::vector<UserId> joining;
    for (const UserId& user : add.users) {
        if (!users.contains(user)) return refused(ErrorCode::not_found);
        if (!channel.is_member(user)) joining.push_back(user);
    }
    if (joining.empty()) return unchanged(channel);
    if (channel.type == ChannelType::direct) return refused(ErrorCode::validation_error);
    const auto count = channel.member_count() + static_cast<std::int64_t>(joining.size());
    if (add.max_members > 0 && count > add.max_members) return refused(ErrorCode::validation_error);
    for (const UserId& user : joining) {
        if (!has_room(user, add.max_memberships)) return refused(ErrorCode::validation_error);
    }
    ++channel.rev;
    bool has_admin = std::ranges::any_of(channel.members, [](const auto& entry) {
        return entry.second.present && entry.second.role == Role::admin;
    });
    for (const UserId& user : joining) {
        const bool kept_before = channel.members[user].preferences.preferences_rev > 0;
        channel.members[user] = {.present = true,
                                 .role = std::exchange(has_admin, true) ? add.role : Role::admin,
                                 .rev = channel.rev,
                                 .last_read_seq = channel.last_seq(),
                                 .last_delivered_seq = channel.last_seq(),
                                 .receipt_rev = move_receipts(channel)};
        if (kept_before) channel.members[user].preferences.preferences_rev = ++preferences_revs[user];
    }
    return changed(channel);
}

Expected Model::apply_to(ModelChannel& channel, const mutation::UpdateMember& update) {
    if (const auto error = check_actor(channel, update.actor)) return refused(*error);
    if (!is_member(channel, update.user)) return refused(ErrorCode::not_found);
    ModelMember& member = channel.members[update.user];
    if (member.role == update.role) return unchanged(channel);
    if (channel.type == ChannelType::direct) return refused(ErrorCode::validation_error);
    if (update.role == Role::member && !channel.can_lose(update.user, users)) return refused(ErrorCode::conflict);
    member.role = update.role;
    member.rev = ++channel.rev;
    return changed(channel);
}

Expected Model::apply_to(ModelChannel& channel, const mutation::RemoveMember& remove) {
    const bool leaves = remove.actor == remove.user;
    if (const auto error = check_actor(channel, remove.actor); error && !leaves) return refused(*error);
    if (!channel.is_member(remove.user))
        return refused(leaves ? ErrorCode::not_a_member : ErrorCode::not_found);
    if (channel.type == ChannelType::direct && users.contains(remove.user)) {
        return refused(ErrorCode::validation_error);
    }
    ModelMember& member = channel.members[remove.user];
    if (member.role == Role::admin && !channel.can_lose(remove.user, users)) return refused(ErrorCode::conflict);
    member.present = false;
    member.rev = ++channel.rev;
    return changed(channel);
}

Expected Model::apply_to(ModelChannel& channel, const mutation::MoveReceipt& move) {
    if (!is_member(channel, move.user)) return refused(ErrorCode::not_a_member);
    ModelMember& member = channel.members[move.user];
    const std::int64_t target = std::min(move.seq.value_or(channel.last_seq()), channel.last_seq());
    const bool reads = move.kind == ReceiptKind::read && target > member.last_read_seq;
    const bool ends_mark = move.kind == ReceiptKind::read && std::exchange(member.preferences.marked_unread, false);
    if (ends_mark) member.preferences.preferences_rev = ++preferences_revs[move.user];
    if (!reads && target <= member.last_delivered_seq) return ends_mark ? changed(channel) : unchanged(channel);
    if (reads) member.last_read_seq = target;
    member.last_delivered_seq = std::max(member.last_delivered_seq, target);
    member.receipt_rev = move_receipts(channel);
    return changed(channel);
}

Expected Model::apply(const mutation::MoveDelivered& move) {
    Expected all{.changed = false};
    for (const auto& [id, seq] : move.places) {
        const auto channel = channels.find(id);
        if (channel == channels.end() || channel->second.deleted) continue;
        const Expected one = apply_to(channel->second, mutation::MoveReceipt{.user = move.user,
                                                                             .kind = ReceiptKind::delivered,
                                                                             .seq = seq});
        all.changed = all.changed || (!one.error && one.changed);
    }
    return all;
}

Expected Model::apply_to(ModelChannel& channel, const mutation::SetPreferences& set) {
    if (!is_member(channel, set.user)) return refused(ErrorCode::not_a_member);
    Preferences& kept = channel.members[set.user].preferences;
    const Preferences before = kept;
    if (set.muted) kept.muted = *set.muted;
    if (set.archived) kept.archived = *set.archived;
    if (set.pinned) kept.pinned = *set.pinned;
    if (set.marked_unread) kept.marked_unread = *set.marked_unread;
    if (kept == before) return unchanged(channel);
    kept.preferences_rev = ++preferences_revs[set.user];
    return changed(channel);
}

Expected Model::apply_to(ModelChannel& channel, const mutation::UpdateChannel& update) {
    if (const auto error = check_actor(channel, update.actor)) return refused(*error);
    if (update.actor && is_closed(channel)) return refused(ErrorCode::forbidden);
    const auto before = std::tie(channel.name, channel.slow_mode_seconds, channel.frozen);
    const auto after = std::make_tuple(update.name.value_or(channel.name),
                                       update.slow_mode_seconds.value_or(channel.slow_mode_seconds),
                                       update.frozen.value_or(channel.frozen));
    if (before == after) return unchanged(channel);
    std::tie(channel.name, channel.slow_mode_seconds, channel.frozen) = after;
    channel.settings_rev = ++channel.rev;
    return changed(channel);
}

Expected Model::apply_to(ModelChannel& channel, const mutation::DeleteChannel&) {
    channel.deleted = true;
    ++channel.rev;
    return changed(channel);
}

}  // namespace cariosan::test
