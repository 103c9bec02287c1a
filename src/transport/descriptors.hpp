#pragma once

#include <cstddef>

namespace cariosan::transport {

/// How the process's file descriptors (RLIMIT_NOFILE) are shared between connections and everything else: database files,
/// outgoing connections, a backup. Connections never take the last descriptor.
struct DescriptorShare {
    std::size_t connections = 0;  ///< the most open connections
    std::size_t refused = 0;      ///< the most additional ones while they are being refused
    std::size_t limit = 0;        ///< the limit of the process
};

/// The share in a process that may have `limit` descriptors, has `open` ones and will open `soon` more for other uses.
DescriptorShare share_descriptors(std::size_t limit, std::size_t open, std::size_t soon) noexcept;

/// The share in this process, as of now.
DescriptorShare share_descriptors(std::size_t soon);

}  // namespace cariosan::transport
