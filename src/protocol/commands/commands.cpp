// The command table. To add a command: a struct in one of the public command headers, a use case in src/core, and a row here or
// in one of the files beside.
#include "protocol/commands/command_rows.hpp"

namespace cariosan::protocol {
namespace {

/// A group needs an external_id; a direct channel has exactly two users and no picture.
constexpr std::string_view kChannelRules =
    R"([{"if":{"required":["type"],"properties":{"type":{"const":"group"}}},)"
    R"("then":{"required":["external_id"],"properties":{"external_id":{"type":"string"}}},)"
    R"("else":{"properties":{"avatar_url":{"type":"null"}},"anyOf":[)"
    R"({"properties":{"member_external_ids":{"minItems":2,"maxItems":2,"uniqueItems":true},"created_by":{"type":"null"}}},)"
    R"({"required":["created_by"],"properties":{"created_by":{"type":"string"},"member_external_ids":{"minItems":1,"maxItems":2}}}]}}])";

/// A text, or an attachment with its type.
constexpr std::string_view kMessageRules =
    R"([{"if":{"required":["attachment_url"],"properties":{"attachment_url":{"type":"string"}}},)"
    R"("then":{"properties":{"type":{"enum":["image","file",null]}}},)"
    R"("else":{"properties":{"type":{"enum":["text","system",null]},"content":{"minLength":1}}}}])";

constexpr Shape kChannelName{"The group's name: one line, which may be empty.", "Line"};

/// The cursor of a page of messages: a direction and a position. See answers.cpp.
Field message_cursor() {
    auto read = [](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find("cursor");
        if (value.absent() || value.null()) return Done{};
        std::string cursor;
        auto done = read_value("cursor", value, cursor);
        if (!done) return done;
        auto& list = std::get<ListMessages>(invocation.command);
        if (cursor.empty()) return done;
        const std::size_t colon = std::min(cursor.find(':'), cursor.size() - 1);
        const std::string way = cursor.substr(0, colon);
        InputValue place{.json = nullptr, .text = nullptr};
        const std::string digits = cursor.substr(colon + 1);
        place.text = &digits;
        std::int64_t seq = 0;
        if ((way != "before" && way != "after") || !read_value("cursor", place, seq) || seq < 1) {
            return invalid_field("cursor", "cursor did not come from this list");
        }
        (way == "before" ? list.before : list.after) = "seq:" + digits;
        return done;
    };
    return {"cursor", kCursorText, cursor_schema("(?:before|after):[1-9][0-9]{0,17}"), false, std::move(read), true};
}

void add_channels(std::vector<CommandRow>& rows) {
    rows.push_back(
        {.name = "channel.create",
         .summary = "Creates a channel, or returns the existing one.",
         .routes = {{"POST", "/v1/channels"}},
         .callers = kBackend,
         .fields = {required("type", &CreateChannel::type, "direct: exactly two users. group: with roles."),
                    optional("external_id", &CreateChannel::external_id,
                             {"The host's own id; required for groups.", "NewExternalId"}),
                    optional("name", &CreateChannel::name, kChannelName),
                    optional("avatar_url", &CreateChannel::avatar_url,
                             {"The http or https URL of a picture; groups only.", "PictureUrl"}),
                    required("member_external_ids", &CreateChannel::member_external_ids,
                             {"The first members, at most 100.", "ExternalIds"}),
                    optional("created_by", &CreateChannel::created_by,
                             {"The first admin of a group; otherwise the first member listed, otherwise the first one added.",
                              "UserReference"}),
                    metadata("metadata", &CreateChannel::metadata, kMetadata)},
         .make = make<CreateChannel>,
         .answer = {Status::created_or_ok, "ChannelAnswer"},
         .errors = {ErrorCode::not_found, ErrorCode::conflict},
         .body_rules = kChannelRules});
    rows.push_back({.name = "channel.list",
                    .summary = "Lists the channels of the workspace.",
                    .routes = {{"GET", "/v1/channels"}},
                    .callers = kBackend,
                    .fields = range_and(&ListChannels::range, core::ListOf::channels,
                                        {optional("member", &ListChannels::member,
                                                  {"Only the channels of this user.", "UserReference"}),
                                         optional("type", &ListChannels::type, "Only channels of this type.")}),
                    .make = make<ListChannels>,
                    .answer = {Status::ok, "ChannelList"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "channel.get",
                    .summary = "One channel.",
                    .routes = {{"GET", "/v1/channels/{channel}"}},
                    .callers = kBoth,
                    .fields = {required("channel", &GetChannel::channel, kChannelReference)},
                    .make = make<GetChannel>,
                    .answer = {Status::ok, "ChannelAnswer"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "channel.update",
                    .summary = "Changes settings; absent fields stay unchanged.",
                    .routes = {{"PATCH", "/v1/channels/{channel}"}},
                    .callers = kBoth,
                    .fields = {required("channel", &UpdateChannel::channel, kChannelReference),
                               optional("name", &UpdateChannel::name, kChannelName),
                               clearable("avatar_url", &UpdateChannel::avatar_url, kAvatar),
                               metadata("metadata", &UpdateChannel::metadata, kMetadata),
                               optional("slow_mode_seconds", &UpdateChannel::slow_mode_seconds,
                                        {"How long a member who is no admin waits between two messages; in a direct channel "
                                         "only the backend sets it.",
                                         "SlowMode"}),
                               optional("frozen", &UpdateChannel::frozen,
                                        "Whether only the backend and the group's admins write; in a direct channel only the "
                                        "backend sets it.")},
                    .make = make<UpdateChannel>,
                    .answer = {Status::ok, "ChannelAnswer"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "channel.delete",
                    .summary = "Deletes a channel with its messages.",
                    .routes = {{"DELETE", "/v1/channels/{channel}"}},
                    .callers = kBackend,
                    .fields = {required("channel", &DeleteChannel::channel, kChannelReference)},
                    .make = make<DeleteChannel>,
                    .answer = {Status::no_content, ""},
                    .errors = {ErrorCode::not_found}});
    rows.push_back(
        {.name = "channel.changes",
         .summary = "What has changed in a channel since a revision: state, not a log.",
         .routes = {{"GET", "/v1/channels/{channel}/changes"}},
         .callers = kUser,
         .fields = {required("channel", &GetChanges::channel, {"The channel's internal id.", "InternalId"}),
                    optional("since", &GetChanges::since, {"The revision that the client holds.", "Count"}),
                    optional("receipts_since", &GetChanges::receipts_since, {"The receipt_rev that the client holds.", "Count"}),
                    optional("epoch", &GetChanges::epoch, {"The epoch these revisions belong to.", "Epoch"}),
                    optional("limit", &GetChanges::limit,
                             {"The most messages and members per page; by default 100.", "ChangesLimit"})},
         .make = make<GetChanges>,
         .answer = {Status::ok, "Changes"},
         .errors = {ErrorCode::not_found}});
}

void add_members(std::vector<CommandRow>& rows) {
    rows.push_back(
        {.name = "member.list",
         .summary = "The members of a channel.",
         .routes = {{"GET", "/v1/channels/{channel}/members"}},
         .callers = kBoth,
         .fields = range_and(&ListMembers::range, core::ListOf::members,
                             {required("channel", &ListMembers::channel, kChannelReference),
                              optional("q", &ListMembers::q, kUserQuery)}),
         .make = make<ListMembers>,
         .answer = {Status::ok, "MemberList"},
         .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "member.add",
                    .summary = "Adds members; existing members stay unchanged.",
                    .routes = {{"POST", "/v1/channels/{channel}/members"}},
                    .callers = kBoth,
                    .fields = {required("channel", &AddMembers::channel, kChannelReference),
                               required("external_ids", &AddMembers::external_ids, {"The users, at most 100.", "SomeExternalIds"}),
                               optional("role", &AddMembers::role, "member if absent.")},
                    .make = make<AddMembers>,
                    .answer = {Status::ok, "MembersChanged"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "member.update",
                    .summary = "Changes a member's role.",
                    .routes = {{"PATCH", "/v1/channels/{channel}/members/{user}"}},
                    .callers = kBoth,
                    .fields = {required("channel", &UpdateMember::channel, kChannelReference),
                               required("user", &UpdateMember::user, kUserReference),
                               required("role", &UpdateMember::role, "The new role.")},
                    .make = make<UpdateMember>,
                    .answer = {Status::ok, "MembersChanged"},
                    .errors = {ErrorCode::not_found, ErrorCode::conflict}});
    rows.push_back({.name = "member.remove",
                    .summary = "Removes a member; users can remove themselves.",
                    .routes = {{"DELETE", "/v1/channels/{channel}/members/{user}"}},
                    .callers = kBoth,
                    .fields = {required("channel", &RemoveMember::channel, kChannelReference),
                               required("user", &RemoveMember::user, kUserReference)},
                    .make = make<RemoveMember>,
                    .answer = {Status::ok, "MembersChanged"},
                    .errors = {ErrorCode::not_found, ErrorCode::conflict}});
}

void add_messages(std::vector<CommandRow>& rows) {
    rows.push_back(
        {.name = "message.send",
         .summary = "Sends a message.",
         .routes = {{"POST", "/v1/channels/{channel}/messages"}},
         .callers = kBoth,
         .fields = {required("channel", &SendMessage::channel, kChannelReference),
                    required("content", &SendMessage::content, {"The text; empty only with an attachment.", "MessageText"}),
                    optional("type", &SendMessage::type, "text if absent, file with an attachment; system is for the backend."),
                    optional("attachment_url", &SendMessage::attachment_url,
                             {"The attachment: the `public_url` of an upload.", "AttachmentUrl"}),
                    optional("parent_id", &SendMessage::parent_id,
                             {"The message that this one replies to, in the same channel.", "MessageReference"}),
                    optional("mentions", &SendMessage::mentions, {"The mentioned members, at most 50.", "Mentions"}),
                    optional(
                        "idempotency_key", &SendMessage::idempotency_key,
                        {"Makes repeating the send harmless; preferably a UUIDv7 created when the user presses send.",
                         "IdempotencyKey"}),
                    metadata("metadata", &SendMessage::metadata, kMetadata),
                    optional("user", &SendMessage::user, {"The author; backend only, and required there.", "UserReference"})},
         .make = make<SendMessage>,
         .answer = {Status::created_or_ok, "Message"},
         .errors = {ErrorCode::muted, ErrorCode::frozen, ErrorCode::slow_mode, ErrorCode::not_found, ErrorCode::conflict,
                    ErrorCode::message_rejected},
         .body_rules = kMessageRules,
         .ack = Ack::durable});
    rows.push_back(
        {.name = "message.list",
         .summary = "A page of history, newest first.",
         .routes = {{"GET", "/v1/channels/{channel}/messages"}},
         .callers = kBoth,
         .fields = {required("channel", &ListMessages::channel, kChannelReference),
                    optional("before", &ListMessages::before,
                             {"A message id or seq:<n>; at most one of before, after and around.", "Position"}),
                    optional("after", &ListMessages::after, {"The same; the page directly after it.", "PositionOrStart"}),
                    optional("around", &ListMessages::around, {"The same; the page with it in the middle.", "Position"}),
                    optional("limit", &ListMessages::limit, {"The maximum number of items.", "PageLimit"}),
                    message_cursor()},
         .make = make<ListMessages>,
         .answer = {Status::ok, "MessageList"},
         .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "message.get",
                    .summary = "One message.",
                    .routes = {{"GET", "/v1/channels/{channel}/messages/{message_id}"}},
                    .callers = kBoth,
                    .fields = {required("channel", &GetMessage::channel, kChannelReference),
                               required("message_id", &GetMessage::message_id, kMessageReference)},
                    .make = make<GetMessage>,
                    .answer = {Status::ok, "Message"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back(
        {.name = "message.search",
         .summary = "Messages of the caller's channels, best first, among the newest 500 that match.",
         .routes = {{"GET", "/v1/search"}},
         .callers = kUser,
         .fields = range_and(&SearchMessages::range, "s[-0-9]{1,20}(?:\\.[-0-9]{1,20}){5}\\.[0-9a-zA-Z-]{1,64}",
                             {required("q", &SearchMessages::q,
                                       {"Words and quoted phrases that must all occur: at most 8, and 256 "
                                        "bytes. The last word, unless quoted, may go on.",
                                        "SearchQuery"}),
                              optional("channel", &SearchMessages::channel, kChannelReference)}),
         .make = make<SearchMessages>,
         .answer = {Status::ok, "SearchResults"},
         .errors = {ErrorCode::not_a_member, ErrorCode::not_found}});
    rows.push_back({.name = "message.import",
                    .summary = "Stores a message from another system with its original time.",
                    .routes = {},
                    .callers = kBackend,
                    .fields = {required("channel", &ImportMessage::channel, kChannelReference),
                               required("user", &ImportMessage::user, kUserReference),
                               required("text", &ImportMessage::text, "The text."),
                               required("at", &ImportMessage::at, "When it was written."),
                               required("idempotency_key", &ImportMessage::idempotency_key,
                                        "A second import with the same key adds nothing."),
                               optional("parent_key", &ImportMessage::parent_key,
                                        "The idempotency_key of the message it replies to.")},
                    .make = make<ImportMessage>,
                    .answer = {Status::created_or_ok, "Message"}});
}

/// `{"<channel>":"<message>",…}`
Field delivered_channels() {
    auto read = [](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find("channels");
        if (value.absent()) return detail::missing("channels");
        auto& places = std::get<MarkAllDelivered>(invocation.command).channels;
        return read_texts("channels", value, [&](std::string channel, std::string message) {
            places.push_back({std::move(channel), std::move(message)});
        });
    };
    return {"channels", "Maps each channel to the last delivered message.", detail::schema_reference("DeliveredChannels"),
            true, std::move(read)};
}

void add_receipts(std::vector<CommandRow>& rows) {
    rows.push_back({.name = "message.read",
                    .summary = "Advances the caller's read position, and with it the delivered one.",
                    .routes = {{"POST", "/v1/channels/{channel}/read"}},
                    .callers = kUser,
                    .fields = {required("channel", &MarkRead::channel, kChannelReference),
                               optional("message_id", &MarkRead::message_id,
                                        {"The last read message; the newest if absent.", "MessageReference"})},
                    .make = make<MarkRead>,
                    .answer = {Status::ok, "ReceiptState"},
                    .errors = {ErrorCode::not_found},
                    .ack = Ack::answer});
    rows.push_back({.name = "message.delivered",
                    .summary = "Advances the caller's delivered position.",
                    .routes = {{"POST", "/v1/channels/{channel}/delivered"}},
                    .callers = kUser,
                    .fields = {required("channel", &MarkDelivered::channel, kChannelReference),
                               optional("message_id", &MarkDelivered::message_id,
                                        {"The last delivered message; the newest if absent.", "MessageReference"})},
                    .make = make<MarkDelivered>,
                    .answer = {Status::ok, "ReceiptState"},
                    .errors = {ErrorCode::not_found},
                    .ack = Ack::answer});
    rows.push_back({.name = "me.delivered",
                    .summary = "Moves the caller's delivered position forward in many channels, as one write.",
                    .routes = {{"POST", "/v1/me/delivered"}},
                    .callers = kUser,
                    .fields = {delivered_channels()},
                    .make = make<MarkAllDelivered>,
                    .answer = {Status::ok, "ChannelReceipts"},
                    .frame = {.type = "message.delivered", .member = "channels"}});
    rows.push_back({.name = "receipt.list",
                    .summary = "How far each member has received and read the channel.",
                    .routes = {{"GET", "/v1/channels/{channel}/receipts"}},
                    .callers = kUser,
                    .fields = range_and(&ListReceipts::range, core::ListOf::receipts,
                                        {required("channel", &ListReceipts::channel, kChannelReference)}),
                    .make = make<ListReceipts>,
                    .answer = {Status::ok, "ReceiptList"},
                    .errors = {ErrorCode::not_found}});
}

}  // namespace

std::vector<CommandRow> command_rows() {
    std::vector<CommandRow> rows;
    add_workspaces(rows);
    add_users(rows);
    add_moderation(rows);
    add_webhooks(rows);
    add_channels(rows);
    add_members(rows);
    add_messages(rows);
    add_message_changes(rows);
    add_receipts(rows);
    add_me(rows);
    add_sync(rows);
    return rows;
}

}  // namespace cariosan::protocol
