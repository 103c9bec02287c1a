/// Push notifications, as configured.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/delivery.hpp>
#include <cariosan/error.hpp>

#include <memory>

#include "configuration.hpp"

namespace cariosan::server {

/// The configured sender, for apps, for browsers or for both; null if none is. The error's message is one line with the variable,
/// what is wrong, and what is accepted. It never quotes a key.
Result<std::shared_ptr<PushSender>> open_push(const Configuration& configuration, std::shared_ptr<Crypto> crypto);

}  // namespace cariosan::server
