#include "protocol/describe/openapi.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "encoding/ascii.hpp"
#include "protocol/commands/answers.hpp"
#include "protocol/errors.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

struct Tag {
    std::string_view prefix;  ///< of command names
    std::string_view name;
};

/// The first matching prefix wins.
constexpr std::array<Tag, 16> kTags = {{{"workspace.", "Workspace"},
                                        {"user.", "Users"},
                                        {"auth.", "Users"},
                                        {"channel.", "Channels"},
                                        {"member.", "Members"},
                                        {"message.read", "Receipts"},
                                        {"message.delivered", "Receipts"},
                                        {"message.", "Messages"},
                                        {"reaction.", "Reactions"},
                                        {"receipt.", "Receipts"},
                                        {"me.", "Me"},
                                        {"presence.", "Presence"},
                                        {"attachment.", "Attachments"},
                                        {"mute.", "Moderation"},
                                        {"moderation.", "Moderation"},
                                        {"", "Webhooks"}}};

std::string_view tag_of(std::string_view command) {
    return std::ranges::find_if(kTags, [command](const Tag& tag) { return command.starts_with(tag.prefix); })->name;
}

std::string_view callers_text(Callers callers) {
    const bool backend = callers.contains(Caller::Kind::backend);
    if (backend && callers.contains(Caller::Kind::user)) return "For a backend with its API key, and for a user with a token.";
    return backend ? "For a backend with its API key." : "For a user with a token.";
}

/// "message.send" as "messageSend": code generators use it as a function name.
std::string operation_id(std::string_view name) {
    std::string id;
    bool upper = false;
    for (const char c : name) {
        if (c == '.' || c == '_') {
            upper = true;
        } else {
            id += upper ? static_cast<char>(c - 'a' + 'A') : c;
            upper = false;
        }
    }
    return id;
}

bool in_path(const Route& route, const Field& field) {
    return route.path.find("{" + std::string(field.name) + "}") != std::string_view::npos;
}

using detail::schema_reference;

void append_parameter(std::string& out, const Field& field, bool path) {
    const bool head = !field.header.empty();
    write_object(out, [&](ObjectWriter& parameter) {
        parameter.string("name", head ? field.header : field.name);
        parameter.string("in", head ? "header" : path ? "path" : "query");
        parameter.boolean("required", path || field.required);
        parameter.string("description", field.description);
        parameter.raw("schema", field.schema);
        // Several values are one parameter, separated by commas.
        if (field.schema != schema_reference("PresenceUsers")) return;
        parameter.string("style", "form");
        parameter.boolean("explode", false);
    });
}

/// A field's schema with its description, which OpenAPI 3.1 allows even beside a `$ref`.
void append_property(std::string& out, const Field& field) {
    const std::string schema = field.null_is_absent ? detail::or_null(field.schema) : field.schema;
    out.append(schema, 0, schema.size() - 1);
    out += R"(,"description":)";
    append_json_string(out, field.description);
    out += '}';
}

void append_body(std::string& out, const std::vector<Field>& fields, std::string_view rules) {
    write_object(out, [&](ObjectWriter& body) {
        body.boolean("required", std::ranges::any_of(fields, &Field::required));
        body.raw("content", R"({"application/json":{"schema":)" + fields_schema(fields, rules) + "}}");
    });
}

void append_success(std::string& out, std::string_view description, std::string_view schema,
                    std::string_view type = "application/json") {
    write_object(out, [&](ObjectWriter& response) {
        response.string("description", description);
        if (schema.empty()) return;
        response.raw("content", R"({")" + std::string(type) + R"(":{"schema":)" + schema_reference(schema) + "}}");
    });
}

/// The error statuses that a request to this route can get.
std::set<int> error_statuses(const CommandRow& row, const Route& route) {
    // Common to all commands: a bad URL or field, the caller, limits and deadlines of the transport, rates, faults.
    std::set<int> statuses = {400, 401, 403, 408, 429, 431, 500, 503};
    if (route.has_body()) statuses.insert({413, 415});
    for (const ErrorCode code : row.errors) statuses.insert(http_status(code));
    return statuses;
}

