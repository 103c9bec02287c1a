/// Requests for a part of a file (RFC 9110, section 14).
#pragma once

#include <cariosan/http.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cariosan::protocol {

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t length = 0;

    bool operator==(const ByteRange&) const = default;
};

/// Which part of a file of `size` bytes is asked for, and whether it is a part at all.
struct RangeAsked {
    bool is_part = false;
    /// Absent: the range is outside the file.
    std::optional<ByteRange> range;
};

/// One range is served; several, other units and malformed ones are ignored, as the standard allows, and the whole file is
/// answered. So it is if `If-Range` names another `tag`.
RangeAsked range_asked(const HttpRequest& request, std::uint64_t size, std::string_view tag);

/// Whether `If-None-Match` names `tag`, so that the client has the file already.
bool is_known_to_client(const HttpRequest& request, std::string_view tag);

}  // namespace cariosan::protocol
