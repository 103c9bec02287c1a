// Sending a message: the hot path.
#include "core/commit/messages/sends.hpp"

#include <algorithm>

#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"
#include "core/refusals.hpp"

namespace cariosan::commit {
namespace {

/// The time of the next message in a channel whose newest message has the time `last`.
Timestamp next_time(Timestamp at, Timestamp last) {
    return last.milliseconds - at.milliseconds > mutation::kMaxTimeAhead.count() ? at : std::max(at, last);
}

Result<std::optional<ParentRow>> find_parent(BatchRows& rows, const mutation::SendMessage& send,
                                             const ChannelRow& channel) {
    if (!send.parent && !send.parent_key) return std::optional<ParentRow>();
    auto parent = send.parent ? rows.messages.find_parent(channel.id, *send.parent)
                              : rows.messages.find_parent(channel.id, *send.parent_key);
    if (!parent && !(send.parent_key && send.parent_follows)) {
        return core::parent_is_missing(send.parent ? "parent_id" : "parent_key");
    }
    return parent;
}

/// Gives a known import the parent it was stored without; returns whether it did.
Result<bool> add_parent(BatchRows& rows, const mutation::SendMessage& send, RowId row, Message& message,
                        HeldChannel& channel) {
    if (!send.parent_key || send.dry_run || message.parent_id || message.deleted_at) return false;
    auto parent = find_parent(rows, send, channel);
    if (!parent) return std::move(parent).error();
    if (!*parent) return false;
    message.rev = BatchRows::next_rev(channel);
    message.parent_id = (*parent)->quote.id;
    rows.messages.set_parent(row, message.rev, (*parent)->id);
    message.quoted_message = std::move((*parent)->quote);
    rows.wrote();
    return true;
}

std::optional<Result<Committed>> known_send(BatchRows& rows, const mutation::SendMessage& send, HeldChannel& channel,
                                            const MemberRow& author) {
    if (!send.idempotency_key) return std::nullopt;
    const auto sent = rows.messages.find_sent(channel.id, author.user, *send.idempotency_key);
    if (!sent) return std::nullopt;
    if (sent->request_hash != send.request_hash) return core::key_was_used();
    Message message = rows.messages.read(sent->id, channel, author.user);
    const auto parent_added = add_parent(rows, send, sent->id, message, channel);
    if (!parent_added) return parent_added.error();
    mark_quote(rows, message, &author);
    if (send.author_is_member && !author.present) {
        message.quoted_message.reset();
        message.reactions.clear();
    }
    Committed done;
    done.rev = channel.channel.rev;
    done.changed = *parent_added;
    done.duplicate = !*parent_added;
    done.object = std::move(message);
    return done;
}

Result<std::vector<const MemberRow*>> find_mentioned(BatchRows& rows, const mutation::SendMessage& send,
                                                     const ChannelRow& channel) {
    std::vector<const MemberRow*> members;
    members.reserve(send.mentions.size());
    for (const Mention& mention : send.mentions) {
        const MemberRow* member = rows.find_present(channel, mention.user_id);
        if (member == nullptr) {
            return core::mention_of_no_member();
        }
        members.push_back(member);
    }
    return members;
}

Message make_message(const mutation::SendMessage& send, const ChannelRow& channel, const MemberRow& author,
                     const std::optional<ParentRow>& parent, const std::vector<const MemberRow*>& mentioned) {
    Message message;
    message.id = send.id;
    message.channel_id = channel.channel.id;
    message.channel_external_id = channel.channel.external_id;
    message.seq = channel.channel.last_seq + 1;
    message.rev = channel.channel.rev + 1;
    message.user = author.summary;
    message.type = send.type;
    message.content = send.content;
    message.attachment_url = send.attachment_url;
    message.metadata = send.metadata;
    message.idempotency_key = send.idempotency_key;
    const bool first = channel.channel.last_seq == 0;
    message.created_at = send.imported || first ? send.at : next_time(send.at, channel.last_activity);
    if (parent) {
        message.parent_id = parent->quote.id;
        message.quoted_message = parent->quote;
    }
    for (std::size_t i = 0; i < mentioned.size(); ++i) {
        const UserSummary& user = mentioned[i]->summary;
        message.mentions.push_back({user.id, user.external_id, user.name, send.mentions[i].spans});
    }
    return message;
}

void store(BatchRows& rows, const mutation::SendMessage& send, const Message& message, const SendPlace& place,
           const std::optional<ParentRow>& parent, const std::vector<const MemberRow*>& mentioned) {
    HeldChannel& channel = *place.channel;
    HeldMember& author = *place.author;
    std::vector<RowId> mentioned_rows;
    mentioned_rows.reserve(mentioned.size());
    for (const MemberRow* member : mentioned) mentioned_rows.push_back(member->user);
    const RowId row = rows.messages.insert({.message = message,
                                            .channel = channel.id,
                                            .author = author.user,
                                            .parent = parent ? std::optional(parent->id) : std::nullopt,
                                            .request_hash = send.idempotency_key ? std::optional(send.request_hash) : std::nullopt,
                                            .mentioned = mentioned_rows});
    if (send.push && rows.has_room_for_push_job()) {
        rows.push.insert(row, send.at);
        rows.count_push_jobs(1);
    }
    channel.last_message = row;
    channel.last_activity = message.created_at;
    channel.channel.last_seq = message.seq;
    channel.channel.rev = message.rev;
    channel.dirty = true;
    rows.wrote();
    record_matches(rows, channel, author.user, message.id, send.at, send.matches);
    if (!author.present) return;
    // Authors have read what they wrote; this raises no receipt.
    author.last_read_seq = author.last_delivered_seq = message.seq;
    author.last_read_at = author.last_delivered_at = message.created_at;
    if (send.as_user && channel.channel.slow_mode_seconds > 0) author.last_sent_at = send.at;
    author.dirty = true;
}

}  // namespace

std::optional<Result<Committed>> answer_send(BatchRows& rows, const mutation::SendMessage& send, SendPlace& place) {
    place.channel = rows.find_channel(send.workspace, send.channel);
    if (place.channel == nullptr) return not_found("channel");
    HeldChannel& channel = *place.channel;
    place.author = rows.find_member(channel, send.author);
    if (place.author == nullptr) return not_found("user");
    const HeldMember& author = *place.author;
    if (auto known = known_send(rows, send, channel, author)) return known;
    if (send.imported && send.idempotency_key && rows.messages.find_parent(channel.id, *send.idempotency_key)) {
        return core::key_was_used();
    }
    if (send.author_is_member && !author.present) {
        return core::author_is_no_member();
    }
    if (send.as_user) {
        if (auto allowed = check_not_suspended(author, send.at); !allowed) return allowed.error();
        if (auto allowed = check_not_silenced(rows, channel, author, send.at); !allowed) return allowed.error();
    }
    if (!send.imported) {
        if (auto open = check_open(rows, channel); !open) return open.error();
    }
    if (send.as_user) {
        if (auto allowed = check_not_frozen(channel, author); !allowed) return allowed.error();
        if (auto allowed = check_pace(channel, author, send.at); !allowed) return allowed.error();
    }
    return std::nullopt;
}

Result<Committed> decide(BatchRows& rows, const mutation::SendMessage& send) {
    SendPlace place;
    if (auto answer = answer_send(rows, send, place)) return *std::move(answer);
    const auto parent = find_parent(rows, send, *place.channel);
    if (!parent) return parent.error();
    const auto mentioned = find_mentioned(rows, send, *place.channel);
    if (!mentioned) return mentioned.error();

    Message message = make_message(send, *place.channel, *place.author, *parent, *mentioned);
    mark_quote(rows, message, place.author);
    Committed done;
    if (send.dry_run) {
        done.rev = place.channel->channel.rev;
        done.changed = false;
    } else {
        store(rows, send, message, place, *parent, *mentioned);
        done.rev = message.rev;
        done.created = true;
    }
    done.object = std::move(message);
    return done;
}

}  // namespace cariosan::commit
