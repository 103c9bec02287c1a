/// `PushSender` over Firebase Cloud Messaging, HTTP v1. Target `cariosan::delivery`. Section 9 of the protocol.
#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/delivery.hpp>
#include <cariosan/error.hpp>
#include <memory>
#include <string>

namespace cariosan {

/// A plain value that holds a secret: it is not printed anywhere.
struct FcmOptions {
    std::string service_account{};  ///< the text of the key file, JSON
    std::string project_id{};       ///< empty: the one that the key file names
    std::string base_url = "https://fcm.googleapis.com";  ///< `http` or `https`, without a path
    std::shared_ptr<Crypto> crypto{};                     ///< needed; must sign with RS256
    std::shared_ptr<Clock> clock{};                       ///< needed
    /// A file of certificates in PEM that are trusted instead of the system's; empty: the system's.
    std::string ca_file{};
};

/// A sender with one thread of its own and at most 100 requests at once. The access token is asked for once for all who need
/// it, and again before it expires or when it is not accepted; up to 1,000 sends wait for it, those beyond are answered
/// `retry`. Asks nothing of a server before the first send. `validation_error` with `details.field`, the option or the member
/// of the key file, and one line that quotes nothing; `unavailable` if the thread cannot be started or `crypto` does not sign.
Result<std::shared_ptr<PushSender>> open_fcm(FcmOptions options);

}  // namespace cariosan
