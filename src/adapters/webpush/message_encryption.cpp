#include "adapters/webpush/message_encryption.hpp"

#include <utility>

namespace cariosan::webpush {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kContentKeyBytes = 16;
constexpr std::size_t kNonceBytes = 12;
/// Of the record, as four bytes in network order: 4,096.
constexpr std::string_view kRecordSize = "\0\0\x10\0"sv;
/// After the text of the last record (RFC 8188, section 2); padding could follow.
constexpr char kLastRecord = 2;

std::string hmac(std::string_view key, std::string_view data, Crypto& crypto) {
    const Digest digest = crypto.hmac_sha256(key, data);
    return {digest.begin(), digest.end()};
}

/// HKDF (RFC 5869) for up to 32 bytes, which are one block.
std::string hkdf(std::string_view salt, std::string_view secret, std::string info, std::size_t bytes, Crypto& crypto) {
    info += '\1';
    std::string derived = hmac(hmac(salt, secret, crypto), info, crypto);
    derived.resize(bytes);
    return derived;
}

}  // namespace

Result<std::string> encrypt_message(std::string_view plain, const Subscription& to, const MessageSecrets& secrets, Crypto& crypto) {
    if (plain.size() > kMaxPlainBytes || secrets.salt.size() != kSaltBytes)
        return Error(ErrorCode::misuse, "the notification is too long, or its salt has the wrong length");
    auto shared = secrets.key.agree(to.public_key);
    if (!shared) return std::move(shared).error();
    const std::string ours = secrets.key.public_key();
    const std::string key_info = std::string("WebPush: info\0"sv) + to.public_key + ours;
    const std::string input = hkdf(to.auth, *shared, key_info, Digest().size(), crypto);
    const std::string key = hkdf(secrets.salt, input, std::string("Content-Encoding: aes128gcm\0"sv), kContentKeyBytes, crypto);
    const std::string nonce = hkdf(secrets.salt, input, std::string("Content-Encoding: nonce\0"sv), kNonceBytes, crypto);
    auto sealed = crypto.seal_aes_128_gcm(key, nonce, std::string(plain) + kLastRecord);
    if (!sealed) return std::move(sealed).error();
    return std::string(secrets.salt) + std::string(kRecordSize) + static_cast<char>(ours.size()) + ours + *sealed;
}

}  // namespace cariosan::webpush
