/// Strict JSON parsing (RFC 8259) with Boost.JSON.
#pragma once

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <cariosan/error.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace cariosan::protocol {

/// The deepest nesting of arrays and objects that is accepted.
inline constexpr std::size_t kMaxJsonDepth = 32;

/// One parsed JSON text. Small texts need no allocation. Not movable.
class JsonDocument {
  public:
    JsonDocument();
    JsonDocument(const JsonDocument&) = delete;
    JsonDocument& operator=(const JsonDocument&) = delete;

    /// `VALIDATION_ERROR` unless the text is exactly one JSON value in UTF-8. Also refuses what cannot be stored exactly or what
    /// parsers read differently: U+0000, lone surrogates, a duplicate name in one object, integers beyond 64 bits, numbers beyond
    /// a double, nesting beyond `kMaxJsonDepth`. Call it once.
    Result<Done> parse(std::string_view text);

    /// Removes a member of the root, if that is an object with one of this name.
    void forget(std::string_view member);

    /// Null before a successful `parse`.
    const boost::json::value& root() const noexcept { return root_; }

  private:
    std::array<unsigned char, 4096> buffer_;
    boost::json::monotonic_resource memory_;
    boost::json::value root_;
};

/// The value as compact text, with the names of each object in byte order: equal values have equal texts.
std::string canonical_json(const boost::json::value& value);

/// The nesting depth of arrays and objects: 0 for a scalar, 1 for `{}`.
std::size_t json_depth(const boost::json::value& value);

}  // namespace cariosan::protocol
