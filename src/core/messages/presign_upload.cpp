#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/text/content_types.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {
namespace {

std::string list_of(std::span<const std::string> types) {
    std::string out;
    for (const std::string& type : types) out.append(out.empty() ? "" : ", ").append(type);
    return out;
}

Result<Done> check(const PresignUpload& command, const Context& context) {
    Fields fields(context.limits);
    fields.line("filename", command.filename, kLongestFileName, Empty::refused);
    fields.key("content_type", command.content_type, kLongestContentType);
    fields.require(is_content_type(command.content_type), "content_type", " must be a type and a subtype, as image/png");
    fields.number("size_bytes", command.size_bytes, 1, context.limits.attachment_bytes);
    if (auto shape = fields.result(); !shape) return shape;
    if (allows_content_type(context.attachment_types, command.content_type)) return Done{};
    return invalid_field("content_type", "content_type must be one of " + list_of(context.attachment_types));
}

}  // namespace

Result<Outcome> read(const PresignUpload& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<PresignUpload>(caller, context));
    if (context.attachments == nullptr) return attachments_unavailable();
    CARIOSAN_TRY_DONE(check(command, context));
    CARIOSAN_TRY(auto upload, context.attachments->presign({.workspace = actor.workspace.id,
                                                            .id = context.ids.next(),
                                                            .at = context.now,
                                                            .file_name = command.filename,
                                                            .content_type = command.content_type,
                                                            .size_bytes = command.size_bytes}));
    return Outcome{.answer = std::move(upload)};
}

}  // namespace cariosan::core
