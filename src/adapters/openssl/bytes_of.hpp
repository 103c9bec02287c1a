/// Text as OpenSSL reads it.
#pragma once

#include <string_view>

namespace cariosan::openssl {

/// OpenSSL takes a null pointer for "as before" where it means an empty text.
inline const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.empty() ? "" : text.data());
}

}  // namespace cariosan::openssl
