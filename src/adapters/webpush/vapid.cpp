#include "adapters/webpush/vapid.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <utility>

#include "encoding/base64.hpp"

namespace cariosan::webpush {
namespace {

constexpr std::size_t kMaxSubjectBytes = 255;

std::string_view without_space_around(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t from = text.find_first_not_of(kSpace);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(kSpace) - from + 1);
}

}  // namespace

Result<std::shared_ptr<P256Key>> read_vapid_key(std::string_view text, Crypto& crypto) {
    const std::string_view key = without_space_around(text);
    if (key.starts_with("-----")) return crypto.load_p256_key(std::string(key) + "\n");
    const auto bytes = encoding::decode_base64url(key);
    if (!bytes || bytes->size() != Digest().size())
        return Error(ErrorCode::validation_error, "the key is neither PEM nor 32 bytes in base64url");
    return crypto.load_p256_key(*bytes);
}

bool is_vapid_subject(std::string_view text) noexcept {
    const bool is_address = text.starts_with("mailto:") && text.find('@') != std::string_view::npos;
    const bool is_url = text.starts_with("https://") && !text.ends_with("//");
    return (is_address || is_url) && text.size() <= kMaxSubjectBytes &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

Result<std::string> vapid_authorization(P256Key& key, std::string_view origin, std::string_view subject, std::int64_t expires) {
    const boost::json::object header{{"typ", "JWT"}, {"alg", "ES256"}};
    const boost::json::object claims{{"aud", origin}, {"exp", expires}, {"sub", subject}};
    std::string token = encoding::encode_base64url(boost::json::serialize(header)) + "." +
                        encoding::encode_base64url(boost::json::serialize(claims));
    auto signature = key.sign(token);
    if (!signature) return std::move(signature).error();
    token += "." + encoding::encode_base64url(*signature);
    return "vapid t=" + token + ", k=" + encoding::encode_base64url(key.public_key());
}

}  // namespace cariosan::webpush
