// The schemas of field values, which `Shape` names. Limits are those of the code that checks them.
#include <algorithm>
#include <cariosan/error.hpp>
#include <cariosan/webhooks.hpp>
#include <cstdint>

#include "core/paging.hpp"
#include "core/push/device_token.hpp"
#include "core/text/fields.hpp"
#include "protocol/describe/character_classes.hpp"
#include "protocol/describe/openapi.hpp"
#include "protocol/json/json_writer.hpp"
#include "protocol/rest/token.hpp"

namespace cariosan::protocol {
namespace {

// Sizes are bytes of UTF-8. `maxLength` counts code points, so it is exact for ASCII only. `Placeholders` replaces each
// `<<name>>`.
constexpr std::string_view kValues = R"json(
"Text":{"type":"string","pattern":"^[^\\u0000]*$","description":"Unicode without U+0000."},
"Line":{"type":"string","maxLength":<<name_bytes>>,"pattern":"^[^<<no_line>>]*$","examples":["Order #1"],
  "description":"One line: no control characters, line separators or marks that change the direction of text. Sizes are bytes of UTF-8."},
"Name":{"type":"string","minLength":1,"maxLength":<<name_bytes>>,"pattern":"^[^<<no_line>>]*[^<<invisible>>][^<<no_line>>]*$",
  "examples":["Alice"],"description":"A line with a visible character."},
"ChannelReference":{"type":"string","minLength":1,"maxLength":<<external_id_bytes>>,"pattern":"^[^\\u0000]+$","examples":["order_1"]},
"UserReference":{"type":"string","minLength":1,"maxLength":<<external_id_bytes>>,"pattern":"^[^\\u0000]+$","examples":["alice"]},
"InternalId":{"type":"string","pattern":"^<<uuid>>$","examples":["01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b00"]},
"MessageReference":{"type":"string","pattern":"^<<uuid>>$","examples":["01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b11"]},
"WebhookReference":{"type":"string","minLength":1,"examples":["01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b22"]},
"EventReference":{"type":"string","minLength":1,"examples":["evt_01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b33"]},
"NewExternalId":{"type":"string","minLength":1,"maxLength":<<external_id_bytes>>,
  "pattern":"^(?!\\.{1,2}$)[^\\u0000-\\u001f\\u007f-\\u009f]*[^<<invisible>>][^\\u0000-\\u001f\\u007f-\\u009f]*$","examples":["order_1"]},
"ExternalIds":{"type":"array","maxItems":<<members_per_call>>,"items":{"type":"string","minLength":1,
  "maxLength":<<external_id_bytes>>,"pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$"},"examples":[["alice","budi"]]},
"SomeExternalIds":{"allOf":[{"$ref":"#/components/schemas/ExternalIds"}],"minItems":1,"examples":[["budi"]]},
"DeliveredChannels":{"type":"object","maxProperties":<<delivered_channels>>,"propertyNames":{"$ref":"#/components/schemas/ChannelReference"},
  "additionalProperties":{"$ref":"#/components/schemas/MessageReference"},
  "examples":[{"01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b00":"01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b11"}]},
"HeldChannels":{"type":"object","maxProperties":<<synced_channels>>,"propertyNames":{"$ref":"#/components/schemas/InternalId"},
  "additionalProperties":{"type":"array","minItems":2,"maxItems":2,"items":{"$ref":"#/components/schemas/Count"}},
  "examples":[{"01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b00":[17,4]}]},
"SyncWait":{"type":"integer","minimum":0,"maximum":<<sync_wait>>,"default":0},
"SyncEpoch":{"type":"string","pattern":"^[^\\u0000]*$"},
"SyncNext":{"type":"string","pattern":"^[A-Za-z0-9_-]*$"},
"Mentions":{"type":"array","maxItems":<<mentions>>,"items":{"anyOf":[{"$ref":"#/components/schemas/UserReference"},
  {"$ref":"#/components/schemas/NamedMention"}]},"examples":[["budi"],[{"user":"budi","spans":[[5,5]]}]]},
"NamedMention":{"type":"object","required":["user"],"properties":{"user":{"$ref":"#/components/schemas/UserReference"},
  "spans":{"anyOf":[{"$ref":"#/components/schemas/Spans"},{"type":"null"}]}},
  "propertyNames":{"$ref":"#/components/schemas/Text"},"additionalProperties":{"$ref":"#/components/schemas/Json"}},
"Spans":{"type":"array","maxItems":<<mention_spans>>,"items":{"$ref":"#/components/schemas/Span"},
  "description":"Where the content names the user. At most <<mention_spans>> in a message, of which none overlap."},
"Span":{"type":"array","minItems":2,"maxItems":2,"items":{"$ref":"#/components/schemas/Count"},
  "description":"The first code point and how many.","examples":[[5,5]]},
"PresenceUsers":{"type":"array","minItems":1,"maxItems":<<presence_users>>,"items":{"type":"string","minLength":1,
  "maxLength":<<external_id_bytes>>,"pattern":"^[^\\u0000,]+$"},"examples":[["alice","budi"]]},
"PictureUrl":{"type":"string","maxLength":<<url_bytes>>,"pattern":"^<<origin>>(?:[/?#][^<<not_url>>]*)?$",
  "examples":["https://example.com/alice.png"]},
"EndpointUrl":{"type":"string","maxLength":<<url_bytes>>,"pattern":"^<<origin>>(?:[/?][^#<<not_url>>]*)?$",
  "examples":["https://example.com/hooks/chat"]},
"AttachmentUrl":{"type":"string","minLength":1,"maxLength":<<url_bytes>>,"pattern":"^[^\\u0000]+$",
  "examples":["https://files.example.com/01980d2a/picture.png"]},
"MessageText":{"type":"string","maxLength":<<message_bytes>>,"pattern":"^[^\\u0000]*$","examples":["Halo!"],
  "description":"Unicode without U+0000, with a visible character."},
"IdempotencyKey":{"type":"string","minLength":1,"maxLength":<<idempotency_key_bytes>>,"pattern":"^[^\\u0000]*[^<<invisible>>][^\\u0000]*$",
  "examples":["01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b44"]},
"WebhookEvents":{"type":"array","minItems":1,"items":{"anyOf":[{"const":"*"},{"$ref":"#/components/schemas/WebhookEvent"}]},
  "examples":[["message.created","member.joined"]],"description":"\"*\" means all."},
"Position":{"type":"string","pattern":"^(?:seq:[1-9][0-9]{0,17}|<<uuid>>)$","examples":["seq:42"]},
"PositionOrStart":{"type":"string","pattern":"^(?:seq:[0-9]{1,18}|<<uuid>>)$","examples":["seq:0"]},
"Epoch":{"type":"string","minLength":1,"pattern":"^[^\\u0000]+$"},
"PageLimit":{"type":"integer","minimum":1,"maximum":<<page>>,"default":<<usual_page>>},
"ChangesLimit":{"type":"integer","minimum":1,"maximum":<<page>>,"default":<<usual_changes>>},
"Revision":{"type":"integer","format":"int64","examples":[7]},
"MembersShown":{"type":"integer","minimum":1,"maximum":<<members_shown>>,"default":<<usual_members_shown>>},
"Emoji":{"type":"string","maxLength":<<emoji_bytes>>,"pattern":"<<emoji>>","examples":["👍"],"description":"One emoji."},
"RemovedEmoji":{"type":"string","minLength":1,"maxLength":<<emoji_bytes>>,"pattern":"^[^\\u0000]*[^<<invisible>>][^\\u0000]*$","examples":["👍"]},
"SearchQuery":{"type":"string","minLength":1,"maxLength":<<query_bytes>>,"pattern":"^[^\\u0000]*[^<<invisible>>][^\\u0000]*$","examples":["\"order one\" paid"]},
"TokenLife":{"type":"integer","minimum":1,"maximum":<<token_life>>,"examples":[3600],"description":"Seconds."},
"MuteSeconds":{"type":"integer","minimum":1,"maximum":<<longest_silence>>,"examples":[600]},
"ReportNote":{"type":"string","maxLength":<<report_note_bytes>>,"description":"In UTF-8 at most <<report_note_bytes>> bytes."},
"MemberQuery":{"type":"string","minLength":1,"maxLength":<<query_bytes>>},
"SlowMode":{"type":"integer","minimum":0,"maximum":<<slow_mode_seconds>>,"examples":[30],"description":"Seconds; 0: no slow mode."},
"EditWindow":{"type":"integer","minimum":0,"maximum":<<longest_edit_window>>,"examples":[900],"description":"Seconds."},
"DeviceToken":{"type":"string","minLength":1,"maxLength":<<device_token_bytes>>,"pattern":"^[!-~]+$","examples":["fGc1x:APA91b"]},
"ContentType":{"type":"string","maxLength":<<longest_content_type>>,"pattern":"^<<attachment_types>>(?: ?; ?[!#$%&'+.^_`|~0-9A-Za-z-]+=[!#$%&'+.^_`|~0-9A-Za-z-]+)*$",
  "examples":["image/png"],"description":"Case does not matter."},
"FileSize":{"type":"integer","minimum":1,"maximum":<<attachment_bytes>>,"examples":[48213],"description":"Bytes."},
"PresenceCursor":{"type":"string","pattern":"^<<presence_cursor>>$"},
"ExportCursor":{"type":"string","pattern":"^e[0-7]\\.[0-9]{1,18}\\.[0-9]{1,18}$"},
"Json":{"description":"Any JSON without U+0000, whose numbers fit 64 bits.",
  "type":["null","boolean","number","string","array","object"],"pattern":"^[^\\u0000]*$",
  "minimum":-9223372036854775808,"maximum":9223372036854775807,"items":{"$ref":"#/components/schemas/Json"},
  "propertyNames":{"$ref":"#/components/schemas/Text"},"additionalProperties":{"$ref":"#/components/schemas/Json"}},
"Metadata":{"type":"object","propertyNames":{"$ref":"#/components/schemas/Text"},
  "additionalProperties":{"$ref":"#/components/schemas/Json"},"examples":[{"color":"green"}],
  "description":"The host's own data. At most <<metadata_bytes>> bytes of JSON, nested <<metadata_depth>> levels deep."},
)json";

// The inside of a regular expression's character class: the characters that a line may not contain.
constexpr std::string_view kNoLine = R"(\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069)";
constexpr std::string_view kUuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
// The rules of `judge_web_url`, except for IPv6 addresses that end in an IPv4 address.
constexpr std::string_view kOrigin =
    "[Hh][Tt][Tt][Pp][Ss]?://(?:(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\\\.)*"
    "[A-Za-z_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\\\.?|<<octet>>(?:\\\\.<<octet>>){3}|"
    "\\\\[(?:(?:<<h>>:){7}<<h>>|(?:<<h>>:){1,7}:|(?:<<h>>:){1,6}:<<h>>|(?:<<h>>:){1,5}(?::<<h>>){2}|"
    "(?:<<h>>:){1,4}(?::<<h>>){3}|(?:<<h>>:){1,3}(?::<<h>>){4}|(?:<<h>>:){1,2}(?::<<h>>){5}|"
    "<<h>>:(?::<<h>>){6}|:(?::<<h>>){1,7}|::)\\\\])"
    "(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?";

/// The grammar of `is_emoji`: a keycap, a flag, or joined pictographs.
std::string emoji_pattern() {
    const std::string one = "(?:[" + std::string(kWithSkin) + "]\uFE0F?[\U0001F3FB-\U0001F3FF]?|[" + std::string(kPictographs) + "]\uFE0F?)";
    return "^(?:[0-9#*]\uFE0F?\u20E3|[\U0001F1E6-\U0001F1FF]{2}|" + one + "(?:\u200D" + one + "){0,3}|" +
           "\U0001F3F4[\U000E0061-\U000E007A]{2}[\U000E0030-\U000E0039\U000E0061-\U000E007A]{1,4}\U000E007F)$";
}

/// The attachment types; "image/*" means all subtypes.
std::string types_pattern(std::span<const std::string> types) {
    std::string out = "(?:";
    for (const std::string& type : types) {
        if (out.back() != ':') out += '|';
        for (const char c : type) {
            if (c == '*') {
                out += "[!#$%&'+.^_`|~0-9A-Za-z-]+";
            } else if (std::string_view(".+$^|").find(c) != std::string_view::npos) {
                out.append(R"(\\)") += c;
            } else {
                out += c;
            }
        }
    }
    return out + ")";
}

std::string webhook_events() {
    std::string out;
    for (unsigned i = 0; i < kWebhookEvents; ++i) {
        if (static_cast<WebhookEvent>(i) == WebhookEvent::ping) continue;
        if (i > 0) out += ',';
        append_json_string(out, to_string(static_cast<WebhookEvent>(i)));
    }
    return out;
}

std::string error_codes() {
    std::string out;
    for (unsigned i = 0; i <= static_cast<unsigned>(ErrorCode::unavailable); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, to_string(static_cast<ErrorCode>(i)));
    }
    return out;
}

