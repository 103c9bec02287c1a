#include "support/model/random_mutations.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cariosan::test {

void RandomMutations::begin(std::vector<UserId> users) {
    users_ = std::move(users);
    users_.push_back(id_of<UserId>(555555));  // nobody
}

std::size_t RandomMutations::roll(std::size_t sides) {
    return std::uniform_int_distribution<std::size_t>(0, sides - 1)(random_);
}
ChannelId RandomMutations::any_channel() {
    if (roll(40) == 0) return id_of<ChannelId>(555555);
    return std::next(model_.channels.begin(), static_cast<std::ptrdiff_t>(roll(model_.channels.size())))
        ->first;
}

Mutation RandomMutations::new_channel() {
    std::vector<UserId> members;
    for (const UserId& user : users_) {
        if (roll(2) == 0 && members.size() < 5) members.push_back(user);
    }
    mutation::CreateChannel create = make_.group(members);
    if (members.size() == 2) {
        create.type = ChannelType::direct;
        create.admin.reset();
        create.external_id.reset();
    }
    if (roll(3) == 0) create.max_memberships = 1 + static_cast<std::int64_t>(roll(6));
    return create;
}

std::vector<TextSpan> RandomMutations::any_spans() {
    std::vector<TextSpan> spans;
    for (std::int64_t start = 0; roll(3) == 0; start += 2) spans.push_back({start, 1 + static_cast<std::int64_t>(roll(2))});
    return spans;
}

