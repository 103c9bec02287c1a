/// Push notifications, as configured.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/delivery.hpp>
#include <cariosan/error.hpp>

#include <memory>
#include <string>

#include "configuration.hpp"

namespace cariosan::server {

/// The configured sender, for apps, for browsers or for both; null if none is. The error's message is one line with the variable,
/// what is wrong, and what is accepted. It never quotes a key.
Result<std::shared_ptr<PushSender>> open_push(const Configuration& configuration, std::shared_ptr<Crypto> crypto);

/// Unless a key for browsers is configured, puts one into the configuration: the one in the file beside the database, made if
/// there is none (mode 0600), or a new one if the database is in memory.
Result<Done> provide_vapid_key(Configuration& configuration, Crypto& crypto);

/// What browsers subscribe with; empty if no key for them is configured.
Result<std::string> push_public_key(const Configuration& configuration, Crypto& crypto);

}  // namespace cariosan::server
