#include "protocol/openapi.hpp"

#include <algorithm>
#include <iterator>

#include "protocol/answers.hpp"
#include "protocol/json_writer.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::string_view kInfo =
    R"({"title":"Cariosan","version":"1.0.0","summary":"A chat engine: users, channels, messages, live events.",)"
    R"("description":"Backends authenticate with an API key, clients with a user's token. )"
    R"(Live events come over the WebSocket at /v1/ws. The whole contract: src/protocol/reference in the source.","license":{"name":"Apache-2.0","identifier":"Apache-2.0"}})";

constexpr std::string_view kSecuritySchemes =
    R"({"apiKey":{"type":"http","scheme":"bearer","description":"<api_key>:<api_secret> of a workspace's backend"},)"
    R"("userToken":{"type":"http","scheme":"bearer","bearerFormat":"JWT","description":"A user's token, HS256"},)"
    R"("metricsToken":{"type":"http","scheme":"bearer","description":"CARIOS_METRICS_TOKEN, if it is set"}})";

constexpr std::string_view kResponses =
    R"({"Error":{"description":"What went wrong.",)"
    R"("headers":{"X-Request-Id":{"description":"Names this request in logs.","schema":{"type":"string"}}},)"
    R"("content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},)"
    R"("RateLimited":{"description":"Too many requests.","headers":{)"
    R"("Retry-After":{"description":"Seconds to wait.","schema":{"type":"integer"}},)"
    R"("RateLimit-Limit":{"description":"How many are allowed at once.","schema":{"type":"integer"}},)"
    R"("RateLimit-Remaining":{"schema":{"type":"integer"}},)"
    R"("RateLimit-Reset":{"description":"Seconds until one more is allowed.","schema":{"type":"integer"}}},)"
    R"("content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}}})";

/// The paths that are not commands.
constexpr std::string_view kOpenPaths =
    R"("/v1/ws":{"get":{"operationId":"openSocket","summary":"Opens the WebSocket of a user.",)"
    R"("description":"Offer cariosan.jwt.<token> in Sec-WebSocket-Protocol, with or without cariosan.v1 before it.",)"
    R"("parameters":[{"name":"Sec-WebSocket-Protocol","in":"header","required":true,"schema":{"type":"string"}}],)"
    R"("responses":{"101":{"description":"The conversation begins; the first frame is connection.ready."},)"
    R"("default":{"$ref":"#/components/responses/Error"}}}},)"
    R"("/healthz":{"get":{"operationId":"health","summary":"Whether the process is alive.","security":[],)"
    R"("responses":{"200":{"description":"It is.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Health"}}}}}}},)"
    R"("/readyz":{"get":{"operationId":"readiness","summary":"Whether requests can be served.","security":[],)"
    R"("responses":{"200":{"description":"They can.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Health"}}}},)"
    R"("503":{"$ref":"#/components/responses/Error"}}}},)"
    R"("/metrics":{"get":{"operationId":"metrics","summary":"Counters in the text format of Prometheus.",)"
    R"("security":[{},{"metricsToken":[]}],"responses":{"200":{"description":"The counters.",)"
    R"("content":{"text/plain":{"schema":{"type":"string"}}}},"401":{"$ref":"#/components/responses/Error"}}}},)"
    R"("/openapi.json":{"get":{"operationId":"openapi","summary":"This document.","security":[],)"
    R"("responses":{"200":{"description":"It.","content":{"application/json":{"schema":{"type":"object"}}}}}}})";

std::string lower_case(std::string_view method) {
    std::string lower(method);
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return lower;
}

/// "message.send" as "messageSend": the name code generators make a function of.
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

std::string schema_reference(std::string_view name) {
    return R"({"$ref":"#/components/schemas/)" + std::string(name) + R"("})";
}

void append_parameter(std::string& out, const Field& field, bool path) {
    write_object(out, [&](ObjectWriter& parameter) {
        parameter.string("name", field.name);
        parameter.string("in", path ? "path" : "query");
        parameter.boolean("required", path || field.required);
        parameter.string("description", field.description);
        parameter.raw("schema", field.schema);
    });
}

