/// Strict reading of JSON (RFC 8259) by Boost.JSON.
#pragma once

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <cariosan/error.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace cariosan::protocol {

/// The deepest nesting of arrays and objects that is read.
inline constexpr std::size_t kMaxJsonDepth = 32;

/// One JSON text as a tree. Small texts are read without an allocation. Not movable.
class JsonDocument {
  public:
    JsonDocument();
    JsonDocument(const JsonDocument&) = delete;
    JsonDocument& operator=(const JsonDocument&) = delete;

    /// `VALIDATION_ERROR` for whatever is not exactly one JSON value in UTF-8, and for what cannot be kept faithfully or
    /// means different things to different readers: U+0000, lone surrogates, a name twice in one object, integers beyond
    /// 64 bits, numbers beyond a double, nesting beyond `kMaxJsonDepth`. Call it once.
    Result<Done> parse(std::string_view text);

    /// Null before a successful `parse`.
    const boost::json::value& root() const noexcept { return root_; }

  private:
    std::array<unsigned char, 4096> buffer_;
    boost::json::monotonic_resource memory_;
    boost::json::value root_;
};

/// The value as compact text with the names of each object in the order of their bytes: equal values have equal texts.
std::string canonical_json(const boost::json::value& value);

/// How deep arrays and objects are nested in it: 0 for a scalar, 1 for `{}`.
std::size_t json_depth(const boost::json::value& value);

}  // namespace cariosan::protocol
