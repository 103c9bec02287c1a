/// Push notifications, as the environment configures them.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/delivery.hpp>
#include <cariosan/error.hpp>

#include <memory>

#include "configuration.hpp"

namespace cariosan::server {

/// The sender that the configuration asks for; null if it asks for none. The error's message is one line: the variable, the
/// fault, what is accepted. It quotes nothing of the key file.
Result<std::shared_ptr<PushSender>> open_push(const Configuration& configuration, std::shared_ptr<Crypto> crypto);

}  // namespace cariosan::server
