/// `PushSender` over Web Push (RFC 8030, 8291 and 8292): browsers are notified by the server alone, without an account anywhere.
/// Target `cariosan::delivery`. Section 9 of the protocol.
#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/delivery.hpp>
#include <cariosan/error.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace cariosan {

/// Holds a secret: never printed or logged.
struct WebPushOptions {
    /// The key that push services know this server by (VAPID): base64url of its 32 bytes, as `make_vapid_key` makes it, or PEM.
    /// With another one, browsers must subscribe again.
    std::string private_key{};
    /// Whom a push service writes to when something is wrong: `mailto:` and an address, or an `https` URL; at most 255 bytes.
    std::string subject{};
    /// Also sends to loopback, private and all other non-public addresses, and over `http`. For tests: otherwise a user's
    /// subscription could reach whatever this machine can.
    bool allow_private = false;
    /// Gets whatever is not for a browser's subscription, such as `open_fcm`; null: that is answered `refused`.
    std::shared_ptr<PushSender> others{};
    std::shared_ptr<Crypto> crypto{};  ///< required; must have keys on P-256 and encrypt
    std::shared_ptr<Clock> clock{};    ///< required
    /// A file of certificates in PEM that are trusted instead of the system's; empty: the system's.
    std::string ca_file{};
};

/// A sender with its own thread and at most 100 requests at once. A device token that begins with `{` is taken for the JSON of a
/// browser's `PushSubscription`; one that cannot be read is answered `drop_token`. A server that asks for a pause, or does not
/// answer, is left alone for a while, without delaying others. Contacts no server before the first send. `validation_error` with
/// `details.field`, the option, and one line that quotes nothing; `unavailable` if the thread cannot be started or `crypto` lacks
/// something.
Result<std::shared_ptr<PushSender>> open_web_push(WebPushOptions options);

/// A new private key, base64url: a secret.
Result<std::string> make_vapid_key(Crypto& crypto);

/// The public key of a private one, base64url: what a browser subscribes with (`applicationServerKey`). `validation_error` with
/// `private_key` in `details.field` if it cannot be read.
Result<std::string> vapid_public_key(std::string_view private_key, Crypto& crypto);

}  // namespace cariosan
