/// Secrets kept in files beside the database.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>

#include <optional>
#include <string>

namespace cariosan::server {

/// Reads the secret in this file, or makes the file (mode 0600) with a new one of 256 random bits. Several processes may
/// do so at once: all get the same secret. `unavailable` with the reason if it cannot be read or made.
Result<std::string> load_or_make_secret(const std::string& path, Crypto& crypto);

/// The secret in this file; nothing if there is no such file. `unavailable` with the reason if it cannot be read.
Result<std::optional<std::string>> read_secret(const std::string& path);

/// Puts a secret into this file (mode 0600), whole or not at all, in place of what was there.
Result<Done> replace_secret(const std::string& path, const std::string& secret);

/// 256 random bits as text.
std::string make_secret(Crypto& crypto);

}  // namespace cariosan::server
