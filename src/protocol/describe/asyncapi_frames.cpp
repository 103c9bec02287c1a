// What the frames hold. Whoever adds a type to frame_types.hpp describes it here.
#include <algorithm>
#include <array>

#include "protocol/describe/asyncapi.hpp"
#include "protocol/socket/frame_types.hpp"

namespace cariosan::protocol {
namespace {

#define CARIOSAN_ID R"({"$ref":"#/components/schemas/Id"})"
#define CARIOSAN_COUNT R"({"$ref":"#/components/schemas/Count"})"
#define CARIOSAN_TIME R"({"$ref":"#/components/schemas/Time"})"

constexpr std::string_view kNothing = R"({"type":"object"})";

constexpr std::string_view kReady =
    R"({"type":"object","required":["connection_id","user","epoch","blocks_rev","preferences_rev","server_time","heartbeat_seconds",)"
    R"("unread_total","settings"],"properties":{"connection_id":)" CARIOSAN_ID
    R"(,"user":{"$ref":"#/components/schemas/User"},"epoch":{"$ref":"#/components/schemas/Epoch"},"blocks_rev":)" CARIOSAN_COUNT
    R"(,"preferences_rev":)" CARIOSAN_COUNT
    R"(,"server_time":)" CARIOSAN_TIME R"(,"heartbeat_seconds":{"type":"integer","minimum":1},"unread_total":)" CARIOSAN_COUNT
    R"(,"settings":{"$ref":"#/components/schemas/ClientSettings"}}})";

constexpr std::string_view kAck =
    R"({"anyOf":[{"type":"object","required":["rev"],"description":"A durable command: the revision it made, or the present one.",)"
    R"("properties":{"rev":)" CARIOSAN_COUNT R"(,"message":{"$ref":"#/components/schemas/Message"},)"
    R"("duplicate":{"type":"boolean","const":true}}},{"$ref":"#/components/schemas/ReceiptState"},)"
    R"({"$ref":"#/components/schemas/ChannelReceipts"},{"type":"object","required":["users"],)"
    R"("properties":{"users":{"type":"array","items":{"$ref":"#/components/schemas/UserPresence"}}}},)"
    R"({"type":"object","required":["expires_at"],"properties":{"expires_at":)" CARIOSAN_TIME R"(}},{"type":"object"}]})";

constexpr std::string_view kError =
    R"({"type":"object","required":["code","message","retryable"],"properties":{"code":{"type":"string"},"message":{"type":"string"},)"
    R"("retryable":{"type":"boolean"},"details":{"type":"object"},"retry_after_ms":{"type":"integer","minimum":0}}})";

constexpr std::string_view kMessage =
    R"({"type":"object","required":["channel_id","channel_external_id","rev","message"],"properties":{"channel_id":)" CARIOSAN_ID
    R"(,"channel_external_id":{"type":["string","null"]},"rev":)" CARIOSAN_COUNT
    R"(,"message":{"$ref":"#/components/schemas/Message"}}})";

constexpr std::string_view kMessageDeleted =
    R"({"type":"object","required":["channel_id","rev","message_id","seq","deleted_at"],"properties":{"channel_id":)" CARIOSAN_ID
    R"(,"rev":)" CARIOSAN_COUNT R"(,"message_id":)" CARIOSAN_ID R"(,"seq":)" CARIOSAN_COUNT R"(,"deleted_at":)" CARIOSAN_TIME R"(}})";

constexpr std::string_view kReaction =
    R"({"type":"object","required":["channel_id","rev","message_id","user_id","emoji","reactions"],"properties":{"channel_id":)" CARIOSAN_ID
    R"(,"rev":)" CARIOSAN_COUNT R"(,"message_id":)" CARIOSAN_ID
    R"(,"user_id":{"anyOf":[)" CARIOSAN_ID R"(,{"type":"null"}],"description":"null: someone the viewer has blocked."},)"
    R"("emoji":{"type":"string"},"reactions":{"type":"array","items":{"$ref":"#/components/schemas/Reaction"}}}})";

constexpr std::string_view kChannel =
    R"({"type":"object","required":["channel","rev"],"properties":{"channel":{"$ref":"#/components/schemas/Channel"},"rev":)" CARIOSAN_COUNT
    R"(,"members":{"type":"array","description":"Of channel.created.","items":{"$ref":"#/components/schemas/Member"}}}})";

constexpr std::string_view kMembers =
    R"({"type":"object","required":["channel_id","rev","last_seq","member_count","members"],"properties":{"channel_id":)" CARIOSAN_ID
    R"(,"rev":)" CARIOSAN_COUNT R"(,"last_seq":)" CARIOSAN_COUNT R"(,"member_count":)" CARIOSAN_COUNT
    R"(,"members":{"type":"array","items":{"$ref":"#/components/schemas/Member"}}}})";

constexpr std::string_view kEvents =
    R"({"type":"object","required":["channel_id","since","rev","events"],"properties":{"channel_id":)" CARIOSAN_ID R"(,"since":)" CARIOSAN_COUNT
    R"(,"rev":)" CARIOSAN_COUNT R"(,"events":{"type":"array","items":{"type":"object","required":["type","data"],)"
    R"("properties":{"type":{"type":"string"},"data":{"type":"object"}}}}}})";

constexpr std::string_view kRev = R"({"type":"object","required":["channel_id","rev"],"properties":{"channel_id":)" CARIOSAN_ID
    R"(,"rev":)" CARIOSAN_COUNT R"(}})";

/// Like `Changes`, but a repair has no counts.
constexpr std::string_view kSync =
    R"({"anyOf":[{"$ref":"#/components/schemas/Changes"},{"type":"object","description":"A repair: without counts.",)"
    R"("required":["channel_id","epoch","since","rev","receipt_rev","reset","member_count","messages","members","receipts","has_more"]},)"
    R"({"$ref":"#/components/schemas/ChannelLeft"},{"$ref":"#/components/schemas/ChannelSummary"}]})";

constexpr std::string_view kSyncDone =
    R"({"type":"object","required":["epoch","unread_total"],"properties":{"id":{"type":["string","integer"]},)"
    R"("epoch":{"$ref":"#/components/schemas/Epoch"},"unread_total":)" CARIOSAN_COUNT R"(}})";

constexpr std::string_view kReceipt =
    R"({"type":"object","required":["channel_id","receipt_rev","user_id","seq","at"],"properties":{"channel_id":)" CARIOSAN_ID
    R"(,"receipt_rev":)" CARIOSAN_COUNT R"(,"user_id":)" CARIOSAN_ID R"(,"seq":)" CARIOSAN_COUNT
    R"(,"at":{"anyOf":[)" CARIOSAN_TIME R"(,{"type":"null"}]}}})";

constexpr std::string_view kUnread =
    R"({"type":"object","required":["channel_id","unread_count","mention_count","unread_total"],"properties":{"channel_id":)" CARIOSAN_ID
    R"(,"unread_count":)" CARIOSAN_COUNT R"(,"mention_count":)" CARIOSAN_COUNT R"(,"unread_total":)" CARIOSAN_COUNT R"(}})";

constexpr std::string_view kMention =
    R"({"type":"object","required":["channel_id","message_id","by_user_id"],"properties":{"channel_id":)" CARIOSAN_ID
    R"(,"message_id":)" CARIOSAN_ID R"(,"by_user_id":)" CARIOSAN_ID R"(}})";

constexpr std::string_view kUser =
    R"({"type":"object","required":["user"],"properties":{"user":{"anyOf":[{"$ref":"#/components/schemas/User"},)"
    R"({"$ref":"#/components/schemas/UserSummary"}],"description":"Of a deleted user only the id."}}})";

constexpr std::string_view kPreferences =
    R"({"allOf":[{"$ref":"#/components/schemas/ChannelPreferences"},{"type":"object","properties":{"unread_total":)"
    R"({"$ref":"#/components/schemas/Count","description":"Absent if it could not be counted."}}}]})";

constexpr std::string_view kBlock =
    R"({"type":"object","required":["user_id","blocked","blocks_rev"],"properties":{"user_id":)" CARIOSAN_ID
    R"(,"blocked":{"type":"boolean"},"blocks_rev":)" CARIOSAN_COUNT R"(}})";

constexpr std::string_view kTyping =
    R"({"type":"object","required":["channel_id","user_id"],"properties":{"channel_id":)" CARIOSAN_ID R"(,"user_id":)" CARIOSAN_ID R"(}})";

constexpr std::string_view kPresence =
    R"({"type":"object","required":["users"],"properties":{"users":{"type":"array","items":{"$ref":"#/components/schemas/UserPresence"}}}})";

constexpr std::string_view kDraining =
    R"({"type":"object","required":["reconnect_after_ms"],"properties":{"reconnect_after_ms":{"type":"integer","minimum":0}}})";

constexpr std::string_view kSettings =
    R"({"type":"object","required":["settings"],"properties":{"settings":{"$ref":"#/components/schemas/ClientSettings"}}})";

constexpr std::array<FrameShape, kServerFrames.size()> kServerShapes = {{
    {"connection.ready", "The first frame of every connection.", kReady},
    {"ack", "A frame with this id was carried out.", kAck},
    {"error", "A frame with this id was refused; without an id, why the connection is being closed.", kError},
    {"pong", "Answers ping.", kNothing},
    {"message.created", "A new message.", kMessage, true},
    {"message.updated", "The text or the mentions of a message changed.", kMessage, true},
    {"message.deleted", "A message was unsent.", kMessageDeleted, true},
    {"reaction.added", "Someone reacted to a message, or changed the emoji.", kReaction, true},
    {"reaction.removed", "Someone took a reaction back.", kReaction, true},
    {"channel.created", "A new channel, with its members.", kChannel, true},
    {"channel.updated", "The settings of a channel changed.", kChannel, true},
    {"channel.deleted", "A channel is gone.", kChannel, true},
    {"member.joined", "Users joined a channel.", kMembers, true},
    {"member.left", "Users left a channel, or were removed.", kMembers, true},
    {"member.updated", "Roles changed.", kMembers, true},
    {"channel.events", "Several events of a large channel that were held back together.", kEvents},
    {"channel.rev", "A change that this viewer is not shown.", kRev},
    {"channel.sync", "The state of a channel: asked for by sync, or the repair of a gap.", kSync},
    {"sync.done", "A sync has been answered.", kSyncDone},
    {"receipt.read", "How far a member has read.", kReceipt, true},
    {"receipt.delivered", "How far a channel was delivered to a member.", kReceipt, true},
    {"unread", "The user's unread counts, sent to that user's own connections.", kUnread},
    {"mention", "The user was mentioned.", kMention, true},
    {"user.updated", "A user who shares a channel changed, or was deleted.", kUser, true},
    {"block.updated", "The user's block list changed; to its own connections.", kBlock, true},
    {"typing.start", "A member is typing.", kTyping, true},
    {"typing.stop", "A member is no longer typing.", kTyping, true},
    {"presence.update", "Users came or went.", kPresence},
    {"server.draining", "The server is about to stop.", kDraining},
    {"settings.updated", "What the workspace and the server allow has changed.", kSettings, true},
    {"channel.preferences", "The user keeps a channel differently; to its own connections.", kPreferences, true},
}};
static_assert(std::ranges::is_permutation(kServerShapes, kServerFrames, {}, &FrameShape::type));

constexpr FrameShape kEventsLostShape{
    kEventsLost, "Events were dropped because they were not taken in time: read the changes of these channels.",
    R"({"type":"object","required":["channels","all"],"properties":{"channels":{"type":"array","items":)" CARIOSAN_ID
    R"(},"all":{"type":"boolean","description":"true: of all channels; there were too many to list."}}})", true};

constexpr std::string_view kUsers =
    R"({"type":"object","required":["users"],"properties":{"users":{"type":"array","items":{"$ref":"#/components/schemas/UserReference"}}}})";
constexpr std::string_view kInChannel =
    R"({"type":"object","required":["channel"],"properties":{"channel":{"$ref":"#/components/schemas/ChannelReference"}}})";

constexpr std::array<FrameShape, kBuiltInFrames.size()> kBuiltInShapes = {{
    {"ping", "A sign of life; answered by pong.", kNothing},
    {"typing.start", "The user is typing; not answered.", kInChannel},
    {"typing.stop", "The user is no longer typing; not answered.", kInChannel},
    {"sync", "Asks for what was missed.",
     R"({"type":"object","properties":{"epoch":{"type":"string"},"channels":{"description":"Per channel id the rev and receipt_rev that )"
     R"(the client holds.","$ref":"#/components/schemas/HeldChannels"},"complete":{"type":"boolean"}}})"},
    {"presence.subscribe", "Follows users; the ack says how they are now.", kUsers},
    {"presence.unsubscribe", "Stops following users.", kUsers},
    {"auth.refresh", "A new token of the same user.",
     R"({"type":"object","required":["token"],"properties":{"token":{"type":"string"}}})"},
}};
static_assert(std::ranges::is_permutation(kBuiltInShapes, kBuiltInFrames, {}, &FrameShape::type));

#undef CARIOSAN_ID
#undef CARIOSAN_COUNT
#undef CARIOSAN_TIME

}  // namespace

std::span<const FrameShape> server_frame_shapes() { return kServerShapes; }
std::span<const FrameShape> built_in_frame_shapes() { return kBuiltInShapes; }
const FrameShape& events_lost_shape() { return kEventsLostShape; }

}  // namespace cariosan::protocol
