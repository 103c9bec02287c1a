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
    std::shared_ptr<Crypto> crypto{};  ///< needed; signs
    /// Delivers to loopback, private and all other addresses that are not of the public internet, too. For tests, and for
    /// hosts whose tenants are trusted: else a tenant's URL can reach whatever this machine can.
    bool allow_private = false;
    /// A file of certificates in PEM that are trusted instead of the system's; empty: the system's.
    std::string ca_file{};
    /// How long one attempt takes at most; 1 ms to 10 s.
    std::chrono::milliseconds timeout{std::chrono::seconds(10)};
};

/// A sender with one thread of its own. It delivers 512 at once; what is sent beyond waits in order, and its time begins when
/// its turn comes. Redirects are not followed, certificates are verified, and no proxy is taken from the environment.
/// `validation_error` with `details.field` for an option that is not accepted, a file that cannot be read among them;
/// `unavailable` if the thread cannot be started.
Result<std::shared_ptr<WebhookSender>> open_webhook_sender(WebhookSenderOptions options);

}  // namespace cariosan
