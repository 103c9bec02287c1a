/// The last segment of a key: what is left of the name a user's device gives a file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cariosan::s3 {

/// The longest that `sanitise_file_name` answers, in bytes of UTF-8.
inline constexpr std::size_t kMaxFileNameBytes = 128;

/// Any bytes become a name that is safe as a path segment, in a header and on a disk, and still the user's:
/// letters, digits and marks of all scripts in NFC, `_`, and single `-` and `.` within. Directories in front
/// are cut off; whatever else is in it becomes `-`, or nothing at the ends; what cannot be seen (format
/// characters, bytes that are not UTF-8) is dropped. Never empty, never a dot segment, no control characters,
/// at most `kMaxFileNameBytes`, cut between grapheme clusters and before a short extension. A name it
/// answered is answered unchanged.
std::string sanitise_file_name(std::string_view name);

}  // namespace cariosan::s3
