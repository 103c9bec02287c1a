/// Where the files of `image` and `file` messages are stored: the client uploads them itself with a permission
/// signed here, then sends a message with the address. Section 9 of the protocol. `adapters/s3.hpp` implements
/// it for S3 and compatible stores.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// A file a client wants to upload.
struct UploadRequest {
    WorkspaceId workspace{};
    Uuid id{};                    ///< of this upload; makes its key unique
    Timestamp at{};               ///< now: when the permission begins; its year and month are in the key
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

/// Permission to upload one file. Whoever holds it needs no other credentials.
struct PresignedUpload {
    std::string upload_url{};
    std::string method = "PUT";
    std::vector<UploadHeader> headers{};  ///< with exactly these values; the signature covers them
    std::string public_url{};  ///< where the file can be read, and what a message's `attachment_url` says
    Timestamp expires_at{};    ///< an upload must have begun by then
};

/// Called from any thread, several at once: implementations must be thread-safe. Neither call waits for anything
/// outside the process.
class AttachmentStore {
  public:
    virtual ~AttachmentStore() = default;

    /// `validation_error` with `details.field` for a malformed content type or a size below 1. The caller has
    /// already checked which types and sizes are allowed.
    virtual Result<PresignedUpload> presign(const UploadRequest& request) = 0;

    /// Whether `url` is, byte for byte, a `public_url` that `presign` could have returned in this workspace.
    /// Accepts any text. Says nothing about whether the file was uploaded.
    virtual bool accepts(std::string_view url, WorkspaceId workspace) = 0;
};

}  // namespace cariosan
