#include "adapters/fcm/service_account.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "adapters/fcm/json_text.hpp"
#include "encoding/base64.hpp"

namespace cariosan::fcm {
namespace {

constexpr std::string_view kMessagingScope = "https://www.googleapis.com/auth/firebase.messaging";
/// The longest that Google accepts.
constexpr std::int64_t kAssertionSeconds = 3600;

bool is_visible_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

bool is_http_url(std::string_view text) {
    return (text.starts_with("https://") || text.starts_with("http://")) && !text.ends_with("//") &&
           text.size() <= 1024 && is_visible_ascii(text);
}

std::optional<Error> fault_of_account(const ServiceAccount& account) {
    if (account.client_email.find('@') == std::string::npos || !is_visible_ascii(account.client_email)) {
        return invalid_field("client_email",
                             "the service account file has no client_email, or it is not an address");
    }
    if (account.private_key.empty()) {
        return invalid_field("private_key", "the service account file has no private_key");
    }
    if (!is_http_url(account.token_uri)) {
        return invalid_field("token_uri", "the service account file has no token_uri, or it is not a URL");
    }
    if (!account.project_id.empty() && !is_project_id(account.project_id)) {
        return invalid_field("project_id", "the project_id of the service account file is not a valid project id");
    }
    return std::nullopt;
}

}  // namespace

bool is_project_id(std::string_view text) {
    return !text.empty() && text.size() <= 100 &&
           std::ranges::all_of(text,
                               [](char c) {
                                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                          c == ':';
                               }) &&
           text != "." && text != "..";
}

Result<ServiceAccount> parse_service_account(std::string_view text) {
    const auto file = parse_object(text);
    if (!file) return invalid_field("service_account", "the service account file is not a JSON object");
    if (text_member(*file, "type") != "service_account") {
        return invalid_field(
            "type", "the file is not the key of a service account: its type is not \"service_account\"");
    }
    const auto member = [&file](std::string_view name) { return std::string(text_member(*file, name)); };
    ServiceAccount account{.project_id = member("project_id"),
                           .client_email = member("client_email"),
                           .private_key_id = member("private_key_id"),
                           .private_key = member("private_key"),
                           .token_uri = member("token_uri")};
    if (auto fault = fault_of_account(account)) return std::move(*fault);
    return account;
}

Result<std::string> make_assertion(const ServiceAccount& account, Rs256Key& key, Timestamp now) {
    const std::int64_t seconds = now.milliseconds / 1000;
    boost::json::object header{{"alg", "RS256"}, {"typ", "JWT"}};
    if (!account.private_key_id.empty()) header["kid"] = account.private_key_id;
    const boost::json::object claims{
        {"iss", account.client_email},
        {"scope", boost::json::string_view(kMessagingScope.data(), kMessagingScope.size())},
        {"aud", account.token_uri},
        {"iat", seconds},
        {"exp", seconds + kAssertionSeconds}};
    std::string assertion = encoding::encode_base64url(boost::json::serialize(header)) + "." +
                            encoding::encode_base64url(boost::json::serialize(claims));
    auto signature = key.sign(assertion);
    if (!signature) return std::move(signature).error();
    return assertion + "." + encoding::encode_base64url(*signature);
}

}  // namespace cariosan::fcm
