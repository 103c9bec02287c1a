// Error responses, and the parts of /openapi.json that are the same for every engine.
#include <algorithm>
#include <array>

#include "protocol/describe/openapi.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

struct ErrorAnswer {
    int status;
    std::string_view name;
    std::string_view description;
};

constexpr std::array<ErrorAnswer, 13> kErrorAnswers = {{
    {400, "BadRequest", "A malformed request, an invalid field (`details.field`) or a limit exceeded (`details.limit`)."},
    {401, "Unauthorized", "Credentials are missing, wrong or expired (`details.reason`)."},
    {403, "Forbidden", "The caller may not do this: `FORBIDDEN`, `NOT_A_MEMBER`, `NOT_AUTHOR`, `NOT_ADMIN` or `MUTED`."},
    {404, "NotFound", "The requested object does not exist, or belongs to another workspace."},
    {408, "Timeout", "The request did not arrive in time."},
    {409, "Conflict", "The current state does not allow it."},
    {413, "TooLarge", "The body or the text is over its limit (`details.limit`)."},
    {415, "UnsupportedMediaType", "The body is not JSON in UTF-8, or is compressed."},
    {422, "Refused", "`MESSAGE_REJECTED` by moderation, or `EDIT_WINDOW_EXPIRED`."},
    {429, "RateLimited", "Too many requests. Wait for `Retry-After`."},
    {431, "HeadersTooLarge", "The request head is over its limit."},
    {500, "Internal", "A fault of the server. Nothing is left half done."},
    {503, "Unavailable", "Try again later; also a feature that is not configured (`retryable` is false)."},
}};

void append_header(ObjectWriter& headers, std::string_view name, std::string_view type, std::string_view description) {
    write_object(headers.key(name), [&](ObjectWriter& header) {
        header.string("description", description);
        header.raw("schema", R"({"type":")" + std::string(type) + R"("})");
    });
}

void append_answer(std::string& out, const ErrorAnswer& answer) {
    write_object(out, [&](ObjectWriter& response) {
        response.string("description", answer.description);
        write_object(response.key("headers"), [&](ObjectWriter& headers) {
            append_header(headers, "X-Request-Id", "string", "Identifies this request in the log.");
            if (answer.status == 401) append_header(headers, "WWW-Authenticate", "string", "Bearer.");
            if (answer.status == 429 || answer.status == 503) {
                append_header(headers, "Retry-After", "integer", "Seconds to wait.");
            }
            if (answer.status != 429) return;
            append_header(headers, "RateLimit-Limit", "integer", "The capacity of the bucket.");
            append_header(headers, "RateLimit-Remaining", "integer", "What is left of it.");
            append_header(headers, "RateLimit-Reset", "integer", "Seconds until one more is allowed.");
        });
        response.raw("content", R"({"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}})");
    });
}

constexpr std::string_view kInfo =
    R"({"title":"Cariosan","version":"1.0.0","summary":"A chat engine: users, channels, messages, live events.",)"
    R"("description":"Backends authenticate with an API key, clients with a user's token. Live events come over the )"
    R"(WebSocket at `/v1/ws`, which OpenAPI cannot describe: offer `cariosan.v1` and `cariosan.jwt.<token>` in )"
    R"(`Sec-WebSocket-Protocol`, and the first frame is `connection.ready`. The whole contract is in the source, at )"
    R"(`src/protocol/reference`. Sizes in descriptions are bytes of UTF-8, `maxLength` counts code points.",)"
    R"("license":{"name":"Apache-2.0","identifier":"Apache-2.0"}})";

