/// Where a file is in the folder. A key is the path of its content; beside that is its content type, and nothing else.
#pragma once

#include <string>
#include <string_view>

namespace cariosan::folder {

/// Names that begin with a dot are ours: those of files never do.
inline constexpr std::string_view kTypeName = ".type";
inline constexpr std::string_view kIncoming = ".incoming";  ///< unfinished uploads, a folder each
inline constexpr std::string_view kErased = ".erased";      ///< files on their way out, a folder each
inline constexpr std::string_view kSecretName = ".secret";

/// The part of the key before its last slash: the folder that holds the file, and nothing else.
inline std::string_view folder_of(std::string_view key) { return key.substr(0, key.rfind('/')); }
inline std::string_view name_of(std::string_view key) { return key.substr(key.rfind('/') + 1); }

inline std::string joined(std::string_view base, std::string_view below) {
    return std::string(base).append("/").append(below);
}

}  // namespace cariosan::folder
