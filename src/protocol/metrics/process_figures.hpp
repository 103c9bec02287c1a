/// What the operating system says of this process.
#pragma once

#include <cstdint>
#include <optional>

namespace cariosan::protocol {

/// What the system does not say is absent.
struct ProcessFigures {
    double cpu_seconds = 0;                            ///< user and system time
    std::optional<std::uint64_t> resident_bytes{};
    std::optional<std::uint64_t> open_descriptors{};
    std::optional<std::uint64_t> most_descriptors{};
    std::optional<double> started_at{};                ///< seconds since 1970
};

/// Reads /proc; takes some tens of microseconds.
ProcessFigures process_figures();

}  // namespace cariosan::protocol
