/// AWS Signature Version 4: proves that a request comes from the owner of a key. Pure functions over bytes.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cariosan::s3 {

/// Names and values in any order; those of a query not encoded.
using NamedValues = std::vector<std::pair<std::string, std::string>>;

/// Replaces the hash of the body if the signer has not seen the body.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

struct Request {
    std::string method{};
    std::string path =
        "/";  ///< as it stands in the request: encoded by `percent_encode_path`, once, as S3 wants it
    NamedValues query{};
    NamedValues headers{};  ///< all that are signed; `host` must be among them
    std::string payload_hash{
        kUnsignedPayload};  ///< lower-case hexadecimal SHA-256 of the body, or `kUnsignedPayload`
};

struct Credentials {
    std::string access_key{};
    std::string secret_key{};
    std::string session_token{};  ///< empty: none
};

/// Where and when a signature is valid. `at` counts in whole seconds; the rest is cut off.
struct Scope {
    Timestamp at{};
    std::string region{};
    std::string service{};
};

/// "20150830T123600Z".
std::string basic_time(Timestamp at);

/// The one text of a request that both sides hash: header names in lower case and sorted, their values
/// trimmed, inner runs of spaces collapsed, several of one name joined by commas; query sorted and encoded.
std::string canonical_request(const Request& request);

/// The names of the signed headers as they stand in it: "content-type;host".
std::string signed_headers(const Request& request);

std::string string_to_sign(std::string_view canonical, const Scope& scope, Crypto& crypto);

/// In lower-case hexadecimal.
std::string sign(std::string_view string_to_sign, std::string_view secret_key, const Scope& scope,
                 Crypto& crypto);

/// The query, encoded and without `?`, that makes the request valid for `life` from `scope.at`:
/// `request.query` and the parameters of the signature, `X-Amz-Signature` last. `life` is 1 second to 7 days.
std::string presigned_query(Request request, const Credentials& credentials, const Scope& scope,
                            std::chrono::seconds life, Crypto& crypto);

}  // namespace cariosan::s3
