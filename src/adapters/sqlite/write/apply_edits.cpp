// What happens to a message that is there already: edits, deletion, reactions.
#include <algorithm>
#include <memory>

#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {

Result<Batch::Target> Batch::find_target(WorkspaceId workspace, ChannelId channel, MessageId message,
                                         const std::optional<UserId>& actor, bool deleted_too) {
    Target target;
    target.channel = find_channel(workspace, channel);
    if (target.channel == nullptr) return not_found("channel");
    if (actor) {
        target.actor = find_member(*target.channel, *actor);
        if (target.actor == nullptr || !target.actor->present) {
            return Error(ErrorCode::not_a_member, "the caller is not a member of this channel");
        }
    }
    Rows rows = sql_.find_stored.query(message, target.channel->id);
    if (!rows.next()) return not_found("message").with("field", std::string("message_id"));
    StoredMessage& stored = target.message;
    stored.id = rows.integer();
    stored.seq = rows.integer();
    stored.rev = rows.integer();
    stored.type = rows.code<MessageType>();
    stored.mention_count = rows.integer();
    stored.emoji_count = rows.integer();
    stored.created_at = rows.timestamp();
    stored.deleted_at = rows.optional_timestamp();
    stored.author = rows.id<UserId>();
    const bool being_erased = rows.flag();
    stored.content = rows.text();
    stored.has_attachment = rows.flag();
    // Whoever may delete a message may do so without being shown it.
    const bool hidden = target.actor != nullptr && hides(*target.actor, stored.author);
    if (!deleted_too && (stored.deleted_at || being_erased || hidden)) {
        return not_found("message").with("field", std::string("message_id"));
    }
    return target;
}

Committed Batch::message_done(const Target& target, bool changed) {
    Committed done;
    done.rev = target.channel->channel.rev;
    done.changed = changed;
    if (changed) state_.wrote = true;
    MessageRow row;
    {
        Rows rows = sql_.find_message.query(target.message.id);
        if (!rows.next()) return done;
        row = read_message(rows, target.channel->channel.id, target.channel->channel.external_id);
    }
    sql_.message_parts.complete({&row}, target.viewer());
    mark_quote(row.message, target.actor);
    done.object = std::move(row.message);
    return done;
}

bool Batch::says_already(const StoredMessage& message, const mutation::EditMessage& edit) {
    return message.content == edit.content || message.content == edit.original;
}

Result<Done> Batch::check_edit(const Target& target, const mutation::EditMessage& edit) {
    const StoredMessage& message = target.message;
    if (message.author != edit.actor) {
        return Error(ErrorCode::not_author, "only the author may edit a message");
    }
    if (message.type == MessageType::system) {
        return Error(ErrorCode::forbidden, "a system message is not edited");
    }
    if (edit.if_rev && *edit.if_rev != message.rev) return changed_meanwhile(target);
    if (edit.content.empty() && !message.has_attachment) {
        return invalid_field("content", "content must not be empty");
    }
    return Done{};
}

Error Batch::changed_meanwhile(const Target& target) {
    Committed now = message_done(target, false);
    auto message = std::make_shared<Message>();
    if (auto* present = std::get_if<Message>(&now.object)) *message = std::move(*present);
    if (message->quoted_message && message->quoted_message->hidden) {
        Quote hidden;
        hidden.id = message->quoted_message->id;
        hidden.hidden = true;
        message->quoted_message = std::move(hidden);
    }
    return Error(ErrorCode::conflict, "the message has another rev than if_rev")
        .with("field", std::string("if_rev"))
        .with("message", std::shared_ptr<const Message>(std::move(message)));
}

Result<Done> Batch::check_edit_window(const Target& target, Timestamp at) {
    Rows rows = sql_.edit_window.query(target.channel->workspace_row);
    const auto window = rows.next() ? rows.optional_integer() : std::nullopt;
    const std::int64_t age = at.milliseconds - target.message.created_at.milliseconds;
    const std::int64_t begun_seconds = (age + 999) / 1000;
    if (window && begun_seconds > *window) {
        return Error(ErrorCode::edit_window_expired, "the message is too old to be edited: at most " + std::to_string(*window) + " seconds")
            .with("limit", *window);
    }
    return Done{};
}

