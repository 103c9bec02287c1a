// The addresses of files that the server keeps itself, in /openapi.json.
#include <initializer_list>

#include "protocol/describe/openapi.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

/// As attachment stores name their files.
constexpr std::string_view kFile = "/v1/files/{workspace}/{year}/{month}/{file}/{filename}";

constexpr std::string_view kPathParameters =
    R"({"name":"workspace","in":"path","required":true,"schema":{"type":"string","format":"uuid"}},)"
    R"({"name":"year","in":"path","required":true,"schema":{"type":"string","pattern":"^[0-9]{4}$"}},)"
    R"({"name":"month","in":"path","required":true,"schema":{"type":"string","pattern":"^[0-9]{2}$"}},)"
    R"({"name":"file","in":"path","required":true,"schema":{"type":"string","format":"uuid"}},)"
    R"({"name":"filename","in":"path","required":true,"schema":{"type":"string","minLength":1}})";

constexpr std::string_view kReadParameters =
    R"({"name":"Range","in":"header","description":"One range of bytes.","schema":{"type":"string"}},)"
    R"({"name":"If-Range","in":"header","description":"An `ETag`.","schema":{"type":"string"}},)"
    R"({"name":"If-None-Match","in":"header","description":"An `ETag`.","schema":{"type":"string"}})";

constexpr std::string_view kUploadParameters =
    R"({"name":"type","in":"query","required":true,"description":"The `Content-Type` to upload with.","schema":{"type":"string"}},)"
    R"({"name":"size","in":"query","required":true,"description":"The size in bytes.","schema":{"type":"integer","minimum":1}},)"
    R"({"name":"expires","in":"query","required":true,"description":"Until when, in seconds since 1970.","schema":{"type":"integer"}},)"
    R"({"name":"signature","in":"query","required":true,"schema":{"type":"string","pattern":"^[0-9a-f]{64}$"}})";

constexpr std::string_view kAnyBytes = R"({"*/*":{"schema":{}}})";

void append_common(ObjectWriter& operation, std::string_view id, std::string_view summary, std::string_view description,
                   std::string_view parameters) {
    operation.string("operationId", id);
    operation.raw("tags", R"(["Attachments"])");
    operation.string("summary", summary);
    operation.string("description", description);
    operation.raw("security", "[]");
    operation.raw("parameters", "[" + std::string(kPathParameters) + "," + std::string(parameters) + "]");
}

void append_refusals(ObjectWriter& responses, std::initializer_list<int> statuses) {
    for (const int status : statuses) responses.raw(std::to_string(status), error_answer_reference(status));
}

void append_reading(std::string& out, std::string_view id, std::string_view summary, bool has_body) {
    const std::string content = has_body ? R"(,"content":)" + std::string(kAnyBytes) : std::string();
    write_object(out, [&](ObjectWriter& operation) {
        append_common(operation, id, summary,
                      "The `public_url` of a presigned upload, where the server keeps files itself. Open to whoever has the address.",
                      kReadParameters);
        write_object(operation.key("responses"), [&](ObjectWriter& responses) {
            responses.raw("200", R"({"description":"The file, with the type it was uploaded with.")" + content + "}");
            responses.raw("206", R"({"description":"The part of it that was asked for.")" + content + "}");
            responses.raw("304", R"({"description":"The file of `If-None-Match`."})");
            responses.raw("416", R"({"description":"The range is outside the file."})");
            append_refusals(responses, {400, 404, 408, 429, 431, 503});
        });
    });
}

void append_upload(std::string& out) {
    write_object(out, [](ObjectWriter& operation) {
        append_common(operation, "file_upload", "Upload a file.",
                      "The `upload_url` of a presigned upload, where the server keeps files itself; exactly as it was answered. The type and "
                      "the size must be those that were signed.",
                      kUploadParameters);
        operation.raw("requestBody", R"({"required":true,"content":)" + std::string(kAnyBytes) + "}");
        write_object(operation.key("responses"), [](ObjectWriter& responses) {
            responses.raw("200", R"({"description":"It is stored."})");
            append_refusals(responses, {400, 403, 404, 408, 409, 413, 415, 429, 431, 503});
        });
    });
}

}  // namespace

void append_file_path(ObjectWriter& paths) {
    write_object(paths.key(kFile), [](ObjectWriter& item) {
        append_reading(item.key("get"), "file_get", "Read a file.", true);
        append_reading(item.key("head"), "file_head", "Read the head of the answer with a file.", false);
        append_upload(item.key("put"));
    });
}

}  // namespace cariosan::protocol
