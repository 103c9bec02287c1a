/// Addresses from the configuration: where the server is, and where its files are read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cariosan::objects {

/// `scheme://host[:port][/path]` in the one form in which it is compared and signed.
struct BaseUrl {
    std::string scheme{};     ///< "http" or "https"
    std::string authority{};  ///< host, and port where it is not the scheme's own; lower case
    std::string path{};  ///< empty, or "/a/b" without a slash at its end; encoded by `percent_encode_path`

    std::string to_string() const { return scheme + "://" + authority + path; }
};

/// Absent for other schemes, user names, queries, fragments, empty and dot segments, ports out of range,
/// hosts that are neither a name, an IPv4 address nor an IPv6 address in brackets, and paths that are not in
/// their strict encoding.
std::optional<BaseUrl> parse_base_url(std::string_view text);

}  // namespace cariosan::objects