constexpr std::string_view kTagList =
    R"([{"name":"Workspace","description":"The settings of the host's workspace."},)"
    R"({"name":"Users","description":"The host's users, and tokens for their clients."},)"
    R"({"name":"Channels","description":"Direct channels of two users, and groups with roles."},)"
    R"({"name":"Members","description":"The members of a channel."},)"
    R"({"name":"Messages","description":"Sending, reading, editing and unsending; search."},)"
    R"({"name":"Reactions","description":"One emoji of a user on a message."},)"
    R"({"name":"Receipts","description":"How far members have received and read."},)"
    R"({"name":"Me","description":"The caller's own channels, blocks and devices."},)"
    R"({"name":"Presence","description":"Who is online."},)"
    R"({"name":"Attachments","description":"Uploads that messages refer to."},)"
    R"({"name":"Moderation","description":"Mutes, and what moderation has found."},)"
    R"({"name":"Webhooks","description":"Delivery of events to the backend, and its results."},)"
    R"({"name":"Operation","description":"For monitors and developers; no credentials."}])";

constexpr std::string_view kSecuritySchemes =
    R"({"apiKey":{"type":"http","scheme":"bearer","description":"`<api_key>:<api_secret>` of a workspace's backend."},)"
    R"("userToken":{"type":"http","scheme":"bearer","bearerFormat":"JWT","description":"A user's token, HS256."},)"
    R"("metricsToken":{"type":"http","scheme":"bearer","description":"`CARIOS_METRICS_TOKEN`, if it is set."}})";

/// A path that is not a command.
struct OpenPath {
    std::string_view path;
    std::string_view id;
    std::string_view summary;
    std::string_view content;  ///< the type and schema of the answer
    std::string_view security = "[]";
};

constexpr std::array<OpenPath, 5> kOpenOperations = {{
    {"/healthz", "health", "Whether the process is alive.",
     R"("application/json":{"schema":{"$ref":"#/components/schemas/Health"}})"},
    {"/readyz", "readiness", "Whether requests can be served; if not, 503 says why.",
     R"("application/json":{"schema":{"$ref":"#/components/schemas/Health"}})"},
    {"/metrics", "metrics", "Metrics in the Prometheus text format.", R"("text/plain":{"schema":{"type":"string"}})",
     R"([{},{"metricsToken":[]}])"},
    {"/openapi.json", "openapi", "This document.", R"("application/json":{"schema":{"type":"object"}})"},
    {"/asyncapi.json", "asyncapi", "The frames of the WebSocket, as AsyncAPI 3.0.",
     R"("application/json":{"schema":{"type":"object"}})"},
}};

void append_open_path(std::string& out, const OpenPath& open) {
    const bool closable = open.security != "[]";
    write_object(out, [&](ObjectWriter& item) {
        write_object(item.key("get"), [&](ObjectWriter& operation) {
            operation.string("operationId", open.id);
            operation.raw("tags", R"(["Operation"])");
            operation.string("summary", open.summary);
            operation.raw("security", open.security);
            write_object(operation.key("responses"), [&](ObjectWriter& responses) {
                responses.raw("200", R"({"description":"Success.","content":{)" + std::string(open.content) + "}}");
                for (const int status : {400, 401, 408, 429, 431, 503}) {
                    if (status == 401 && !closable) continue;
                    responses.raw(std::to_string(status), error_answer_reference(status));
                }
            });
        });
    });
}

}  // namespace

void append_error_answers(std::string& out) {
    write_object(out, [](ObjectWriter& responses) {
        for (const ErrorAnswer& answer : kErrorAnswers) append_answer(responses.key(answer.name), answer);
    });
}

std::string error_answer_reference(int status) {
    const auto* found = std::ranges::find(kErrorAnswers, status, &ErrorAnswer::status);
    return R"({"$ref":"#/components/responses/)" + std::string(found->name) + R"("})";
}

void append_open_paths(ObjectWriter& paths) {
    for (const OpenPath& open : kOpenOperations) append_open_path(paths.key(open.path), open);
}

const OpenApiFrame& openapi_frame() {
    static constexpr OpenApiFrame kFrame{kInfo, kTagList, kSecuritySchemes};
    return kFrame;
}

}  // namespace cariosan::protocol
