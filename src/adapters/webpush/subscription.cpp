#include "adapters/webpush/subscription.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstddef>
#include <optional>
#include <utility>

#include "encoding/base64.hpp"

namespace cariosan::webpush {
namespace {

constexpr std::size_t kMaxTokenBytes = 4096;
constexpr std::size_t kMaxEndpointBytes = 2048;
constexpr std::size_t kMaxHostBytes = 253;
constexpr std::size_t kPublicKeyBytes = 65;
constexpr std::size_t kAuthBytes = 16;

std::string_view text_in(const boost::json::object& object, std::string_view name) {
    const boost::json::value* value = object.if_contains(name);
    const boost::json::string* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= kMaxHostBytes && std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '-';
    });
}

bool is_port(std::string_view port) {
    return !port.empty() && port.size() <= 5 && port[0] != '0' && std::ranges::all_of(port, is_digit);
}

/// The origin of an endpoint; absent if it is not one we post to.
std::optional<std::string> origin_of(std::string_view endpoint, bool allow_http) {
    std::string_view scheme = "https://";
    if (allow_http && endpoint.starts_with("http://")) scheme = "http://";
    if (!endpoint.starts_with(scheme) || endpoint.size() > kMaxEndpointBytes) return std::nullopt;
    const std::size_t path = endpoint.find('/', scheme.size());
    if (path == std::string_view::npos) return std::nullopt;
    const bool clean = std::ranges::all_of(endpoint, [](char c) { return c > ' ' && c <= '~' && c != '\\' && c != '#' && c != '"'; });
    const std::string_view authority = endpoint.substr(scheme.size(), path - scheme.size());
    const std::size_t colon = authority.find(':');
    if (!clean || !is_host(authority.substr(0, colon))) return std::nullopt;
    if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return std::nullopt;
    return std::string(endpoint.substr(0, path));
}

Error bad_subscription(const char* what) { return {ErrorCode::validation_error, what}; }

}  // namespace

bool is_subscription(std::string_view device_token) noexcept { return device_token.starts_with('{'); }

Result<Subscription> parse_subscription(std::string_view device_token, bool allow_http) {
    if (device_token.size() > kMaxTokenBytes) return bad_subscription("the subscription is too long");
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse(device_token, error);
    const boost::json::object* object = error ? nullptr : value.if_object();
    const boost::json::value* keys = object == nullptr ? nullptr : object->if_contains("keys");
    if (keys == nullptr || !keys->is_object()) return bad_subscription("the subscription is not a JSON object with keys");
    const std::string_view endpoint = text_in(*object, "endpoint");
    auto origin = origin_of(endpoint, allow_http);
    if (!origin) return bad_subscription("the subscription's endpoint is not an https URL");
    auto public_key = encoding::decode_base64url(text_in(keys->get_object(), "p256dh"));
    if (!public_key || public_key->size() != kPublicKeyBytes) return bad_subscription("the subscription's p256dh is not a public key");
    auto auth = encoding::decode_base64url(text_in(keys->get_object(), "auth"));
    if (!auth || auth->size() != kAuthBytes) return bad_subscription("the subscription's auth is not a secret of 16 bytes");
    return Subscription{.endpoint = std::string(endpoint),
                        .origin = *std::move(origin),
                        .public_key = *std::move(public_key),
                        .auth = *std::move(auth)};
}

}  // namespace cariosan::webpush
