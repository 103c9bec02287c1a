/// `AttachmentStore` in a folder of this server, for a host without a bucket. Target `cariosan::delivery`.
///
/// The engine has it as `EngineOptions::attachments`, and its gateway as `GatewayOptions::files`: that takes the uploads and
/// answers the reads. Several servers may share the folder.
#pragma once

#include <cariosan/attachment_files.hpp>
#include <cariosan/attachments.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace cariosan {

struct FolderOptions {
    std::string path{};  ///< of the folder; made if it is missing, for this user only
    /// Where clients reach this server: "https://chat.example.com", optionally with a path, below which the gateway's own paths
    /// begin. Empty: `FolderStore::set_public_url` says it later.
    std::string public_url{};
    std::size_t threads = 4;        ///< that read and write; 1 to 64
    std::size_t max_uploads = 256;  ///< at once; one more is `unavailable`. Each holds at most two parts in memory.
    std::size_t max_reads = 1024;   ///< of files at once; one more is `unavailable`
    /// How many bytes of files a workspace may have here, those being uploaded included; 0: any number. One more upload is
    /// `validation_error` with `details.limit`. Each server counts what is there before its first upload, and again after each
    /// clean-up, about every six hours: until then it does not see what other servers on the same folder took.
    std::int64_t quota_bytes = 0;
    std::shared_ptr<Crypto> crypto{};  ///< required; signs the addresses, and makes them unguessable
};

/// Thread-safe, as its bases are.
class FolderStore : public AttachmentStore, public AttachmentFiles {
  public:
    /// For a host that learns its address after it has opened the store. Until then `presign` is `unavailable`.
    /// `validation_error` with `details.field` "public_url" if the address is none.
    virtual Result<Done> set_public_url(const std::string& url) = 0;
};

/// Opens the folder and starts the threads, which end with the store. `validation_error` with `details.field`, the name of the
/// option, and one line that says what is accepted; `unavailable`, with the reason, if the folder cannot be used.
Result<std::shared_ptr<FolderStore>> open_folder(FolderOptions options);

/// Gives the folder `to`, which is made if it is missing, the files of the folder `from` that it does not have: as hard links on
/// the same file system, else as copies. Durable when it returns; returns how many there were. Stores may use both folders
/// meanwhile: a file is in `to` as a whole or not at all. Files that are being uploaded are left out, and so is the secret.
///
/// For a backup, call it before and once more after the database is copied. Then no file is missing that a message of the copy
/// names: not one that was erased meanwhile, and not one that was just uploaded.
Result<std::uint64_t> copy_files(const std::string& from, const std::string& to);

}  // namespace cariosan
