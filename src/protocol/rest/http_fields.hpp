/// Header fields and URLs (RFC 9110, RFC 3986), as far as the protocol uses them.
#pragma once

#include <cariosan/http.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/commands/input.hpp"

namespace cariosan::protocol {

/// Whether it is a GET or a HEAD.
bool is_reading(const HttpRequest& request) noexcept;

/// The elements of all fields of this name, which are comma-separated lists.
std::vector<std::string_view> list_field(const HttpRequest& request, std::string_view name);

std::size_t count_fields(const HttpRequest& request, std::string_view name);

/// Whether the request says that its body is JSON in UTF-8 without a content coding.
bool has_json_type(const HttpRequest& request);

/// A request target, split and percent-decoded.
struct Target {
    std::vector<std::string> segments;  ///< "/v1/users" has two
    std::vector<Parameter> query;
};

/// `VALIDATION_ERROR` unless the target is percent-encoded UTF-8 without NUL, and for a query with a duplicate name or more
/// than 64 names.
Result<Target> parse_target(std::string_view target);

}  // namespace cariosan::protocol
