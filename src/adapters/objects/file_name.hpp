/// The last segment of a key: a safe form of the user's file name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cariosan::objects {

/// The longest that `sanitise_file_name` answers, in bytes of UTF-8.
inline constexpr std::size_t kMaxFileNameBytes = 128;

/// Turns any bytes into a name that is safe as a path segment, in a header and on a disk, and still recognisable: letters,
/// digits and marks of all scripts in NFC, `_`, and single `-` and `.` within. Leading directories are cut off; any other
/// character becomes `-`, or nothing at the ends; invisible ones (format characters, bytes that are not UTF-8) are dropped.
/// Never empty, never a dot segment, no control characters, at most `kMaxFileNameBytes`, cut between grapheme clusters and
/// before a short extension. A sanitised name stays as it is.
std::string sanitise_file_name(std::string_view name);

}  // namespace cariosan::objects
