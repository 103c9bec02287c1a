/// The stored message that a mutation works on: edits, deletions, reactions.
#pragma once

#include "core/commit/batch_rows.hpp"

namespace cariosan::commit {

/// The users an edited message mentions now, and those it did not mention before.
struct MentionChange {
    std::vector<StoredMention> all;  ///< their spans are those of the mutation
    std::vector<UserId> added;
};

struct MessageTarget {
    HeldChannel* channel = nullptr;
    const MemberRow* actor = nullptr;  ///< null: the backend
    MessageRow message;
    std::optional<MentionChange> mentions{};  ///< of an edit; absent: the mentions stay

    RowId viewer() const { return actor != nullptr ? actor->user : 0; }
};

/// Finds channel, acting member and message; a deleted one only if `deleted_too`.
Result<MessageTarget> find_target(BatchRows& rows, WorkspaceId workspace, ChannelId channel, MessageId message,
                                  const std::optional<UserId>& actor, bool deleted_too);
/// The message after the mutation, as the acting user sees it.
Committed message_done(BatchRows& rows, const MessageTarget& target, bool changed);
/// The same for a message that was read already, and has changed.
Committed message_changed(BatchRows& rows, const MessageTarget& target, Message message);

/// The result of an edit that changes nothing: an error, or the message that already has this text. Absent if the edit may be
/// stored; the target is then filled in. In edits.cpp; also used for edits that moderation refused.
std::optional<Result<Committed>> answer_edit(BatchRows& rows, const mutation::EditMessage& edit, MessageTarget& target);

}  // namespace cariosan::commit
