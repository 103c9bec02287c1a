/// Where the files behind `image` and `file` messages go: the client uploads them itself, with a permission
/// signed here, and sends the address. Section 9 of the protocol. `adapters/s3.hpp` has one for S3 and
/// everything that speaks it.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// What a client wants to upload.
struct UploadRequest {
    WorkspaceId workspace{};
    Uuid id{};                    ///< of this upload; makes its key unique
    Timestamp at{};               ///< now: the permission begins, and the key has its year and month
    std::string file_name{};      ///< as the user's device calls it; any text, sanitised by the store
    std::string content_type{};   ///< "type/subtype" without parameters
    std::int64_t size_bytes = 0;  ///< exactly; at least 1
};

/// A header the client sends with its upload.
struct UploadHeader {
    std::string name{};
    std::string value{};

    bool operator==(const UploadHeader&) const = default;
};

/// A permission to upload one file, once it is asked for: whoever has it needs no other credentials.
struct PresignedUpload {
    std::string upload_url{};
    std::string method = "PUT";
    std::vector<UploadHeader> headers{};  ///< with exactly these values; the signature covers them
    std::string public_url{};  ///< where the file can be read, and what a message's `attachment_url` says
    Timestamp expires_at{};    ///< an upload must have begun by then
};

/// Called from any thread at once: implementations must be thread-safe. Neither call waits for anything
/// outside the process.
class AttachmentStore {
  public:
    virtual ~AttachmentStore() = default;

    /// `validation_error` with `details.field` for a content type that is none or a size below 1. Which types
    /// and sizes are allowed at all is the caller's to decide before.
    virtual Result<PresignedUpload> presign(const UploadRequest& request) = 0;

    /// Whether `url` is, byte for byte, a `public_url` that `presign` could have answered in this workspace.
    /// Any text may come here. It does not say that the file was uploaded.
    virtual bool accepts(std::string_view url, WorkspaceId workspace) = 0;
};

}  // namespace cariosan
