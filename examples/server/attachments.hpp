/// Where the files of users go, as the configuration says it.
#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>

#include <memory>
#include <string>

#include "configuration.hpp"

namespace cariosan::server {

/// The bucket of `CARIOS_S3_…`; nothing if none is configured. The error's message is one line: the variable and what is
/// accepted, never a value. Asks the bucket nothing.
Result<std::shared_ptr<AttachmentStore>> open_attachments(const Configuration& configuration,
                                                          std::shared_ptr<Crypto> crypto);

/// Which origins, as "https://host:port", a page talks to.
struct AttachmentOrigins {
    std::string upload;  ///< files are sent to it
    std::string files;   ///< files are read from it
};

AttachmentOrigins origins_of(AttachmentStore& store);

}  // namespace cariosan::server