/// A field's schema with its description beside it, which OpenAPI 3.1 allows also next to a `$ref`.
void append_property(std::string& out, const Field& field) {
    out.append(field.schema, 0, field.schema.size() - 1);
    out += R"(,"description":)";
    append_json_string(out, field.description);
    out += '}';
}

void append_body(std::string& out, const std::vector<const Field*>& fields) {
    std::vector<const Field*> required;
    std::ranges::copy_if(fields, std::back_inserter(required),
                         [](const Field* field) { return field->required; });
    write_object(out, [&](ObjectWriter& body) {
        body.boolean("required", !required.empty());
        std::string& schema = body.key("content");
        schema += R"({"application/json":{"schema":)";
        write_object(schema, [&](ObjectWriter& object) {
            object.string("type", "object");
            write_object(object.key("properties"), [&](ObjectWriter& properties) {
                for (const Field* field : fields) append_property(properties.key(field->name), *field);
            });
            if (required.empty()) return;
            write_array(object.key("required"), required,
                        [](std::string& to, const Field* field) { append_json_string(to, field->name); });
        });
        schema += "}}";
    });
}

void append_success(std::string& out, std::string_view description, std::string_view schema) {
    write_object(out, [&](ObjectWriter& response) {
        response.string("description", description);
        if (schema.empty()) return;
        response.raw("content", R"({"application/json":{"schema":)" + schema_reference(schema) + "}}");
    });
}

void append_responses(std::string& out, const CommandRow& row) {
    write_object(out, [&](ObjectWriter& responses) {
        if (row.answer.status == Answering::Status::created_or_ok) {
            append_success(responses.key("201"), "It was made.", row.answer.schema);
            append_success(responses.key("200"), "It was there already.", row.answer.schema);
        } else if (row.answer.status == Answering::Status::no_content) {
            append_success(responses.key("204"), "Done.", "");
        } else if (row.lines) {
            responses.raw("200", R"({"description":"One record a line.","content":{")" + std::string(kLinesType) +
                                     R"(":{"schema":)" + schema_reference("UserRecord") + "}}}");
        } else {
            append_success(responses.key("200"), "Done.", row.answer.schema);
        }
        for (const std::string_view status : {"400", "401", "403", "404", "409", "503", "default"}) {
            responses.raw(status, R"({"$ref":"#/components/responses/Error"})");
        }
        responses.raw("429", R"({"$ref":"#/components/responses/RateLimited"})");
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
    std::vector<const Field*> body_fields;
    for (const Field& field : row.fields) {
        const bool in_body = route.has_body() && !in_path(route, field);
        (in_body ? body_fields : parameters).push_back(&field);
    }
    write_object(out, [&](ObjectWriter& operation) {
        // A second way to the same command is told apart by its method.
        const bool first = &route == row.routes.data();
        operation.string("operationId", operation_id(row.name) + (first ? "" : "_" + lower_case(route.method)));
        operation.string("summary", row.summary);
        operation.raw("security", security(row.callers));
        if (!parameters.empty()) {
            write_array(operation.key("parameters"), parameters, [&](std::string& to, const Field* field) {
                append_parameter(to, *field, in_path(route, *field));
            });
        }
        if (!body_fields.empty()) append_body(operation.key("requestBody"), body_fields);
        append_responses(operation.key("responses"), row);
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
    out += '{';
    for (const std::string_view path : distinct_paths(table)) {
        append_json_string(out, path);
        out += ':';
        write_object(out, [&](ObjectWriter& item) {
            for (const CommandRow& row : table.rows()) {
                for (const Route& route : row.routes) {
                    if (route.path == path) append_operation(item.key(lower_case(route.method)), row, route);
                }
            }
        });
        out += ',';
    }
    out += kOpenPaths;
    out += '}';
}

}  // namespace

std::string openapi_document(const CommandTable& table) {
    std::string out;
    write_object(out, [&](ObjectWriter& document) {
        document.string("openapi", "3.1.0");
        document.raw("info", kInfo);
        document.raw("servers", R"([{"url":"/"}])");
        append_paths(document.key("paths"), table);
        write_object(document.key("components"), [](ObjectWriter& components) {
            components.raw("schemas", openapi_schemas());
            components.raw("responses", kResponses);
            components.raw("securitySchemes", kSecuritySchemes);
        });
    });
    return out;
}

}  // namespace cariosan::protocol