struct Placeholder {
    std::string_view name;
    std::string value;
};

std::vector<Placeholder> placeholders(const Limits& limits, std::span<const std::string> attachment_types) {
    const auto number = [](std::int64_t value) { return std::to_string(value); };
    return {
        {"name_bytes", number(limits.name_bytes)},
        {"external_id_bytes", number(limits.external_id_bytes)},
        {"idempotency_key_bytes", number(limits.idempotency_key_bytes)},
        {"message_bytes", number(limits.message_bytes)},
        {"metadata_bytes", number(limits.metadata_bytes)},
        {"metadata_depth", number(limits.metadata_depth)},
        {"url_bytes", number(limits.url_bytes)},
        {"members_per_call", number(limits.members_per_call)},
        {"delivered_channels", number(limits.delivered_channels)},
        {"synced_channels", number(Sync::kMostChannels)},
        {"sync_wait", number(kLongestWait.count())},
        {"members_shown", number(limits.members_shown)},
        {"usual_members_shown", number(core::members_shown({}, limits))},
        {"mentions", number(limits.mentions)},
        {"mention_spans", number(limits.mention_spans)},
        {"presence_users", number(limits.presence_users)},
        {"page", number(limits.page)},
        {"usual_page", number(core::page_limit({}, limits))},
        {"usual_changes", number(core::page_limit({}, limits, core::kUsualChanges))},
        {"emoji_bytes", number(limits.emoji_bytes)},
        {"query_bytes", number(limits.query_bytes)},
        {"attachment_bytes", number(limits.attachment_bytes)},
        {"blocklist_terms", number(limits.blocklist_terms)},
        {"blocklist_term_code_points", number(limits.blocklist_term_code_points)},
        {"device_token_bytes", number(core::kDeviceTokenBytes)},
        {"token_life", number(kMaxTokenLife.count())},
        {"longest_silence", number(core::kLongestSilence)},
        {"report_note_bytes", number(limits.report_note_bytes)},
        {"slow_mode_seconds", number(limits.slow_mode_seconds)},
        {"longest_edit_window", number(core::kLongestEditWindow)},
        {"most_repeats", number(core::kMostRepeats)},
        {"longest_flood_window", number(core::kLongestFloodWindow)},
        {"longest_content_type", number(core::kLongestContentType)},
        {"ignored",
         R"("propertyNames":{"$ref":"#/components/schemas/Text"},"additionalProperties":{"$ref":"#/components/schemas/Json"})"},
        {"no_line", std::string(kNoLine)},
        {"invisible", std::string(kInvisible)},
        {"not_url", R"( \"<>\\\\^`{|})" + std::string(kInvisible)},
        {"origin", std::string(kOrigin)},
        {"octet", "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"},
        {"h", "[0-9A-Fa-f]{1,4}"},
        {"uuid", std::string(kUuid)},
        {"presence_cursor", core::cursor_pattern(core::ListOf::presence)},
        {"emoji", emoji_pattern()},
        {"attachment_types", types_pattern(attachment_types)},
        {"webhook_events", webhook_events()},
        {"error_codes", error_codes()}};
}

void append_filled(std::string& out, std::string_view text, const std::vector<Placeholder>& values) {
    while (true) {
        const std::size_t begin = text.find("<<");
        out += text.substr(0, begin);
        if (begin == std::string_view::npos) return;
        const std::size_t end = text.find(">>", begin);
        const std::string_view name = text.substr(begin + 2, end - begin - 2);
        const auto value = std::ranges::find(values, name, &Placeholder::name);
        if (value != values.end()) append_filled(out, value->value, values);
        text.remove_prefix(end + 2);
    }
}

}  // namespace

std::string openapi_schemas(const Limits& limits, std::span<const std::string> attachment_types) {
    const std::vector<Placeholder> values = placeholders(limits, attachment_types);
    std::string out = "{";
    append_filled(out, kValues, values);
    append_filled(out, openapi_shapes(), values);
    return out + "}";
}

}  // namespace cariosan::protocol