Result<std::optional<Batch::MentionChange>> Batch::find_mention_change(const Target& target,
                                                                       const mutation::EditMessage& edit) {
    if (!edit.mentions) return std::optional<MentionChange>();
    std::vector<UserId> before;
    {
        Rows rows = sql_.mentioned_users.query(target.message.id);
        while (rows.next()) before.push_back(rows.id<UserId>());
    }
    MentionChange change;
    for (const UserId& user : *edit.mentions) {
        const bool known = std::ranges::find(before, user) != before.end();
        // Who is mentioned already stays so, a member or not.
        const MemberRow* member = known ? find_any_member(*target.channel, user) : find_member(*target.channel, user);
        if (member == nullptr || (!known && !member->present)) {
            return invalid_field("mentions", "a mentioned user is not a member of this channel");
        }
        change.all.push_back(member);
        if (!known) change.added.push_back(user);
    }
    const bool same = change.added.empty() && change.all.size() == before.size();
    return same ? std::optional<MentionChange>() : std::optional(std::move(change));
}

void Batch::write_mentions(const Target& target, const MentionChange& change) {
    const StoredMessage& message = target.message;
    if (message.mention_count > 0) sql_.drop_mentions.run(message.id);
    std::int64_t position = 0;
    for (const MemberRow* member : change.all) {
        sql_.insert_mention.run(message.id, position++, member->user, target.channel->id, message.seq);
    }
    sql_.count_mentions.run(message.id, position);
}

std::optional<Result<Committed>> Batch::answer_edit(const mutation::EditMessage& edit, Target& target) {
    auto found = find_target(edit.workspace, edit.channel, edit.message, edit.actor, false);
    if (!found) return std::move(found).error();
    target = std::move(*found);
    if (auto heard = check_not_silenced(*target.channel, *target.actor, edit.at); !heard)
        return heard.error();
    if (auto open = check_open(*target.channel); !open) return open.error();
    if (auto allowed = check_edit(target, edit); !allowed) return allowed.error();
    auto mentions = find_mention_change(target, edit);
    if (!mentions) return std::move(mentions).error();
    target.mentions = std::move(*mentions);
    if (says_already(target.message, edit) && !target.mentions) return message_done(target, false);
    if (auto open = check_edit_window(target, edit.at); !open) return open.error();
    return std::nullopt;
}

Result<Committed> Batch::apply(const mutation::EditMessage& edit) {
    Target target;
    if (auto answer = answer_edit(edit, target)) return *std::move(answer);
    if (target.message.content != edit.content) index_job(target.message.id, target.message.content);
    sql_.edit_message.run(target.message.id, next_rev(*target.channel), edit.at, edit.content);
    if (target.mentions) write_mentions(target, *target.mentions);
    record_matches(*target.channel, target.actor->user, edit.message, edit.at, edit.matches);
    Committed done = message_done(target, true);
    if (target.mentions) done.mentioned = std::move(target.mentions->added);
    return done;
}

Result<Committed> Batch::apply(const mutation::DeleteMessage& remove) {
    const auto target = find_target(remove.workspace, remove.channel, remove.message, remove.actor, true);
    if (!target) return target.error();
    const StoredMessage& message = target->message;
    const bool admin = target->actor != nullptr && target->actor->role == Role::admin &&
                       target->channel->channel.type == ChannelType::group;
    if (remove.actor && *remove.actor != message.author && !admin) {
        return Error(ErrorCode::not_author, "only the author or an admin of the group may delete a message");
    }
    if (message.deleted_at) return message_done(*target, false);
    if (message.mention_count > 0) sql_.drop_mentions.run(message.id);
    if (message.emoji_count > 0) {
        sql_.drop_reactions.run(message.id);
        sql_.drop_reaction_counts.run(message.id);
    }
    if (!message.content.empty()) index_job(message.id, message.content);
    sql_.blank_message.run(message.id, next_rev(*target->channel), remove.at);
    state_.blanked = true;
    return message_done(*target, true);
}

