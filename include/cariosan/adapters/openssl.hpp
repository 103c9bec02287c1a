/// `Crypto` by OpenSSL 3. Target `cariosan::crypto`.
#pragma once

#include <cariosan/crypto.hpp>
#include <memory>

namespace cariosan {

/// Thread-safe; may be shared between engines.
std::shared_ptr<Crypto> openssl_crypto();

}  // namespace cariosan
