// Sending: the path everything else is measured by.
#include <algorithm>

#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {
namespace {

/// The time of the next message of a channel whose newest one has the time `last`.
Timestamp next_time(Timestamp at, Timestamp last) {
    return last.milliseconds - at.milliseconds > mutation::kMaxTimeAhead.count() ? at : std::max(at, last);
}

}  // namespace

std::optional<Result<Committed>> Batch::known_send(const mutation::SendMessage& send, ChannelRow& channel,
                                                   const MemberRow& author) {
    if (!send.idempotency_key) return std::nullopt;
    std::int64_t id = 0;
    {
        Rows rows = sql_.find_sent.query(*send.idempotency_key, author.user, channel.id);
        if (!rows.next()) return std::nullopt;
        id = rows.integer();
        if (rows.bytes<32>() != send.request_hash) {
            return Error(ErrorCode::conflict, "the idempotency_key was used for another message")
                .with("field", std::string("idempotency_key"));
        }
    }
    MessageRow row;
    {
        Rows rows = sql_.find_message.query(id);
        if (!rows.next()) return std::nullopt;
        row = read_message(rows, channel.channel.id, channel.channel.external_id);
    }
    sql_.message_parts.complete({&row}, author.user);
    const auto parent_added = add_parent(send, id, row.message, channel);
    if (!parent_added) return parent_added.error();
    mark_quote(row.message, &author);
    if (send.author_is_member && !author.present) {
        row.message.quoted_message.reset();
        row.message.reactions.clear();
    }
    Committed done;
    done.rev = channel.channel.rev;
    done.changed = *parent_added;
    done.duplicate = !*parent_added;
    done.object = std::move(row.message);
    return done;
}

Result<bool> Batch::add_parent(const mutation::SendMessage& send, std::int64_t row, Message& message,
                               ChannelRow& channel) {
    if (!send.parent_key || send.dry_run || message.parent_id || message.deleted_at) return false;
    auto parent = find_parent(send, channel);
    if (!parent) return std::move(parent).error();
    if (!*parent) return false;
    message.rev = next_rev(channel);
    message.parent_id = (*parent)->quote.id;
    sql_.add_parent.run(row, message.rev, (*parent)->id);
    message.quoted_message = std::move((*parent)->quote);
    state_.wrote = true;
    return true;
}

Result<std::optional<Batch::Parent>> Batch::find_parent(const mutation::SendMessage& send,
                                                        const ChannelRow& channel) {
    if (!send.parent && !send.parent_key) return std::optional<Parent>();
    Rows rows = send.parent ? sql_.find_parent.query(*send.parent, channel.id)
                            : sql_.find_parent_by_key.query(*send.parent_key, channel.id);
    if (!rows.next()) {
        if (send.parent_key && send.parent_follows) return std::optional<Parent>();
        return invalid_field(send.parent ? "parent_id" : "parent_key", "the parent must be a message of this channel");
    }
    Parent parent;
    parent.id = rows.integer();
    parent.quote.id = rows.id<MessageId>();
    parent.quote.type = rows.code<MessageType>();
    parent.quote.deleted = rows.flag();
    if (parent.quote.deleted) {
        rows.skip(1);
    } else {
        parent.quote.content = rows.text();
    }
    parent.quote.user_id = rows.id<UserId>();
    parent.quote.user_name = rows.text();
    return std::optional(std::move(parent));
}

Result<std::vector<const MemberRow*>> Batch::find_mentioned(const mutation::SendMessage& send,
                                                            const ChannelRow& channel) {
    std::vector<const MemberRow*> members;
    members.reserve(send.mentions.size());
    for (const Mention& mention : send.mentions) {
        const MemberRow* member = find_member(channel, mention.user_id);
        if (member == nullptr || !member->present) {
            return invalid_field("mentions", "a mentioned user is not a member of this channel");
        }
        members.push_back(member);
    }
    return members;
}

Message Batch::make_message(const mutation::SendMessage& send, const ChannelRow& channel, const MemberRow& author,
                            const std::optional<Parent>& parent, const std::vector<const MemberRow*>& mentioned) {
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
        mark_quote(message, &author);
    }
    for (const MemberRow* member : mentioned) {
        message.mentions.push_back({member->summary.id, member->summary.external_id, member->summary.name});
    }
    return message;
}

void Batch::insert_message(const mutation::SendMessage& send, const Message& message, ChannelRow& channel,
                           const MemberRow& author, const std::optional<Parent>& parent,
                           const std::vector<const MemberRow*>& mentioned) {
    const auto parent_row = parent ? std::optional(parent->id) : std::nullopt;
    const auto hash = send.idempotency_key ? std::optional(send.request_hash) : std::nullopt;
    sql_.insert_message.run(send.id, channel.id, message.seq, message.rev, author.user, send.type, parent_row,
                            mentioned.size(), message.created_at, send.idempotency_key, hash,
                            send.attachment_url, send.metadata, send.content);
    const std::int64_t row = sqlite3_last_insert_rowid(sql_.connection.handle());
    std::int64_t position = 0;
    for (const MemberRow* member : mentioned) {
        sql_.insert_mention.run(row, position++, member->user, channel.id, message.seq);
    }
    if (send.push) insert_push_job(row, send.at);
    channel.last_message = row;
    channel.last_activity = message.created_at;
    channel.channel.last_seq = message.seq;
    channel.channel.rev = message.rev;
    channel.dirty = true;
    state_.wrote = true;
}

std::optional<Result<Committed>> Batch::answer_send(const mutation::SendMessage& send, SendPlace& place) {
    place.channel = find_channel(send.workspace, send.channel);
    if (place.channel == nullptr) return not_found("channel");
    place.author = find_member(*place.channel, send.author.id);
    if (place.author == nullptr) return not_found("user");
    if (auto known = known_send(send, *place.channel, *place.author)) return known;
    if (send.imported && send.idempotency_key && sql_.find_parent_by_key.query(*send.idempotency_key, place.channel->id).next()) {
        return Error(ErrorCode::conflict, "the idempotency_key was used for a message of another author")
            .with("field", std::string("idempotency_key"));
    }
    if (send.author_is_member && !place.author->present) {
        return Error(ErrorCode::not_a_member, "the author is not a member of this channel");
    }
    if (send.refuse_silenced) {
        if (auto heard = check_not_silenced(*place.channel, *place.author, send.at); !heard)
            return heard.error();
    }
    if (!send.imported) {
        if (auto open = check_open(*place.channel); !open) return open.error();
    }
    return std::nullopt;
}

Result<Committed> Batch::apply(const mutation::SendMessage& send) {
    SendPlace place;
    if (auto answer = answer_send(send, place)) return *std::move(answer);
    const auto& [channel, author] = place;
    const auto parent = find_parent(send, *channel);
    if (!parent) return parent.error();
    const auto mentioned = find_mentioned(send, *channel);
    if (!mentioned) return mentioned.error();

    Message message = make_message(send, *channel, *author, *parent, *mentioned);
    Committed done;
    if (send.dry_run) {
        done.rev = channel->channel.rev;
        done.changed = false;
    } else {
        insert_message(send, message, *channel, *author, *parent, *mentioned);
        record_matches(*channel, author->user, message.id, send.at, send.matches);
        if (author->present) place_cursors(*author, message.seq, message.created_at);
        done.rev = message.rev;
        done.created = true;
    }
    done.object = std::move(message);
    return done;
}

}  // namespace cariosan::sqlite
