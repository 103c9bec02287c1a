/// `WebhookSender` over HTTP, with libcurl. Target `cariosan::delivery`. Section 8 of the protocol.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/delivery.hpp>
#include <cariosan/error.hpp>
#include <chrono>
#include <memory>
#include <string>

namespace cariosan {

struct WebhookSenderOptions {
    std::shared_ptr<Crypto> crypto{};  ///< required; signs
    /// Also delivers to loopback, private and all other non-public addresses. For tests, and for hosts that trust their
    /// tenants: otherwise a tenant's URL could reach whatever this machine can.
    bool allow_private = false;
    /// A file of certificates in PEM that are trusted instead of the system's; empty: the system's.
    std::string ca_file{};
    /// The longest one attempt may take; 1 ms to 10 s.
    std::chrono::milliseconds timeout{std::chrono::seconds(10)};
};

/// A sender with its own thread. It makes up to 512 deliveries at once; further ones wait in order, and their timeout starts
/// when their turn comes. Redirects are not followed, certificates are verified, and no proxy is taken from the environment.
/// `validation_error` with `details.field` for an invalid option, including a file that cannot be read; `unavailable` if the
/// thread cannot be started.
Result<std::shared_ptr<WebhookSender>> open_webhook_sender(WebhookSenderOptions options);

}  // namespace cariosan
