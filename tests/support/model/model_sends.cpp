// Sends, imports, and refusals by moderation.
#include <algorithm>
#include <utility>

#include "support/model/model.hpp"

namespace cariosan::test {

std::optional<Expected> Model::answer_send(ModelChannel& channel, const mutation::SendMessage& send) {
    if (!users.contains(send.author)) return refused(ErrorCode::not_found);
    for (ModelMessage& known : channel.messages) {
        if (!send.idempotency_key || known.key != send.idempotency_key || known.author != send.author)
            continue;
        if (known.hash != send.request_hash) return refused(ErrorCode::conflict);
        const ModelMessage* parent = channel.find_key(send.parent_key);
        if (send.parent_key && !send.dry_run && !known.parent && !is_gone(known)) {
            if (parent == nullptr && !send.parent_follows) return refused(ErrorCode::validation_error);
            if (parent != nullptr) {
                known.parent = parent->id;
                known.rev = ++channel.rev;
                return changed(channel);
            }
        }
        Expected expected = unchanged(channel);
        expected.duplicate = true;
        return expected;
    }
    if (send.imported && channel.find_key(send.idempotency_key) != nullptr) return refused(ErrorCode::conflict);
    if (send.author_is_member && !is_member(channel, send.author)) return refused(ErrorCode::not_a_member);
    if (send.as_user && is_suspended(send.author, send.at)) return refused(ErrorCode::suspended);
    if (send.as_user && is_silenced(send.author, send.channel, send.at)) return refused(ErrorCode::muted);
    if (!send.imported && is_closed(channel)) return refused(ErrorCode::forbidden);
    if (send.as_user && channel.is_frozen_for(send.author)) return refused(ErrorCode::frozen);
    if (send.as_user && channel.is_too_soon(send.author, send.at)) return refused(ErrorCode::slow_mode);
    return std::nullopt;
}

Expected Model::apply_to(ModelChannel& channel, const mutation::SendMessage& send) {
    if (const auto answer = answer_send(channel, send)) return *answer;
    ModelMessage message;
    message.parent = send.parent;
    if (send.parent && channel.find(*send.parent) == nullptr) return refused(ErrorCode::validation_error);
    if (const ModelMessage* parent = channel.find_key(send.parent_key)) message.parent = parent->id;
    if (send.parent_key && !message.parent && !send.parent_follows) return refused(ErrorCode::validation_error);
    for (const Mention& mention : send.mentions) {
        if (!is_member(channel, mention.user_id)) return refused(ErrorCode::validation_error);
        message.mentions.emplace_back(mention.user_id, mention.spans);
    }
    if (send.dry_run) return unchanged(channel);
    message.id = send.id;
    message.author = send.author;
    message.content = send.content;
    message.key = send.idempotency_key;
    message.hash = send.request_hash;
    message.rev = ++channel.rev;
    message.created_at = send.at;
    if (!channel.messages.empty() && !send.imported) {
        const Timestamp last = channel.messages.back().created_at;
        const bool far_ahead = last.milliseconds - send.at.milliseconds > 60'000;
        if (!far_ahead) message.created_at = std::max(message.created_at, last);
    }
    channel.messages.push_back(std::move(message));
    for (auto& [user, member] : channel.members) {
        if (!member.preferences.muted) member.preferences.archived = false;
    }
    if (channel.is_member(send.author)) {
        ModelMember& author = channel.members[send.author];
        author.last_read_seq = author.last_delivered_seq = channel.last_seq();
        author.preferences.marked_unread = false;
        if (send.as_user && channel.slow_mode_seconds > 0) author.last_sent_at = send.at;
    }
    Expected expected = changed(channel);
    expected.created = true;
    return expected;
}

Expected Model::apply(const mutation::RecordModeration& record) {
    const auto* send = std::get_if<mutation::SendMessage>(&record.refused);
    const auto* edit = std::get_if<mutation::EditMessage>(&record.refused);
    const auto found = channels.find(send != nullptr ? send->channel : edit->channel);
    if (found == channels.end() || found->second.deleted) return refused(ErrorCode::not_found);
    const auto answer = send != nullptr ? answer_send(found->second, *send) : answer_edit(found->second, *edit);
    if (answer) return *answer;
    if (record.silence_until) {
        const UserId author = send != nullptr ? send->author : edit->actor;
        const auto [place, made] = silences.try_emplace({author, std::nullopt}, record.silence_until);
        const bool lasts_longer = place->second && *place->second < *record.silence_until;
        if (lasts_longer) place->second = record.silence_until;
        if (made || lasts_longer) moderated.insert(author);
    }
    return changed(found->second);
}

}  // namespace cariosan::test
