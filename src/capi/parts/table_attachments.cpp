#include "capi/parts/table_attachments.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <new>
#include <utility>

#include "capi/error_json.hpp"
#include "capi/parts/answer_json.hpp"
#include "core/propagate.hpp"
#include "protocol/json/json_reader.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::capi {
namespace {

std::string upload_json(const UploadRequest& request) {
    std::string out;
    protocol::write_object(out, [&](protocol::ObjectWriter& object) {
        object.id("workspace", request.workspace);
        object.string("id", request.id.to_string());
        object.time("at", request.at);
        object.string("file_name", request.file_name);
        object.string("content_type", request.content_type);
        object.integer("size_bytes", request.size_bytes);
    });
    return out;
}

/// A host that does not keep to the table is a fault of the server, as its clients see it.
Error bad_reply(const std::string& why) {
    return Error(ErrorCode::internal, "the host's store of attachments replied something else than a permission").because(why);
}

/// What the host's code stands for; anything that is no error of the protocol is a fault.
ErrorCode code_of(cariosan_code code) {
    for (unsigned i = 0; i <= static_cast<unsigned>(ErrorCode::unavailable); ++i) {
        if (to_c(static_cast<ErrorCode>(i)) == code) return static_cast<ErrorCode>(i);
    }
    return ErrorCode::internal;
}

Error refusal(cariosan_code code, const boost::json::object* reply) {
    Error error(code_of(code), "the host's store of attachments gives no permission");
    if (reply == nullptr) return error;
    if (const auto message = answer_text(*reply, "message"); message && !message->empty()) error.message = *message;
    if (const auto field = answer_text(*reply, "field"); field && !field->empty()) error.details.push_back({"field", *field});
    return error;
}

Result<PresignedUpload> read_permission(const boost::json::object& reply) {
    PresignedUpload upload;
    CARIOSAN_TRY(upload.upload_url, answer_text(reply, "upload_url"));
    CARIOSAN_TRY(upload.public_url, answer_text(reply, "public_url"));
    CARIOSAN_TRY(const std::string method, answer_text(reply, "method"));
    CARIOSAN_TRY(const std::string expires_at, answer_text(reply, "expires_at"));
    if (upload.upload_url.empty() || upload.public_url.empty()) return bad_reply("upload_url or public_url is missing");
    const auto time = Timestamp::parse(expires_at);
    if (!time) return bad_reply("expires_at is no time");
    upload.expires_at = *time;
    if (!method.empty()) upload.method = method;
    const boost::json::value* headers = reply.if_contains("headers");
    if (headers == nullptr || headers->is_null()) return upload;
    if (!headers->is_object()) return bad_reply("headers are no object");
    for (const auto& header : headers->get_object()) {
        const boost::json::string* value = header.value().if_string();
        if (value == nullptr) return bad_reply("a header is no string");
        upload.headers.push_back({std::string(header.key()), std::string(value->data(), value->size())});
    }
    return upload;
}

class TableAttachments final : public AttachmentStore {
  public:
    explicit TableAttachments(const cariosan_attachments_part& part) : part_(part) {}

    Result<PresignedUpload> presign(const UploadRequest& request) override {
        const std::string text = upload_json(request);
        cariosan_reply reply;
        const cariosan_code code = part_.presign(part_.context, text.c_str(), text.size(), &reply);
        if (reply.lost) throw std::bad_alloc();
        protocol::JsonDocument document;
        const auto parsed = document.parse(reply.json);
        const boost::json::object* object = parsed ? document.root().if_object() : nullptr;
        if (code != CARIOSAN_OK) return refusal(code, object);
        if (object == nullptr) return bad_reply("no JSON object");
        auto upload = read_permission(*object);
        if (!upload && upload.error().code != ErrorCode::internal) return bad_reply(upload.error().message);
        return upload;
    }

    bool accepts(std::string_view url, WorkspaceId workspace) override {
        const std::string text(url);
        return part_.accepts(part_.context, text.c_str(), text.size(), workspace.to_string().c_str()) != 0;
    }

  private:
    const cariosan_attachments_part part_;
};

}  // namespace

std::shared_ptr<AttachmentStore> table_attachments(const cariosan_attachments_part& part) {
    return std::make_shared<TableAttachments>(part);
}

}  // namespace cariosan::capi

void cariosan_reply_set(cariosan_reply* reply, const char* json, size_t length) {
    if (reply == nullptr) return;
    try {
        reply->json.assign(json == nullptr ? "" : json, json == nullptr ? 0 : length);
    } catch (const std::bad_alloc&) {
        reply->lost = true;
    }
}
