/// `PushSender` over Firebase Cloud Messaging, HTTP v1. Target `cariosan::delivery`. Section 9 of the protocol.
#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/delivery.hpp>
#include <cariosan/error.hpp>
#include <memory>
#include <string>

namespace cariosan {

/// Holds a secret: never printed or logged.
struct FcmOptions {
    std::string service_account{};  ///< the text of the key file, JSON
    std::string project_id{};       ///< empty: the one named in the key file
    std::string base_url = "https://fcm.googleapis.com";  ///< `http` or `https`, without a path
    std::shared_ptr<Crypto> crypto{};                     ///< required; must sign with RS256
    std::shared_ptr<Clock> clock{};                       ///< required
    /// A file of certificates in PEM that are trusted instead of the system's; empty: the system's.
    std::string ca_file{};
};

/// A sender with its own thread and at most 100 requests at once. One request fetches the access token for all waiting sends;
/// it is fetched again before it expires or when it is rejected. Up to 1,000 sends wait for it; further ones are answered
/// `retry`. Contacts no server before the first send. `validation_error` with `details.field`, the option or the member of the
/// key file, and one line that quotes nothing; `unavailable` if the thread cannot be started or `crypto` does not sign.
Result<std::shared_ptr<PushSender>> open_fcm(FcmOptions options);

}  // namespace cariosan
