/// Message encryption for Web Push (RFC 8291), in one record of `aes128gcm` (RFC 8188).
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "adapters/webpush/subscription.hpp"

namespace cariosan::webpush {

inline constexpr std::size_t kSaltBytes = 16;
/// What a body of 4,096 bytes, which every push service takes, has room for.
inline constexpr std::size_t kMaxPlainBytes = 3993;

/// What makes every message different. Neither part is ever used twice.
struct MessageSecrets {
    P256Key& key;            ///< made for this message
    std::string_view salt;  ///< 16 random bytes
};

/// The body of the request. `validation_error` if the subscription's key is not a point of the curve, `misuse` if `plain` is too
/// long or the salt has another length.
Result<std::string> encrypt_message(std::string_view plain, const Subscription& to, const MessageSecrets& secrets, Crypto& crypto);

}  // namespace cariosan::webpush
