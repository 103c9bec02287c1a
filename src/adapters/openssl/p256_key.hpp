/// Private keys on the curve P-256, which sign and agree on secrets.
#pragma once

#include <cariosan/crypto.hpp>
#include <memory>
#include <string_view>

namespace cariosan::openssl {

/// Implements `Crypto::load_p256_key`.
Result<std::shared_ptr<P256Key>> load_p256_key(std::string_view key);

}  // namespace cariosan::openssl
