#pragma once

#include <cariosan/attachments.hpp>

namespace cariosan::test {

/// Every upload gets its own URL; all URLs below that of the workspace are accepted.
struct FakeAttachments final : AttachmentStore {
    static std::string folder(WorkspaceId workspace) {
        return "https://files.example/" + workspace.to_string() + "/";
    }

    Result<PresignedUpload> presign(const UploadRequest& request) override {
        asked = request;
        return PresignedUpload{.upload_url = "https://store.example/" + request.id.to_string() + "?signature=1",
                               .headers = {{.name = "content-type", .value = request.content_type}},
                               .public_url = folder(request.workspace) + request.id.to_string(),
                               .expires_at = {request.at.milliseconds + 900'000}};
    }
    bool accepts(std::string_view url, WorkspaceId workspace) override { return url.starts_with(folder(workspace)); }

    UploadRequest asked;  ///< the last one
};

}  // namespace cariosan::test
