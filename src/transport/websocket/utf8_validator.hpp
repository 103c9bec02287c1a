#pragma once

#include <cstdint>
#include <string_view>

namespace cariosan::transport {

/// Validates UTF-8 (RFC 3629) that arrives in pieces cut anywhere. Fails at the first byte that no continuation can make valid,
/// so that a bad message is refused before its end.
class Utf8Validator {
  public:
    /// False from the first invalid byte on, until `reset`.
    bool feed(std::string_view bytes) noexcept;
    /// Whether the input so far ends at the end of a character.
    bool complete() const noexcept { return remaining_ == 0; }
    void reset() noexcept { *this = Utf8Validator(); }

  private:
    bool begin(std::uint8_t lead) noexcept;

    std::uint8_t remaining_ = 0;  ///< continuation bytes still to come
    std::uint8_t low_ =
        0x80;  ///< range of the next continuation byte: it rules out overlong forms, surrogates
    std::uint8_t high_ = 0xbf;  ///< and code points above U+10FFFF
};

}  // namespace cariosan::transport
