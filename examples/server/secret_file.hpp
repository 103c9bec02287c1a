/// Secrets stored in files beside the database.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>

#include <optional>
#include <string>

namespace cariosan::server {

/// Reads the secret in this file, or creates the file (mode 0600) with a new one of 256 random bits. If several processes
/// do so at once, all get the same secret. `unavailable` with the reason if it can be neither read nor created.
Result<std::string> load_or_make_secret(const std::string& path, Crypto& crypto);

/// The secret in this file; absent if the file does not exist. `unavailable` with the reason if it cannot be read.
Result<std::optional<std::string>> read_secret(const std::string& path);

/// Atomically replaces this file (mode 0600) with one that contains the secret.
Result<Done> replace_secret(const std::string& path, const std::string& secret);

/// 256 random bits as text.
std::string make_secret(Crypto& crypto);

}  // namespace cariosan::server