namespace {

/// What tells an emoji from others: it without U+FE0F, which only asks for its colourful form.
std::string emoji_key(std::string_view written) {
    constexpr std::string_view kSelector = "\xEF\xB8\x8F";
    std::string key;
    for (std::size_t end = 0; (end = written.find(kSelector)) != written.npos;) {
        key += written.substr(0, end);
        written.remove_prefix(end + kSelector.size());
    }
    return key.append(written);
}

}  // namespace

std::string Batch::own_reaction(const Target& target) {
    Rows rows = sql_.find_reaction.query(target.message.id, target.viewer());
    return rows.next() ? std::string(rows.text()) : std::string();
}

Batch::EmojiCount Batch::count_reactions(std::int64_t message, const std::string& emoji) {
    Rows rows = sql_.reaction_count.query(message, emoji);
    EmojiCount known;
    if (!rows.next()) return known;
    known.count = rows.integer();
    known.shown = rows.text();
    return known;
}

std::string Batch::change_count(StoredMessage& message, const std::string& emoji, std::string_view written,
                                std::int64_t change, std::int64_t rev) {
    EmojiCount known = count_reactions(message.id, emoji);
    const std::int64_t after = known.count + change;
    if (known.count == 0) {
        known.shown = written;
        ++message.emoji_count;
    }
    if (after > 0) {
        sql_.write_reaction_count.run(message.id, emoji, rev, after, known.shown);
    } else {
        sql_.drop_reaction_count.run(message.id, emoji);
        --message.emoji_count;
    }
    return std::move(known.shown);
}

Result<Committed> Batch::apply(const mutation::AddReaction& add) {
    auto target = find_target(add.workspace, add.channel, add.message, add.user, false);
    if (!target) return target.error();
    if (auto open = check_open(*target->channel); !open) return open.error();
    StoredMessage& message = target->message;
    const std::string emoji = emoji_key(add.emoji);
    const std::string before = own_reaction(*target);
    if (before == emoji) return message_done(*target, false);
    if (add.max_emoji > 0 && count_reactions(message.id, emoji).count == 0) {
        const bool frees_one = !before.empty() && count_reactions(message.id, before).count == 1;
        if (message.emoji_count - (frees_one ? 1 : 0) >= add.max_emoji) {
            return too_many("emoji", add.max_emoji, "different emoji on one message");
        }
    }
    const std::int64_t rev = next_rev(*target->channel);
    if (!before.empty()) change_count(message, before, before, -1, rev);
    std::string shown = change_count(message, emoji, add.emoji, 1, rev);
    sql_.write_reaction.run(message.id, target->viewer(), emoji, add.at);
    sql_.touch_message.run(message.id, rev, message.emoji_count);
    Committed done = message_done(*target, true);
    done.emoji = std::move(shown);
    return done;
}

Result<Committed> Batch::apply(const mutation::RemoveReaction& remove) {
    auto target = find_target(remove.workspace, remove.channel, remove.message, remove.user, false);
    if (!target) return target.error();
    StoredMessage& message = target->message;
    const std::string emoji = emoji_key(remove.emoji);
    if (own_reaction(*target) != emoji) return message_done(*target, false);
    const std::int64_t rev = next_rev(*target->channel);
    std::string shown = change_count(message, emoji, remove.emoji, -1, rev);
    sql_.drop_reaction.run(message.id, target->viewer());
    sql_.touch_message.run(message.id, rev, message.emoji_count);
    Committed done = message_done(*target, true);
    done.emoji = std::move(shown);
    return done;
}

}  // namespace cariosan::sqlite
