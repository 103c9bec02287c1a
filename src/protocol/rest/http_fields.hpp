/// Header fields and URLs (RFC 9110, RFC 3986), as far as the protocol uses them.
#pragma once

#include <cariosan/http.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/commands/input.hpp"

namespace cariosan::protocol {

/// ASCII, ignoring case.
bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

/// Without surrounding spaces and tabs.
std::string_view trim(std::string_view text) noexcept;

/// The elements of all fields of this name, which are comma-separated lists.
std::vector<std::string_view> list_field(const HttpRequest& request, std::string_view name);

std::size_t count_fields(const HttpRequest& request, std::string_view name);

/// Whether a body of this request is JSON in UTF-8, in no content coding.
bool has_json_type(const HttpRequest& request);

/// A request target, split and percent-decoded.
struct Target {
    std::vector<std::string> segments;  ///< "/v1/users" has two
    std::vector<Parameter> query;
};

/// `VALIDATION_ERROR` for what is not percent-encoded UTF-8 without NUL, a query with a name twice or with more than 64
/// names.
Result<Target> parse_target(std::string_view target);

}  // namespace cariosan::protocol
