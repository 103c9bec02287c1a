/// The key file of a Google service account, as the Firebase console gives it out.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <string>
#include <string_view>

namespace cariosan::fcm {

/// The parts of the file we need. Holds a secret: never printed or logged.
struct ServiceAccount {
    std::string project_id{};  ///< empty: the file names none, and the configuration must
    std::string client_email{};
    std::string private_key_id{};  ///< which of the account's keys; empty: not given
    std::string private_key{};     ///< PEM; not parsed here
    std::string token_uri{};       ///< where to request access tokens
};

/// Whether it can stand in the path of a URL: letters, digits, `-`, `.`, `_` and `:`; 1 to 100 of them.
bool is_project_id(std::string_view text);

/// `validation_error` with one line that says what is wrong with the file, and in `details.field` the member, or
/// `service_account` where there is none. The line quotes nothing of it.
Result<ServiceAccount> parse_service_account(std::string_view text);

/// The assertion (a JSON Web Token, RFC 7523) with which the account asks for an access token for messaging,
/// valid for an hour from `now`. `key` is the account's.
Result<std::string> make_assertion(const ServiceAccount& account, Rs256Key& key, Timestamp now);

}  // namespace cariosan::fcm
