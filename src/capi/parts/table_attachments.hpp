#pragma once

#include <cariosan/cariosan_parts.h>

#include <cariosan/attachments.hpp>
#include <memory>
#include <string>

/// What `cariosan_reply*` points to.
struct cariosan_reply {
    std::string json;
    bool lost = false;  ///< there was no memory for it
};

namespace cariosan::capi {

/// The store of a host.
std::shared_ptr<AttachmentStore> table_attachments(const cariosan_attachments_part& part);

}  // namespace cariosan::capi
