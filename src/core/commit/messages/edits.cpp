// Editing and deleting a message.
#include <algorithm>
#include <memory>

#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"
#include "core/commit/messages/message_target.hpp"
#include "core/refusals.hpp"

namespace cariosan::commit {
namespace {

/// `conflict`, with the current message.
Error changed_meanwhile(BatchRows& rows, const MessageTarget& target) {
    Committed now = message_done(rows, target, false);
    auto message = std::make_shared<Message>();
    if (auto* present = std::get_if<Message>(&now.object)) *message = std::move(*present);
    if (message->quoted_message && message->quoted_message->hidden) {
        Quote hidden;
        hidden.id = message->quoted_message->id;
        hidden.hidden = true;
        message->quoted_message = std::move(hidden);
    }
    return Error(ErrorCode::conflict, "the message has changed: its rev is not if_rev")
        .with("field", std::string("if_rev"))
        .with("message", std::shared_ptr<const Message>(std::move(message)));
}

Result<Done> check_edit(BatchRows& rows, const MessageTarget& target, const mutation::EditMessage& edit) {
    const MessageRow& message = target.message;
    if (message.author != edit.actor) return Error(ErrorCode::not_author, "only the author may edit a message");
    if (message.type == MessageType::system) return Error(ErrorCode::forbidden, "system messages cannot be edited");
    if (edit.if_rev && *edit.if_rev != message.rev) return changed_meanwhile(rows, target);
    if (edit.content.empty() && !message.has_attachment) return invalid_field("content", "content must not be empty");
    return Done{};
}

/// The edit window: the maximum age of a message, in started seconds.
Result<Done> check_edit_window(BatchRows& rows, const MessageTarget& target, Timestamp at) {
    const auto window = rows.workspaces.edit_window_seconds(target.channel->workspace_row);
    const std::int64_t age = at.milliseconds - target.message.created_at.milliseconds;
    const std::int64_t begun_seconds = (age + 999) / 1000;
    if (!window || begun_seconds <= *window) return Done{};
    return Error(ErrorCode::edit_window_expired,
                 "the message is too old to be edited: at most " + std::to_string(*window) + " seconds")
        .with("limit", *window);
}

Result<std::optional<MentionChange>> find_mention_change(BatchRows& rows, const MessageTarget& target,
                                                         const mutation::EditMessage& edit) {
    if (!edit.mentions) return std::optional<MentionChange>();
    const auto before = rows.messages.mentioned(target.message.id);
    // Spans of a text that would be changed before it is stored are not compared with those of the text that was not.
    const bool by_user_alone = target.message.content == edit.original;
    bool same = edit.mentions->size() == before.size();
    MentionChange change;
    for (const auto& [user, spans] : *edit.mentions) {
        const auto known = std::ranges::find(before, user, &mutation::MentionedUser::user);
        // A user who is already mentioned may stay so, member or not.
        const MemberRow* member =
            known != before.end() ? rows.find_any_member(*target.channel, user) : rows.find_present(*target.channel, user);
        if (member == nullptr) return core::mention_of_no_member();
        change.all.push_back({.user = member->user, .spans = spans});
        if (known == before.end()) change.added.push_back(user);
        same = same && known != before.end() && (by_user_alone || known->spans == spans);
    }
    return same ? std::optional<MentionChange>() : std::optional(std::move(change));
}

bool says_already(const MessageRow& message, const mutation::EditMessage& edit) {
    return message.content == edit.content || message.content == edit.original;
}

}  // namespace

std::optional<Result<Committed>> answer_edit(BatchRows& rows, const mutation::EditMessage& edit, MessageTarget& target) {
    auto found = find_target(rows, edit.workspace, edit.channel, edit.message, edit.actor, false);
    if (!found) return std::move(found).error();
    target = std::move(*found);
    if (auto allowed = check_not_silenced(rows, *target.channel, *target.actor, edit.at); !allowed) return allowed.error();
    if (auto open = check_open(rows, *target.channel); !open) return open.error();
    if (auto allowed = check_not_frozen(*target.channel, *target.actor); !allowed) return allowed.error();
    if (auto allowed = check_edit(rows, target, edit); !allowed) return allowed.error();
    auto mentions = find_mention_change(rows, target, edit);
    if (!mentions) return std::move(mentions).error();
    target.mentions = std::move(*mentions);
    if (says_already(target.message, edit) && !target.mentions) return message_done(rows, target, false);
    if (auto young = check_edit_window(rows, target, edit.at); !young) return young.error();
    return std::nullopt;
}

Result<Committed> decide(BatchRows& rows, const mutation::EditMessage& edit) {
    MessageTarget target;
    if (auto answer = answer_edit(rows, edit, target)) return *std::move(answer);
    HeldChannel& channel = *target.channel;
    rows.messages.edit(target.message, BatchRows::next_rev(channel), edit.at, edit.content);
    if (target.mentions) {
        rows.messages.replace_mentions(target.message, channel.id, target.mentions->all);
    } else if (!edit.mentions && target.message.mention_count > 0) {
        // They are places in the text as it was.
        rows.messages.drop_spans(target.message.id);
    }
    record_matches(rows, channel, target.actor->user, edit.message, edit.at, edit.matches);
    Committed done = message_done(rows, target, true);
    if (target.mentions) done.mentioned = std::move(target.mentions->added);
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::DeleteMessage& remove) {
    const auto target = find_target(rows, remove.workspace, remove.channel, remove.message, remove.actor, true);
    if (!target) return target.error();
    const bool admin = target->actor != nullptr && is_admin(*target->channel, *target->actor);
    if (remove.actor && *remove.actor != target->message.author && !admin) {
        return Error(ErrorCode::not_author, "only the author or an admin of the group may delete a message");
    }
    if (target->message.deleted_at) return message_done(rows, *target, false);
    HeldChannel& channel = *target->channel;
    Message left = rows.messages.blank(target->message, channel, BatchRows::next_rev(channel), remove.at);
    rows.blanked();
    return message_changed(rows, *target, std::move(left));
}

Result<Committed> decide(BatchRows& rows, const mutation::ForgetErasedFiles& forget) {
    for (const std::int64_t row : forget.rows) rows.messages.forget_erased_file(row);
    Committed done;
    done.changed = !forget.rows.empty();
    // The name of a file is text as well.
    if (done.changed) rows.blanked();
    return done;
}

}  // namespace cariosan::commit
