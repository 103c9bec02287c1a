// Rows for commands that change an existing message: its text, its reactions, whether it is pinned.
#include "protocol/commands/command_rows.hpp"

namespace cariosan::protocol {

void add_message_changes(std::vector<CommandRow>& rows) {
    rows.push_back(
        {.name = "message.edit",
         .summary = "Changes the text of the caller's own message.",
         .routes = {{"PATCH", "/v1/channels/{channel}/messages/{message_id}"}},
         .callers = kUser,
         .fields = {required("channel", &EditMessage::channel, kChannelReference),
                    required("message_id", &EditMessage::message_id, kMessageReference),
                    required("content", &EditMessage::content, {"The new text; empty only on a message with an attachment.", "MessageText"}),
                    optional("mentions", &EditMessage::mentions,
                             {"Replace the message's mentions; absent: they stay.", "Mentions"}),
                    optional("if_rev", &EditMessage::if_rev,
                             {"The rev the editor last saw; if it has changed since: CONFLICT, with details.message.",
                              "Revision"})},
         .make = make<EditMessage>,
         .answer = {Status::ok, "Message"},
         .errors = {ErrorCode::not_author, ErrorCode::muted, ErrorCode::frozen, ErrorCode::not_found, ErrorCode::conflict,
                    ErrorCode::message_rejected, ErrorCode::edit_window_expired},
         .ack = Ack::durable});
    rows.push_back(
        {.name = "message.delete",
         .summary = "Unsends a message: its author, an admin of the group, or the backend.",
         .routes = {{"DELETE", "/v1/channels/{channel}/messages/{message_id}"}},
         .callers = kBoth,
         .fields = {required("channel", &DeleteMessage::channel, kChannelReference),
                    required("message_id", &DeleteMessage::message_id, kMessageReference)},
         .make = make<DeleteMessage>,
         .answer = {Status::ok, "Message"},
         .errors = {ErrorCode::not_author, ErrorCode::not_found},
         .ack = Ack::durable});
    rows.push_back({.name = "reaction.list",
                    .summary = "Who reacted to a message, with which emoji.",
                    .routes = {{"GET", "/v1/channels/{channel}/messages/{message_id}/reactions"}},
                    .callers = kBoth,
                    .fields = range_and(&ListReactions::range, core::ListOf::reactions,
                                        {required("channel", &ListReactions::channel, kChannelReference),
                                         required("message_id", &ListReactions::message_id, kMessageReference)}),
                    .make = make<ListReactions>,
                    .answer = {Status::ok, "ReactionList"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back(
        {.name = "reaction.add",
         .summary = "Reacts to a message; the emoji replaces the caller's previous reaction.",
         .routes = {{"PUT", "/v1/channels/{channel}/messages/{message_id}/reactions/{emoji}"},
                    {"POST", "/v1/channels/{channel}/messages/{message_id}/reactions"}},
         .callers = kUser,
         .fields = {required("channel", &AddReaction::channel, kChannelReference),
                    required("message_id", &AddReaction::message_id, kMessageReference),
                    required("emoji", &AddReaction::emoji, {"One emoji.", "Emoji"})},
         .make = make<AddReaction>,
         .answer = {Status::ok, "Message"},
         .errors = {ErrorCode::frozen, ErrorCode::not_found},
         .ack = Ack::durable});
    rows.push_back(
        {.name = "reaction.remove",
         .summary = "Removes the caller's reaction.",
         .routes = {{"DELETE", "/v1/channels/{channel}/messages/{message_id}/reactions/{emoji}"}},
         .callers = kUser,
         .fields = {required("channel", &RemoveReaction::channel, kChannelReference),
                    required("message_id", &RemoveReaction::message_id, kMessageReference),
                    required("emoji", &RemoveReaction::emoji, {"The emoji to remove.", "RemovedEmoji"})},
         .make = make<RemoveReaction>,
         .answer = {Status::ok, "Message"},
         .errors = {ErrorCode::frozen, ErrorCode::not_found},
         .ack = Ack::durable});
    rows.push_back({.name = "message.pin",
                    .summary = "Pins a message: an admin of the group, or either user of a direct channel.",
                    .routes = {{"PUT", "/v1/channels/{channel}/messages/{message_id}/pin"}},
                    .callers = kUser,
                    .fields = {required("channel", &PinMessage::channel, kChannelReference),
                               required("message_id", &PinMessage::message_id, kMessageReference)},
                    .make = make<PinMessage>,
                    .answer = {Status::ok, "Message"},
                    .errors = {ErrorCode::frozen, ErrorCode::not_found}});
    rows.push_back({.name = "message.unpin",
                    .summary = "Unpins a message.",
                    .routes = {{"DELETE", "/v1/channels/{channel}/messages/{message_id}/pin"}},
                    .callers = kUser,
                    .fields = {required("channel", &UnpinMessage::channel, kChannelReference),
                               required("message_id", &UnpinMessage::message_id, kMessageReference)},
                    .make = make<UnpinMessage>,
                    .answer = {Status::ok, "Message"},
                    .errors = {ErrorCode::frozen, ErrorCode::not_found}});
    rows.push_back({.name = "pin.list",
                    .summary = "The pinned messages, those pinned last first.",
                    .routes = {{"GET", "/v1/channels/{channel}/pins"}},
                    .callers = kBoth,
                    .fields = {required("channel", &ListPins::channel, kChannelReference)},
                    .make = make<ListPins>,
                    .answer = {Status::ok, "MessageList"},
                    .errors = {ErrorCode::not_found}});
}

}  // namespace cariosan::protocol
