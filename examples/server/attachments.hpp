/// Where users' files are stored, according to the configuration.
#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>

#include <memory>
#include <string>

#include "configuration.hpp"

namespace cariosan::server {

/// The bucket from the `CARIOS_S3_…` variables; absent if none is configured. The error's message is one line with the
/// variable and what is accepted, never a value. Does not contact the bucket.
Result<std::shared_ptr<AttachmentStore>> open_attachments(const Configuration& configuration,
                                                          std::shared_ptr<Crypto> crypto);

/// The origins, as "https://host:port", that a page connects to.
struct AttachmentOrigins {
    std::string upload;  ///< for uploads
    std::string files;   ///< for reading
};

AttachmentOrigins origins_of(AttachmentStore& store);

}  // namespace cariosan::server
