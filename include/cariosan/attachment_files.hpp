/// The files of an `AttachmentStore` that keeps them on this server. The gateway (`GatewayOptions::files`) serves them: it takes
/// the uploads and answers the reads. Section 9 of the protocol.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan {

/// Where the gateway serves files: this, then the key of the file, percent-encoded.
inline constexpr std::string_view kFilesPath = "/v1/files/";

/// What a signed address permits: to upload exactly one file.
struct UploadPermit {
    std::string key{};
    WorkspaceId workspace{};  ///< that the key belongs to
    std::string content_type{};
    std::int64_t size_bytes = 0;
    Timestamp expires_at{};  ///< the upload must have begun by then
};

/// How an upload ended.
enum class UploadEnd : std::uint8_t {
    stored,  ///< durable, and readable from now on
    known,   ///< the same file was uploaded already
    taken,   ///< another file was uploaded already; it stays
};

/// A file that is being uploaded. Destroying it unfinished leaves nothing of it. One call at a time: the next one after `done`.
class FileWriter {
  public:
    using Written = std::function<void(Result<Done>)>;
    using Finished = std::function<void(Result<UploadEnd>)>;

    virtual ~FileWriter() = default;
    /// Appends to the file. `done` is called once, on a thread of the store. `unavailable` if the disk does not take it.
    virtual void write(std::string part, Written done) = 0;
    /// Appends the last part and makes the file durable. `done` as above.
    virtual void finish(std::string part, Finished done) = 0;
};

/// A file that is being read. Its content never changes; it may be removed meanwhile, after which reads fail.
class FileReader {
  public:
    virtual ~FileReader() = default;
    virtual const std::string& content_type() const = 0;
    virtual std::uint64_t size() const = 0;
    /// Reads `bytes` bytes at `offset`, which must be within the file. `done` is called once, on a thread of the store. One call
    /// at a time.
    virtual void read(std::uint64_t offset, std::size_t bytes, std::function<void(Result<std::string>)> done) = 0;
};

/// Thread-safe. No call waits for a disk; `done` is called once, on a thread of the store, which must not be kept waiting, or
/// before the call returns.
/// Writers and readers must not outlive the store.
class AttachmentFiles {
  public:
    using Opened = std::function<void(Result<std::unique_ptr<FileReader>>)>;
    using Created = std::function<void(Result<std::unique_ptr<FileWriter>>)>;

    virtual ~AttachmentFiles() = default;

    /// What `target`, the path and query of an upload, permits. Absent unless this store has signed exactly that. Says nothing
    /// about the time.
    virtual std::optional<UploadPermit> permit(std::string_view target) = 0;
    /// Begins an upload. `unavailable` if too many are under way, or without room for it.
    virtual void create(UploadPermit permit, Created done) = 0;
    /// Opens a file for reading: `path` is that of its address, after `kFilesPath`. Null if there is no such file;
    /// `unavailable` if too many are being read.
    virtual void open(std::string path, Opened done) = 0;
};

}  // namespace cariosan
