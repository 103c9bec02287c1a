#include "core/commit/messages/message_target.hpp"

#include "core/commit/checks.hpp"
#include "core/refusals.hpp"

namespace cariosan::commit {
namespace {

Committed with_message(BatchRows& rows, const MessageTarget& target, Message message, bool changed) {
    mark_quote(rows, message, target.actor);
    Committed done;
    done.rev = target.channel->channel.rev;
    done.changed = changed;
    done.object = std::move(message);
    return done;
}

}  // namespace

Result<MessageTarget> find_target(BatchRows& rows, WorkspaceId workspace, ChannelId channel, MessageId message,
                                  const std::optional<UserId>& actor, bool deleted_too) {
    MessageTarget target;
    target.channel = rows.find_channel(workspace, channel);
    if (target.channel == nullptr) return not_found("channel");
    if (actor) {
        target.actor = rows.find_present(*target.channel, *actor);
        if (target.actor == nullptr) return core::caller_is_no_member();
    }
    auto stored = rows.messages.find(*target.channel, message);
    if (!stored) return core::message_is_missing("message_id");
    // A message may be deleted even by a user it is hidden from.
    const bool hidden = target.actor != nullptr && hides(rows, *target.actor, stored->author);
    if (!deleted_too && (stored->deleted_at || stored->being_erased || hidden)) {
        return core::message_is_missing("message_id");
    }
    target.message = *std::move(stored);
    return target;
}

Committed message_done(BatchRows& rows, const MessageTarget& target, bool changed) {
    if (changed) rows.wrote();
    return with_message(rows, target, rows.messages.read(target.message.id, *target.channel, target.viewer()), changed);
}

Committed message_changed(BatchRows& rows, const MessageTarget& target, Message message) {
    rows.wrote();
    return with_message(rows, target, std::move(message), true);
}

}  // namespace cariosan::commit
