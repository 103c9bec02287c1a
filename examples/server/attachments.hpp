/// Where users' files are stored, according to the configuration.
#pragma once

#include <cariosan/adapters/folder.hpp>
#include <cariosan/attachments.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>

#include <cstdint>
#include <memory>
#include <string>

#include "configuration.hpp"

namespace cariosan::server {

struct Attachments {
    std::shared_ptr<AttachmentStore> store;  ///< absent: not configured
    std::shared_ptr<FolderStore> folder;     ///< the same store, if it is a folder of this server
};

/// The bucket from the `CARIOS_S3_…` variables, or the folder of `CARIOS_ATTACHMENTS_DIR`; absent if neither is configured. The
/// error's message is one line with the variable and what is accepted, never a value of the bucket. Does not contact the bucket.
Result<Attachments> open_attachments(const Configuration& configuration, std::shared_ptr<Crypto> crypto);

/// For a server without a bucket or a folder that is no production server, or shows the demo: a folder beside its database.
void use_folder_beside_database(Configuration& configuration, bool demo);

/// The folder of this server's files, whether it is there or not; empty if files are in a bucket, or there can be none.
std::string files_folder(const Configuration& configuration);

/// What `folder` has and `copy` does not, as `copy_files`; nothing if `folder` is none.
Result<std::uint64_t> copy_files_of(const std::string& folder, const std::string& copy);

/// The files that belong to a backup of the database.
inline std::string files_of_backup(const std::string& backup) { return backup + ".files"; }

/// The origins, as "https://host:port", that a page connects to.
struct AttachmentOrigins {
    std::string upload;  ///< for uploads
    std::string files;   ///< for reading
};

AttachmentOrigins origins_of(AttachmentStore& store);

}  // namespace cariosan::server
