/// Reads untrusted JSON: size and depth are bounded, and missing members are no error.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan::fcm {

/// The text as one JSON object; absent for anything else, and for more than 256 KiB.
std::optional<boost::json::object> parse_object(std::string_view text);

/// The member as text; empty if it is missing or not a string. Points into the object.
std::string_view text_member(const boost::json::object& object, std::string_view name);

/// The member as an object; null if it is missing or not one.
const boost::json::object* object_member(const boost::json::object& object, std::string_view name);

/// Untrusted text for a log: one line of at most 200 characters, printable ASCII, `?` for the rest.
std::string quoted(std::string_view text);

}  // namespace cariosan::fcm
