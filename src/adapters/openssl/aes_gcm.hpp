/// AES-128-GCM.
#pragma once

#include <cariosan/error.hpp>
#include <string>
#include <string_view>

namespace cariosan::openssl {

/// Implements `Crypto::seal_aes_128_gcm`.
Result<std::string> seal_aes_128_gcm(std::string_view key, std::string_view nonce, std::string_view plain);

}  // namespace cariosan::openssl