void append_responses(std::string& out, const CommandRow& row, const Route& route) {
    write_object(out, [&](ObjectWriter& responses) {
        if (row.answer.status == Answering::Status::created_or_ok) {
            append_success(responses.key("201"), "It was made.", row.answer.schema);
            append_success(responses.key("200"), "It was there already.", row.answer.schema);
        } else if (row.answer.status == Answering::Status::no_content) {
            append_success(responses.key("204"), "Done.", "");
        } else if (row.lines) {
            append_success(responses.key("200"), "One record a line.", "UserRecord", kLinesType);
        } else {
            append_success(responses.key("200"), "Done.", row.answer.schema);
        }
        for (const int status : error_statuses(row, route)) {
            responses.raw(std::to_string(status), error_answer_reference(status));
        }
    });
}

std::string security(Callers callers) {
    std::string out = "[";
    if (callers.contains(Caller::Kind::backend)) out += R"({"apiKey":[]})";
    if (callers.contains(Caller::Kind::user))
        out += out.size() > 1 ? R"(,{"userToken":[]})" : R"({"userToken":[]})";
    return out + "]";
}

void append_operation(std::string& out, const CommandRow& row, const Route& route) {
    std::vector<const Field*> parameters;
    std::vector<Field> body_fields;
    for (const Field& field : row.fields) {
        const bool in_body = route.has_body() && !in_path(route, field) && field.header.empty();
        if (in_body) {
            body_fields.push_back(field);
        } else {
            parameters.push_back(&field);
        }
    }
    write_object(out, [&](ObjectWriter& operation) {
        // The id of a second route to the same command includes the method.
        const bool first = &route == row.routes.data();
        operation.string("operationId", operation_id(row.name) + (first ? "" : "_" + encoding::to_lower_ascii(route.method)));
        operation.raw("tags", R"([")" + std::string(tag_of(row.name)) + R"("])");
        operation.string("summary", row.summary);
        operation.string("description", callers_text(row.callers));
        operation.raw("security", security(row.callers));
        if (!parameters.empty()) {
            write_array(operation.key("parameters"), parameters, [&](std::string& to, const Field* field) {
                append_parameter(to, *field, in_path(route, *field));
            });
        }
        if (!body_fields.empty()) append_body(operation.key("requestBody"), body_fields, row.body_rules);
        append_responses(operation.key("responses"), row, route);
    });
}

std::vector<std::string_view> distinct_paths(const CommandTable& table) {
    std::vector<std::string_view> paths;
    for (const CommandRow& row : table.rows()) {
        for (const Route& route : row.routes) {
            if (std::ranges::find(paths, route.path) == paths.end()) paths.push_back(route.path);
        }
    }
    return paths;
}

void append_paths(std::string& out, const CommandTable& table) {
    write_object(out, [&](ObjectWriter& paths) {
        for (const std::string_view path : distinct_paths(table)) {
            write_object(paths.key(path), [&](ObjectWriter& item) {
                for (const CommandRow& row : table.rows()) {
                    for (const Route& route : row.routes) {
                        if (route.path == path) append_operation(item.key(encoding::to_lower_ascii(route.method)), row, route);
                    }
                }
            });
        }
        append_file_path(paths);
        append_open_paths(paths);
    });
}

}  // namespace

std::string fields_schema(const std::vector<Field>& fields, std::string_view rules) {
    std::vector<const Field*> required;
    for (const Field& field : fields) {
        if (field.required) required.push_back(&field);
    }
    std::string schema;
    write_object(schema, [&](ObjectWriter& object) {
        object.string("type", "object");
        write_object(object.key("properties"), [&](ObjectWriter& properties) {
            for (const Field& field : fields) append_property(properties.key(field.name), field);
        });
        // Unknown members must be valid JSON and are otherwise ignored.
        object.raw("propertyNames", schema_reference("Text"));
        object.raw("additionalProperties", schema_reference("Json"));
        if (!rules.empty()) object.raw("allOf", rules);
        if (required.empty()) return;
        write_array(object.key("required"), required,
                    [](std::string& to, const Field* field) { append_json_string(to, field->name); });
    });
    return schema;
}

std::string openapi_document(const CommandTable& table, const Limits& limits, std::span<const std::string> attachment_types) {
    const OpenApiFrame& frame = openapi_frame();
    std::string out;
    write_object(out, [&](ObjectWriter& document) {
        document.string("openapi", "3.1.0");
        document.raw("info", frame.info);
        document.raw("servers", R"([{"url":"/"}])");
        document.raw("tags", frame.tags);
        append_paths(document.key("paths"), table);
        write_object(document.key("components"), [&](ObjectWriter& components) {
            components.raw("schemas", openapi_schemas(limits, attachment_types));
            append_error_answers(components.key("responses"));
            components.raw("securitySchemes", frame.security_schemes);
        });
    });
    return out;
}

}  // namespace cariosan::protocol
