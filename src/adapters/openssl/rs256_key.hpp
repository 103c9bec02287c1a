/// Private RSA keys that sign.
#pragma once

#include <cariosan/crypto.hpp>
#include <memory>
#include <string_view>

namespace cariosan::openssl {

/// Implements `Crypto::load_rs256_key`.
Result<std::shared_ptr<Rs256Key>> load_rs256_key(std::string_view pem);

}  // namespace cariosan::openssl
