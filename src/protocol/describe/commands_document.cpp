#include "protocol/describe/commands_document.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "core/permissions.hpp"
#include "protocol/describe/asyncapi.hpp"
#include "protocol/describe/openapi.hpp"
#include "protocol/errors.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

// The objects that only a host gets, or that REST streams, as members of a JSON object.
constexpr std::string_view kHostShapes =
    R"json("HostedWorkspace":{"type":"object","required":["id","name","test","read_receipts_enabled","edit_window_seconds","created_at"],
  "properties":{"id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},"test":{"type":"boolean"},
  "read_receipts_enabled":{"type":"boolean"},"edit_window_seconds":{"type":["integer","null"]},
  "created_at":{"$ref":"#/components/schemas/Time"}}},
"WorkspaceCredentials":{"allOf":[{"$ref":"#/components/schemas/HostedWorkspace"},{"type":"object","required":["api_key","api_secret"],
  "properties":{"api_key":{"type":"string"},"api_secret":{"type":"string","description":"Shown this once."}}}]},
"WorkspaceList":{"type":"object","required":["workspaces","has_more","next_cursor"],"properties":{
  "workspaces":{"type":"array","items":{"$ref":"#/components/schemas/HostedWorkspace"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}},
"UserRecordList":{"type":"object","required":["records","has_more","next_cursor"],"properties":{
  "records":{"type":"array","items":{"$ref":"#/components/schemas/UserRecord"}},"has_more":{"type":"boolean"},
  "next_cursor":{"$ref":"#/components/schemas/NextCursor"}}})json";

constexpr std::pair<Caller::Kind, std::string_view> kCallerNames[] = {
    {Caller::Kind::host, "host"}, {Caller::Kind::backend, "backend"}, {Caller::Kind::user, "user"}};

/// Codes of HTTP alone.
bool is_of_a_call(ErrorCode code) {
    return code != ErrorCode::method_not_allowed && code != ErrorCode::unsupported_media_type &&
           code != ErrorCode::headers_too_large;
}

std::string all_schemas(const Limits& limits, std::span<const std::string> attachment_types) {
    std::string schemas = openapi_schemas(limits, attachment_types);
    schemas.back() = ',';
    return schemas.append(kHostShapes) + '}';
}

void append_strings(std::string& out, const std::vector<std::string_view>& texts) {
    write_array(out, texts, [](std::string& to, std::string_view text) { append_json_string(to, text); });
}

void append_command(std::string& out, const CommandRow& row) {
    std::vector<std::string_view> callers;
    for (const auto& [kind, name] : kCallerNames) {
        if (row.callers.contains(kind)) callers.push_back(name);
    }
    std::vector<Field> fields;
    std::ranges::copy_if(row.fields, std::back_inserter(fields), [](const Field& field) { return !field.waits; });
    std::vector<std::string_view> errors;
    for (const ErrorCode code : call_errors(row)) errors.push_back(to_string(code));
    write_object(out, [&](ObjectWriter& command) {
        command.string("name", row.name);
        command.string("summary", row.summary);
        append_strings(command.key("callers"), callers);
        command.boolean("changes", row.changes());
        command.raw("fields", fields_schema(fields, row.body_rules));
        command.raw("answer", row.answer.schema.empty() ? "null" : detail::schema_reference(row.answer.schema));
        append_strings(command.key("errors"), errors);
    });
}

void append_event(std::string& out, const FrameShape& shape) {
    write_object(out, [&](ObjectWriter& event) {
        event.string("type", shape.type);
        event.string("summary", shape.summary);
        write_object(event.key("frame"), [&](ObjectWriter& frame) {
            frame.string("type", "object");
            frame.raw("required", R"(["type","data"])");
            write_object(frame.key("properties"), [&](ObjectWriter& properties) {
                write_object(properties.key("type"), [&](ObjectWriter& type) { type.string("const", shape.type); });
                properties.raw("data", shape.data);
            });
        });
    });
}

}  // namespace

std::vector<ErrorCode> call_errors(const CommandRow& row) {
    std::vector<ErrorCode> codes = {ErrorCode::validation_error, ErrorCode::forbidden, ErrorCode::payload_too_large,
                                    ErrorCode::internal, ErrorCode::unavailable};
    codes.insert(codes.end(), row.errors.begin(), row.errors.end());
    // The workspace that the caller names.
    if (row.callers.contains(Caller::Kind::backend)) codes.push_back(ErrorCode::not_found);
    if (row.callers.contains(Caller::Kind::user)) {
        codes.insert(codes.end(), {ErrorCode::unauthorized, ErrorCode::suspended, ErrorCode::rate_limited});
        const core::UserRight right = core::permission_of(row.make().index()).user;
        if (right == core::UserRight::member || right == core::UserRight::admin) codes.push_back(ErrorCode::not_a_member);
        if (right == core::UserRight::admin) codes.push_back(ErrorCode::not_admin);
    }
    std::ranges::sort(codes);
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    return codes;
}

std::string commands_document(const CommandTable& table, const Limits& limits, std::span<const std::string> attachment_types) {
    std::vector<FrameShape> events;
    std::ranges::copy_if(server_frame_shapes(), std::back_inserter(events), &FrameShape::event);
    events.push_back(events_lost_shape());
    std::vector<ErrorCode> codes;
    for (unsigned i = 0; i <= static_cast<unsigned>(ErrorCode::misuse); ++i) {
        if (const auto code = static_cast<ErrorCode>(i); is_of_a_call(code)) codes.push_back(code);
    }
    std::string out;
    write_object(out, [&](ObjectWriter& document) {
        write_array(document.key("commands"), table.rows(), append_command);
        write_array(document.key("events"), events, append_event);
        write_array(document.key("errors"), codes, [](std::string& to, ErrorCode code) {
            write_object(to, [&](ObjectWriter& error) {
                error.string("code", to_string(code));
                error.string("meaning", meaning_of(code));
            });
        });
        write_object(document.key("components"), [&](ObjectWriter& components) {
            components.raw("schemas", all_schemas(limits, attachment_types));
        });
    });
    return out;
}

}  // namespace cariosan::protocol
