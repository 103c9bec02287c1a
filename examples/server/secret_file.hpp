/// The JWT secret of a server that was given none.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>

#include <string>

namespace cariosan::server {

/// Reads the secret in this file, or makes the file (mode 0600) with a new one of 256 random bits. Several processes may
/// do so at once: all get the same secret. `unavailable` with the reason if it cannot be read or made.
Result<std::string> load_or_make_secret(const std::string& path, Crypto& crypto);

/// 256 random bits as text.
std::string make_secret(Crypto& crypto);

}  // namespace cariosan::server
