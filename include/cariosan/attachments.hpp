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

/// What a store must know before it takes a file away. Each call answers from a snapshot of its own: everything that was committed
/// before the call is in it. May wait for the storage. An error means that nobody knows.
class FileNames {
  public:
    virtual ~FileNames() = default;
    /// Whether a message names the file of this key: the rest of its `public_url`, percent-encoded, without a slash in front. The
    /// message was neither unsent nor erased, and the rows of its channel were not purged.
    virtual Result<bool> is_named(std::string_view key) = 0;
    /// Whether this is a workspace of the storage, and not deleted.
    virtual Result<bool> has_workspace(WorkspaceId workspace) = 0;
};

/// Called from any thread, several at once: implementations must be thread-safe. `presign` and `accepts` wait for nothing outside
/// the process.
class AttachmentStore {
  public:
    virtual ~AttachmentStore() = default;

    /// `validation_error` with `details.field` for a malformed content type or a size below 1. The caller has
    /// already checked which types and sizes are allowed.
    virtual Result<PresignedUpload> presign(const UploadRequest& request) = 0;

    /// Whether `url` is, byte for byte, a `public_url` that `presign` could have returned in this workspace.
    /// Accepts any text. Says nothing about whether the file was uploaded.
    virtual bool accepts(std::string_view url, WorkspaceId workspace) = 0;

    // The engine calls these two on a thread that does nothing else, one at a time. They may wait for a disk or a network.

    /// Takes the file away that `url` says, which a message named that was unsent or erased. It stays if `names` says that another
    /// message names it, also one that was committed while this call was under way. Whether a file was taken away: false as well if
    /// there is none, or `url` is none of this store. After an error that is `retryable` the engine calls again, later, and also
    /// after a restart; after another one the file stays for good. The default leaves files where they are.
    virtual Result<bool> remove(std::string_view url, FileNames& names) {
        static_cast<void>(url), static_cast<void>(names);
        return false;
    }

    /// Called about once a second, also while there is nothing to do: takes away what no message has named a day after it was
    /// uploaded, and uploads that broke off, a bounded number of files in each call. `now` is the time by the engine's clock.
    /// How many files it took away.
    virtual Result<std::uint64_t> tidy(Timestamp now, FileNames& names) {
        static_cast<void>(now), static_cast<void>(names);
        return std::uint64_t{0};
    }
};

}  // namespace cariosan
