#pragma once

#include <cstddef>

namespace cariosan::transport {

/// What the process may open (RLIMIT_NOFILE), shared out between connections and everything else: files of the
/// database, outgoing connections, a backup. Connections never take the last of it.
struct DescriptorShare {
    std::size_t connections = 0;  ///< so many may be open
    std::size_t refused = 0;      ///< and this many more while they are being refused
    std::size_t limit = 0;        ///< of the process
};

/// For a process that may have `limit` descriptors, has `open` and will open `soon` more for itself.
DescriptorShare share_descriptors(std::size_t limit, std::size_t open, std::size_t soon) noexcept;

/// For this process as it is now.
DescriptorShare share_descriptors(std::size_t soon);

}  // namespace cariosan::transport
