#include "protocol/describe/openapi.hpp"

namespace cariosan::protocol {
namespace {

// The shapes of section 4 of the protocol. Objects may get further members; clients ignore those they do not know.
constexpr std::string_view kShapes =
    R"json("Id":{"type":"string","format":"uuid","description":"A UUID of version 7, lower case.","examples":["01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b11"]},
"Time":{"type":"string","format":"date-time","description":"RFC 3339, UTC, with milliseconds.","examples":["2026-01-31T08:15:00.000Z"]},
"ChannelType":{"type":"string","enum":["direct","group"]},
"Role":{"type":"string","enum":["member","admin"]},
"DevicePlatform":{"type":"string","enum":["ios","android","web"]},
"MessageType":{"type":"string","enum":["text","image","file","system"]},
"Count":{"type":"integer","format":"int64","minimum":0,"maximum":9223372036854775807,"examples":[2]},
"NextCursor":{"type":["string","null"],"description":"For the query parameter cursor; null on the last page."},
"Health":{"type":"object","required":["status"],"properties":{"status":{"type":"string","const":"ok"}}},
"Error":{"type":"object","required":["error"],"properties":{"error":{"type":"object",
  "required":["code","message","retryable","details","request_id"],"properties":{
  "code":{"type":"string","enum":[<<error_codes>>]},
  "message":{"type":"string","description":"For developers."},
  "retryable":{"type":"boolean","description":"The same request may succeed later, unchanged."},
  "details":{"type":"object","additionalProperties":{"type":["string","integer","object"]},
    "description":"field: which one is wrong. limit: the most that is allowed. reason, retry_after_ms, rule, until. message: the message as it is now."},
  "request_id":{"type":"string"}}}}},
"ModerationRule":{"type":"string","enum":["profanity","blocklist","phone","link","flood","moderator"]},
"ModerationAction":{"type":"string","enum":["flag","mask","reject","auto_mute"],
  "description":"flag: delivered and recorded. mask: delivered with *** instead. reject: no message. auto_mute: and a mute."},
"ModerationSeverity":{"type":"string","enum":["mild","strong","extreme"]},
"MaxRepeats":{"type":"integer","minimum":1,"maximum":<<most_repeats>>,"default":3,"description":"So many equal texts pass within the window."},
"FloodWindow":{"type":"integer","minimum":1,"maximum":<<longest_flood_window>>,"default":30},
"AutoMuteSeconds":{"type":"integer","minimum":1,"maximum":<<longest_silence>>,"default":600},
"ModerationTerms":{"type":"array","maxItems":<<blocklist_terms>>,"items":{"type":"string","minLength":1,
  "maxLength":<<blocklist_term_code_points>>,"pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$"},"examples":[["badword"]]},
"Moderation":{"type":"object","required":["enabled","rules","blocklist","allowlist","auto_mute_seconds"],"properties":{
  "enabled":{"type":"boolean","default":false},
  "rules":{"type":"object","required":["profanity","link","phone","flood"],"properties":{
    "profanity":{"type":"object","required":["enabled","action","min_severity"],"properties":{
      "enabled":{"type":"boolean","default":true},"action":{"$ref":"#/components/schemas/ModerationAction"},
      "min_severity":{"$ref":"#/components/schemas/ModerationSeverity"}}},
    "link":{"type":"object","required":["enabled","action"],"properties":{
      "enabled":{"type":"boolean","default":false},"action":{"$ref":"#/components/schemas/ModerationAction"}}},
    "phone":{"type":"object","required":["enabled","action"],"properties":{
      "enabled":{"type":"boolean","default":false},"action":{"$ref":"#/components/schemas/ModerationAction"}}},
    "flood":{"type":"object","required":["enabled","action","max_repeats","window_seconds"],"properties":{
      "enabled":{"type":"boolean","default":true},"action":{"$ref":"#/components/schemas/ModerationAction"},
      "max_repeats":{"$ref":"#/components/schemas/MaxRepeats"},
      "window_seconds":{"$ref":"#/components/schemas/FloodWindow"}}}}},
  "blocklist":{"$ref":"#/components/schemas/ModerationTerms"},"allowlist":{"$ref":"#/components/schemas/ModerationTerms"},
  "auto_mute_seconds":{"$ref":"#/components/schemas/AutoMuteSeconds"}}},
"ActionOrNull":{"anyOf":[{"$ref":"#/components/schemas/ModerationAction"},{"type":"null"}]},
"RulePatch":{"type":["object","null"],<<ignored>>,"properties":{"enabled":{"type":["boolean","null"]},
  "action":{"$ref":"#/components/schemas/ActionOrNull"}}},
"ModerationPatch":{"type":["object","null"],<<ignored>>,"properties":{"enabled":{"type":["boolean","null"]},
  "rules":{"type":["object","null"],<<ignored>>,"properties":{
    "profanity":{"type":["object","null"],<<ignored>>,"properties":{"enabled":{"type":["boolean","null"]},
      "action":{"$ref":"#/components/schemas/ActionOrNull"},
      "min_severity":{"anyOf":[{"$ref":"#/components/schemas/ModerationSeverity"},{"type":"null"}]}}},
    "link":{"$ref":"#/components/schemas/RulePatch"},"phone":{"$ref":"#/components/schemas/RulePatch"},
    "flood":{"type":["object","null"],<<ignored>>,"properties":{"enabled":{"type":["boolean","null"]},
      "action":{"$ref":"#/components/schemas/ActionOrNull"},
      "max_repeats":{"anyOf":[{"$ref":"#/components/schemas/MaxRepeats"},{"type":"null"}]},
      "window_seconds":{"anyOf":[{"$ref":"#/components/schemas/FloodWindow"},{"type":"null"}]}}}}},
  "blocklist":{"anyOf":[{"$ref":"#/components/schemas/ModerationTerms"},{"type":"null"}]},
  "allowlist":{"anyOf":[{"$ref":"#/components/schemas/ModerationTerms"},{"type":"null"}]},
  "auto_mute_seconds":{"anyOf":[{"$ref":"#/components/schemas/AutoMuteSeconds"},{"type":"null"}]}}},
"ModerationRecord":{"type":"object","required":["id","at","rule","action","channel_id","channel_external_id","user_id","excerpt"],
  "properties":{"id":{"$ref":"#/components/schemas/Id"},"at":{"$ref":"#/components/schemas/Time"},
  "rule":{"$ref":"#/components/schemas/ModerationRule"},"action":{"$ref":"#/components/schemas/ModerationAction"},
  "channel_id":{"$ref":"#/components/schemas/Id"},"channel_external_id":{"type":["string","null"]},
  "user_id":{"$ref":"#/components/schemas/Id"},
  "message_id":{"description":"Absent: no message was stored.","$ref":"#/components/schemas/Id"},
  "excerpt":{"type":"string","description":"About a hundred code points around the match, every match masked; of rule moderator the reason."}}},
"ModerationActionList":{"type":"object","required":["actions","has_more","next_cursor"],"properties":{
  "actions":{"type":"array","items":{"$ref":"#/components/schemas/ModerationRecord"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"Workspace":{"type":"object","required":["id","name","test","read_receipts_enabled","edit_window_seconds","created_at",
  "moderation"],
  "properties":{"id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},"test":{"type":"boolean"},
  "read_receipts_enabled":{"type":"boolean"},"edit_window_seconds":{"type":["integer","null"]},
  "created_at":{"$ref":"#/components/schemas/Time"},"moderation":{"$ref":"#/components/schemas/Moderation"}}},
"User":{"type":"object","required":["id","external_id","name","avatar_url","metadata","created_at","updated_at"],
  "properties":{"id":{"$ref":"#/components/schemas/Id"},"external_id":{"type":"string"},"name":{"type":"string"},
  "avatar_url":{"type":["string","null"]},"metadata":{"$ref":"#/components/schemas/Metadata"},
  "created_at":{"$ref":"#/components/schemas/Time"},"updated_at":{"$ref":"#/components/schemas/Time"}}},
"Me":{"allOf":[{"$ref":"#/components/schemas/User"},{"type":"object","required":["unread_total"],
  "properties":{"unread_total":{"$ref":"#/components/schemas/Count"}}}]},
"UserSummary":{"type":"object","required":["id","external_id","name"],"properties":{
  "id":{"$ref":"#/components/schemas/Id"},"external_id":{"type":["string","null"]},"name":{"type":"string"},
  "avatar_url":{"type":["string","null"]},"deleted":{"type":"boolean","description":"Only on a deleted user."}}},
"UserList":{"type":"object","required":["users","has_more","next_cursor"],"properties":{
  "users":{"type":"array","items":{"$ref":"#/components/schemas/User"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"Token":{"type":"object","required":["token","expires_at"],"properties":{"token":{"type":"string"},
  "expires_at":{"$ref":"#/components/schemas/Time"}}},
"Channel":{"type":"object","required":["id","external_id","type","name","avatar_url","metadata","member_count","rev",
  "settings_rev","receipt_rev","last_seq","created_at"],"properties":{"id":{"$ref":"#/components/schemas/Id"},
  "external_id":{"type":["string","null"]},"type":{"$ref":"#/components/schemas/ChannelType"},"name":{"type":"string"},
  "avatar_url":{"type":["string","null"]},"metadata":{"$ref":"#/components/schemas/Metadata"},
  "member_count":{"$ref":"#/components/schemas/Count"},"rev":{"$ref":"#/components/schemas/Count"},
  "settings_rev":{"$ref":"#/components/schemas/Count"},"receipt_rev":{"$ref":"#/components/schemas/Count"},
  "last_seq":{"$ref":"#/components/schemas/Count"},"created_at":{"$ref":"#/components/schemas/Time"}}},
"ChannelList":{"type":"object","required":["channels","has_more","next_cursor"],"properties":{
  "channels":{"type":"array","items":{"$ref":"#/components/schemas/Channel"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"Member":{"type":"object","required":["rev"],"description":"One who has left has user_id and left instead of the rest.",
  "properties":{"user":{"$ref":"#/components/schemas/UserSummary"},"role":{"$ref":"#/components/schemas/Role"},
  "joined_at":{"$ref":"#/components/schemas/Time"},"rev":{"$ref":"#/components/schemas/Count"},
  "user_id":{"$ref":"#/components/schemas/Id"},"left":{"type":"boolean","const":true}}},
"MemberList":{"type":"object","required":["members","has_more","next_cursor","rev","receipt_rev","epoch"],"properties":{
  "members":{"type":"array","items":{"$ref":"#/components/schemas/Member"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"},"rev":{"$ref":"#/components/schemas/Count"},
  "receipt_rev":{"$ref":"#/components/schemas/Count"},"epoch":{"type":"string"}}},
"MembersChanged":{"type":"object","required":["members","rev"],"properties":{
  "members":{"type":"array","items":{"$ref":"#/components/schemas/Member"}},"rev":{"$ref":"#/components/schemas/Count"}}},
"Quote":{"type":"object","required":["id"],
  "description":"Of a user the reader has blocked there are only id and hidden; else all but hidden.","properties":{
  "hidden":{"type":"boolean","const":true},
  "id":{"$ref":"#/components/schemas/Id"},"user_id":{"$ref":"#/components/schemas/Id"},"user_name":{"type":"string"},
  "content":{"type":"string","description":"At most 200 code points."},
  "type":{"$ref":"#/components/schemas/MessageType"},"deleted":{"type":"boolean"}}},
"Mention":{"type":"object","required":["user_id","external_id","name"],"properties":{
  "user_id":{"$ref":"#/components/schemas/Id"},"external_id":{"type":["string","null"],
  "description":"null: the user was deleted."},"name":{"type":"string"}}},
"UserRecord":{"type":"object","required":["kind"],"additionalProperties":true,
  "description":"The object that kind names, with its members beside kind: a user, a message, a mute, a block, a device, or what follows.","properties":{
  "kind":{"type":"string","enum":["user","membership","message","reaction","mention","mute","block","moderation","device"]},
  "channel_id":{"$ref":"#/components/schemas/Id"},"channel_external_id":{"type":["string","null"]},
  "role":{"$ref":"#/components/schemas/Role"},"muted":{"type":"boolean"},"left":{"type":"boolean"},
  "joined_at":{"$ref":"#/components/schemas/Time"},"receipt":{"$ref":"#/components/schemas/Receipt"},
  "message_id":{"$ref":"#/components/schemas/Id"},"emoji":{"type":"string"}}},
"Reaction":{"type":"object","required":["emoji","count"],"properties":{"emoji":{"type":"string"},
  "count":{"$ref":"#/components/schemas/Count"},"reacted_by_me":{"type":"boolean"}}},
"MessageReaction":{"type":"object","required":["user","emoji","at"],"properties":{
  "user":{"anyOf":[{"$ref":"#/components/schemas/UserSummary"},{"type":"null"}],"description":"null: someone the caller has blocked."},
  "emoji":{"type":"string"},"at":{"$ref":"#/components/schemas/Time"}}},
"ReactionList":{"type":"object","required":["reactions","has_more","next_cursor"],"properties":{
  "reactions":{"type":"array","items":{"$ref":"#/components/schemas/MessageReaction"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"Message":{"type":"object","required":["id","channel_id","channel_external_id","seq","rev","user","type","content",
  "attachment_url","metadata","reactions","created_at","edited_at","deleted_at"],"properties":{
  "id":{"$ref":"#/components/schemas/Id"},"channel_id":{"$ref":"#/components/schemas/Id"},
  "channel_external_id":{"type":["string","null"]},"seq":{"type":"integer","minimum":1},
  "rev":{"$ref":"#/components/schemas/Count"},"user":{"$ref":"#/components/schemas/UserSummary"},
  "type":{"$ref":"#/components/schemas/MessageType"},"content":{"type":"string"},
  "attachment_url":{"type":["string","null"]},"metadata":{"$ref":"#/components/schemas/Metadata"},
  "parent_id":{"$ref":"#/components/schemas/Id"},"quoted_message":{"$ref":"#/components/schemas/Quote"},
  "mentions":{"type":"array","items":{"$ref":"#/components/schemas/Mention"}},
  "reactions":{"type":"array","items":{"$ref":"#/components/schemas/Reaction"}},
  "idempotency_key":{"type":"string","description":"Shown to the author alone."},
  "created_at":{"$ref":"#/components/schemas/Time"},
  "edited_at":{"anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]},
  "deleted_at":{"anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]}}},
"MessageList":{"type":"object","required":["messages","has_more","next_cursor","rev","receipt_rev","epoch"],"properties":{
  "messages":{"type":"array","items":{"$ref":"#/components/schemas/Message"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"},"rev":{"$ref":"#/components/schemas/Count"},
  "receipt_rev":{"$ref":"#/components/schemas/Count"},"epoch":{"type":"string"}}},
"Device":{"type":"object","required":["token","platform","created_at"],"properties":{"token":{"type":"string"},
  "platform":{"$ref":"#/components/schemas/DevicePlatform"},"created_at":{"$ref":"#/components/schemas/Time"}}},
"DeviceList":{"type":"object","required":["devices","has_more","next_cursor"],"properties":{
  "devices":{"type":"array","items":{"$ref":"#/components/schemas/Device"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"Block":{"type":"object","required":["user","created_at"],"properties":{
  "user":{"$ref":"#/components/schemas/UserSummary"},"created_at":{"$ref":"#/components/schemas/Time"}}},
"PresignedUpload":{"type":"object","required":["upload_url","method","headers","public_url","expires_at"],"properties":{
  "upload_url":{"type":"string","format":"uri","description":"Where the file goes; needs no credentials."},
  "method":{"type":"string","const":"PUT"},
  "headers":{"type":"object","additionalProperties":{"type":"string"},"description":"To be sent exactly so: they are signed."},
  "public_url":{"type":"string","format":"uri","description":"The attachment_url of a message."},
  "expires_at":{"$ref":"#/components/schemas/Time"}}},
"BlockMade":{"allOf":[{"$ref":"#/components/schemas/Block"},{"type":"object","required":["blocks_rev"],
  "properties":{"blocks_rev":{"$ref":"#/components/schemas/Count"}}}]},
"BlockList":{"type":"object","required":["blocks","has_more","next_cursor","blocks_rev"],"properties":{
  "blocks":{"type":"array","items":{"$ref":"#/components/schemas/Block"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"},
  "blocks_rev":{"description":"One more with every change of the list.","$ref":"#/components/schemas/Count"}}},
"Mute":{"type":"object","required":["user","channel_id","channel_external_id","until","reason","created_at"],"properties":{
  "user":{"$ref":"#/components/schemas/UserSummary"},
  "channel_id":{"description":"null: the whole workspace.","anyOf":[{"$ref":"#/components/schemas/Id"},{"type":"null"}]},
  "channel_external_id":{"type":["string","null"]},
  "until":{"description":"null: until it is lifted.","anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]},
  "reason":{"type":["string","null"]},"created_at":{"$ref":"#/components/schemas/Time"}}},
"MuteList":{"type":"object","required":["mutes","has_more","next_cursor"],"properties":{
  "mutes":{"type":"array","items":{"$ref":"#/components/schemas/Mute"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"WebhookEvent":{"type":"string","enum":[<<webhook_events>>]},
"Webhook":{"type":"object","required":["id","url","events","enabled","disabled_reason","disabled_at","created_at","updated_at"],
  "properties":{"id":{"$ref":"#/components/schemas/Id"},"url":{"type":"string"},
  "events":{"type":"array","items":{"$ref":"#/components/schemas/WebhookEvent"}},"enabled":{"type":"boolean"},
  "disabled_reason":{"description":"null: it is enabled, or its owner disabled it.","type":["string","null"]},
  "disabled_at":{"anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]},
  "created_at":{"$ref":"#/components/schemas/Time"},"updated_at":{"$ref":"#/components/schemas/Time"}}},
"WebhookCredentials":{"allOf":[{"$ref":"#/components/schemas/Webhook"},{"type":"object","required":["signing_secret"],
  "properties":{"signing_secret":{"type":"string"}}}]},
"WebhookList":{"type":"object","required":["webhooks","has_more","next_cursor"],"properties":{
  "webhooks":{"type":"array","items":{"$ref":"#/components/schemas/Webhook"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"Delivery":{"type":"object","required":["event_id","event","status","attempts","last_status_code","last_error",
  "next_attempt_at","created_at","delivered_at"],"properties":{
  "event_id":{"type":"string"},"event":{"type":"string","enum":[<<webhook_events>>,"ping"]},
  "status":{"type":"string","enum":["pending","delivered","failed"]},"attempts":{"$ref":"#/components/schemas/Count"},
  "last_status_code":{"type":["integer","null"]},"last_error":{"type":["string","null"]},
  "next_attempt_at":{"anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]},
  "created_at":{"$ref":"#/components/schemas/Time"},
  "delivered_at":{"anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]}}},
"DeliveryList":{"type":"object","required":["deliveries","has_more","next_cursor"],"properties":{
  "deliveries":{"type":"array","items":{"$ref":"#/components/schemas/Delivery"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"SearchHit":{"type":"object","required":["message","channel_id","snippet","highlights","score"],"properties":{
  "message":{"$ref":"#/components/schemas/Message"},"channel_id":{"$ref":"#/components/schemas/Id"},
  "snippet":{"type":"string","description":"Plain text."},
  "highlights":{"type":"array","description":"Start and length, in code points of the snippet.",
    "items":{"type":"array","minItems":2,"maxItems":2,"items":{"$ref":"#/components/schemas/Count"}}},
  "score":{"type":"integer","minimum":0,"maximum":1000}}},
"SearchResults":{"type":"object","required":["results","has_more","next_cursor"],"properties":{
  "results":{"type":"array","items":{"$ref":"#/components/schemas/SearchHit"}},"has_more":{"type":"boolean"},
  "partial":{"type":"boolean","const":true,
    "description":"Present if the search has used its budget of work: only the newest messages were looked at, and there may be no hit among them. The cursor goes on with older ones."},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"Receipt":{"type":"object","required":["user_id","last_delivered_seq","last_delivered_at"],
  "description":"Others' read fields are absent while the workspace's read receipts are off.","properties":{
  "user_id":{"$ref":"#/components/schemas/Id"},"last_read_seq":{"$ref":"#/components/schemas/Count"},
  "last_read_at":{"anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]},
  "last_delivered_seq":{"$ref":"#/components/schemas/Count"},
  "last_delivered_at":{"anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]}}},
"ReceiptList":{"type":"object","required":["receipts","has_more","next_cursor","rev","receipt_rev","epoch"],"properties":{
  "receipts":{"type":"array","items":{"$ref":"#/components/schemas/Receipt"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"},"rev":{"$ref":"#/components/schemas/Count"},
  "receipt_rev":{"$ref":"#/components/schemas/Count"},"epoch":{"type":"string"}}},
"ReceiptState":{"type":"object","required":["receipt_rev","receipt","unread_count","mention_count"],"properties":{
  "receipt_rev":{"$ref":"#/components/schemas/Count"},"receipt":{"$ref":"#/components/schemas/Receipt"},
  "unread_count":{"$ref":"#/components/schemas/Count"},"mention_count":{"$ref":"#/components/schemas/Count"}}},
"UserPresence":{"type":"object","required":["user_id","external_id","status","last_seen_at"],"properties":{
  "user_id":{"$ref":"#/components/schemas/Id"},"external_id":{"type":"string"},
  "status":{"type":"string","enum":["online","offline"]},
  "last_seen_at":{"description":"When the last connection ended; null while online, and if there was none yet.",
    "anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]}}},
"PresenceList":{"type":"object","required":["presence","has_more","next_cursor"],"properties":{
  "presence":{"type":"array","items":{"$ref":"#/components/schemas/UserPresence"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"MyChannel":{"type":"object","required":["channel","role","member_count","last_message","unread_count","mention_count",
  "last_read_seq","rev","receipt_rev","muted","last_activity"],"properties":{
  "channel":{"$ref":"#/components/schemas/Channel"},"role":{"$ref":"#/components/schemas/Role"},
  "peer":{"description":"The other user of a direct channel.",
    "anyOf":[{"$ref":"#/components/schemas/UserSummary"},{"type":"null"}]},
  "members":{"type":"array","description":"The first few of a group.","items":{"$ref":"#/components/schemas/Member"}},
  "member_count":{"$ref":"#/components/schemas/Count"},
  "last_message":{"anyOf":[{"$ref":"#/components/schemas/Message"},{"type":"null"}]},
  "unread_count":{"$ref":"#/components/schemas/Count"},"mention_count":{"$ref":"#/components/schemas/Count"},
  "last_read_seq":{"$ref":"#/components/schemas/Count"},"rev":{"$ref":"#/components/schemas/Count"},
  "receipt_rev":{"$ref":"#/components/schemas/Count"},"muted":{"type":"boolean"},
  "last_activity":{"$ref":"#/components/schemas/Time"}}},
"MyChannelList":{"type":"object","required":["channels","has_more","next_cursor"],"properties":{
  "channels":{"type":"array","items":{"$ref":"#/components/schemas/MyChannel"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"Changes":{"type":"object","required":["channel_id","epoch","since","rev","receipt_rev","reset","messages","members",
  "receipts","unread_count","mention_count","has_more"],"properties":{
  "channel_id":{"$ref":"#/components/schemas/Id"},"epoch":{"type":"string"},
  "since":{"$ref":"#/components/schemas/Count"},"rev":{"$ref":"#/components/schemas/Count"},
  "receipt_rev":{"$ref":"#/components/schemas/Count"},
  "reset":{"type":"boolean","description":"Drop the cached channel: this is its present state."},
  "channel":{"$ref":"#/components/schemas/Channel"},
  "messages":{"type":"array","items":{"$ref":"#/components/schemas/Message"}},
  "members":{"type":"array","items":{"$ref":"#/components/schemas/Member"}},
  "receipts":{"type":"array","items":{"$ref":"#/components/schemas/Receipt"}},
  "unread_count":{"$ref":"#/components/schemas/Count"},"mention_count":{"$ref":"#/components/schemas/Count"},
  "has_more":{"type":"boolean"}}}
)json";

}  // namespace

std::string_view openapi_shapes() { return kShapes; }

}  // namespace cariosan::protocol
