#pragma once

#include <string_view>

namespace cariosan {

/// A file compiled into the program. Both views live as long as the program.
struct EmbeddedFile {
    std::string_view name;     ///< Path below the embedded folder, with '/' between its parts.
    std::string_view content;  ///< The bytes of the file, unchanged.
};

}  // namespace cariosan