mutation::SendMessage RandomMutations::any_send() {
    mutation::SendMessage send = make_.message(any_channel(), any_user(), kOddText);
    send.at.milliseconds -= static_cast<std::int64_t>(roll(100));
    if (roll(40) == 0) send.at.milliseconds += static_cast<std::int64_t>(roll(120'000));
    if (roll(2) == 0) {
        send.idempotency_key = "key" + std::to_string(roll(200));
        send.request_hash.fill(static_cast<std::uint8_t>(roll(8) == 0));
    }
    for (const UserId& user : users_) {
        if (roll(20) == 0) send.mentions.push_back({user, "", "", any_spans()});
    }
    const auto found = model_.channels.find(roll(15) == 0 ? any_channel() : send.channel);
    if (roll(3) == 0 && found != model_.channels.end() && !found->second.messages.empty()) {
        send.parent = found->second.messages[roll(found->second.messages.size())].id;
    }
    return send;
}

mutation::EditMessage RandomMutations::any_edit() {
    const auto [message, author] = any_message();
    mutation::EditMessage edit = make_.editing(message, author, "edit" + std::to_string(roll(2)));
    if (roll(3) == 0) edit.original = "edit" + std::to_string(roll(2));
    // Near the end of the edit window.
    if (roll(2) == 0) edit.at = {message.created_at.milliseconds + static_cast<std::int64_t>(1000 * roll(4) + roll(3)) - 1};
    if (roll(4) == 0) edit.if_rev = static_cast<std::int64_t>(roll(20));
    if (roll(2) == 0) return edit;
    edit.mentions.emplace();
    for (const UserId& user : users_) {
        if (roll(8) == 0) edit.mentions->emplace_back(user, any_spans());
    }
    return edit;
}

std::pair<Message, UserId> RandomMutations::any_message() {
    Message message;
    message.channel_id = any_channel();
    message.id = id_of<MessageId>(555555);
    UserId user = any_user();
    const auto found = model_.channels.find(message.channel_id);
    if (found != model_.channels.end() && !found->second.messages.empty()) {
        const auto& messages = found->second.messages;
        const ModelMessage& chosen = messages[messages.size() - 1 - roll(std::min<std::size_t>(messages.size(), 4))];
        message.id = chosen.id;
        message.created_at = chosen.created_at;
        if (roll(2) == 0) user = chosen.author;
    }
    return {std::move(message), user};
}

Mutation RandomMutations::any_message_change() {
    const auto [message, user] = any_message();
    const std::string emoji = "emoji" + std::to_string(roll(3));
    switch (roll(7)) {
        case 6:
            return mutation::PinMessage{.workspace = make_.workspace,
                                        .channel = message.channel_id,
                                        .message = message.id,
                                        .actor = user,
                                        .pinned = roll(3) != 0,
                                        .max_pins = 3,
                                        .at = make_.tick()};
        case 0: return any_edit();
        case 1: return make_.deleting(message, roll(4) == 0 ? std::optional<UserId>() : user);
        case 2: return make_.unreacting(message, user, emoji);
        default: {
            auto add = make_.reacting(message, user, emoji);
            if (roll(3) == 0) add.max_emoji = 2;
            return add;
        }
    }
}

Mutation RandomMutations::any_receipt() {
    const auto seq = roll(3) == 0 ? std::nullopt : std::optional(static_cast<std::int64_t>(roll(60)));
    mutation::MoveReceipt move = make_.reading(any_channel(), any_user(), seq);
    if (roll(2) == 0) move.kind = ReceiptKind::delivered;
    if (move.kind == ReceiptKind::delivered && roll(3) == 0) {
        mutation::MoveDelivered several{.workspace = move.workspace, .user = move.user, .at = move.at};
        for (int i = 0; i < 3; ++i) several.places.push_back({any_channel(), static_cast<std::int64_t>(roll(60))});
        return several;
    }
    return move;
}

Mutation RandomMutations::any_preferences() {
    const auto any_wish = [this] { return roll(2) == 0 ? std::optional(roll(2) == 0) : std::nullopt; };
    mutation::SetPreferences set{.workspace = make_.workspace, .channel = any_channel(), .user = any_user()};
    set.muted = any_wish();
    set.archived = any_wish();
    set.pinned = any_wish();
    set.marked_unread = any_wish();
    return set;
}

Mutation RandomMutations::any_block() {
    if (roll(2) == 0) return make_.unblocking(any_user(), any_user());
    mutation::BlockUser block = make_.blocking(any_user(), any_user());
    if (roll(3) == 0) block.max_blocks = 2;
    return block;
}

Mutation RandomMutations::any_silence() {
    if (roll(3) == 0) {
        if (roll(3) != 0) return mutation::RestoreUser{.workspace = make_.workspace, .user = any_user(), .at = make_.tick()};
        mutation::SuspendUser suspend{.workspace = make_.workspace, .user = any_user(), .at = make_.tick()};
        if (roll(4) != 0) suspend.until = Timestamp{suspend.at.milliseconds + static_cast<std::int64_t>(roll(400))};
        return suspend;
    }
    const auto channel = roll(2) == 0 ? std::optional<ChannelId>() : any_channel();
    if (roll(3) != 0) return make_.unsilencing(any_user(), channel);
    mutation::SilenceUser silence = make_.silencing(any_user(), channel);
    if (roll(4) != 0)
        silence.until = Timestamp{silence.at.milliseconds + static_cast<std::int64_t>(roll(400))};
    return silence;
}

Mutation RandomMutations::any() {
    if (roll(300) == 0) {
        return mutation::DeleteUser{.workspace = make_.workspace, .user = any_user(), .at = make_.tick()};
    }
    switch (roll(26)) {
        case 0: {
            mutation::AddMembers add = make_.adding(any_channel(), {});
            for (const UserId& user : users_) {
                if (roll(4) == 0) add.users.push_back(user);
            }
            add.actor = any_actor();
            add.role = roll(3) == 0 ? Role::admin : Role::member;
            if (roll(3) == 0) add.max_members = 5;
            if (roll(3) == 0) add.max_memberships = 1 + static_cast<std::int64_t>(roll(6));
            return add;
        }
        case 1: {
            auto update =
                make_.role(any_channel(), any_user(), roll(2) == 0 ? Role::admin : Role::member);
            update.actor = any_actor();
            return update;
        }
        case 2: {
            auto remove = make_.removing(any_channel(), any_user());
            remove.actor = roll(3) == 0 ? remove.user : any_actor();
            return remove;
        }
        case 3:
        case 4:
        case 5: return any_receipt();
        case 6: return any_preferences();
        case 7: {
            mutation::UpdateChannel update{.workspace = make_.workspace, .channel = any_channel()};
            update.actor = any_actor();
            if (roll(2) == 0) update.name = "name" + std::to_string(roll(3));
            if (roll(3) == 0) update.frozen = roll(4) == 0;
            if (roll(3) == 0) update.slow_mode_seconds = static_cast<std::int64_t>(roll(3));
            update.at = make_.tick();
            return update;
        }
        case 8:
            if (roll(10) == 0) {
                return mutation::DeleteChannel{
                    .workspace = make_.workspace, .channel = any_channel(), .at = make_.tick()};
            }
            return new_channel();
        case 9:
        case 10:
        case 11:
        case 12:
        case 13:
        case 14: return any_message_change();
        case 15: return any_silence();
        case 16: return any_block();
        default: return any_send();
    }
}

}  // namespace cariosan::test
