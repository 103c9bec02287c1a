#include "protocol/rest/token.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <optional>

#include "core/propagate.hpp"
#include "encoding/base64.hpp"
#include "protocol/json/json_reader.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

namespace json = boost::json;

/// Larger ones cannot come in a request head of a sane size; nothing is decoded from them.
constexpr std::size_t kMaxTokenBytes = 16 * 1024;

Error refused(std::string message) { return {ErrorCode::unauthorized, std::move(message)}; }

std::string_view bytes_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::optional<std::string_view> string_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(json::string_view(name.data(), name.size()));
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view(value->get_string().data(), value->get_string().size());
}

/// A NumericDate of RFC 7519, in whole seconds. `present` tells an absent one from a bad one.
struct NumericDate {
    bool present = false;
    std::optional<std::int64_t> seconds;
};

NumericDate date_of(const json::object& object, std::string_view name) {
    constexpr double kFarAway = 1e15;
    const json::value* value = object.if_contains(json::string_view(name.data(), name.size()));
    if (value == nullptr) return {};
    std::optional<double> number;
    if (value->is_int64()) number = static_cast<double>(value->get_int64());
    if (value->is_double()) number = value->get_double();
    if (!number || std::fabs(*number) > kFarAway) return {true, std::nullopt};
    return {true, static_cast<std::int64_t>(std::floor(*number))};
}

/// Whether the protected header allows what we do: HS256, and no extension we would have to understand.
bool header_is_ours(std::string_view text) {
    JsonDocument document;
    if (!document.parse(text) || !document.root().is_object()) return false;
    const json::object& header = document.root().get_object();
    return string_of(header, "alg") == "HS256" && !header.contains("crit");
}

Result<TokenClaims> read_claims(const json::object& claims, std::int64_t now) {
    const auto workspace = string_of(claims, "ws");
    const auto user = string_of(claims, "sub");
    const NumericDate expires = date_of(claims, "exp");
    const NumericDate issued = date_of(claims, "iat");
    const auto workspace_id = workspace ? WorkspaceId::parse(*workspace) : std::nullopt;
    const auto user_id = user ? UserId::parse(*user) : std::nullopt;
    const auto external_id = string_of(claims, "ext");
    const auto judge = [&](std::string_view name, bool good) {
        if (good) return std::string();
        const bool present = claims.contains(json::string_view(name.data(), name.size()));
        return (present ? "the token's claim is not what it should be: " : "the token lacks the claim ") + std::string(name);
    };
    for (const std::string& fault : {judge("ws", workspace_id.has_value()), judge("sub", user_id.has_value()),
                                     judge("ext", external_id.has_value()), judge("iat", issued.seconds.has_value()),
                                     judge("exp", expires.seconds.has_value())}) {
        if (!fault.empty()) return refused(fault);
    }
    if (*issued.seconds > now + kTokenLeeway.count()) return refused("the token is of the future");
    return TokenClaims{*workspace_id, *user_id, std::string(*external_id), *expires.seconds};
}

}  // namespace

Tokens::Issued Tokens::issue(WorkspaceId workspace, const User& user, std::chrono::seconds life) const {
    const std::int64_t now = clock_.now().milliseconds / 1000;
    const std::int64_t expires = now + life.count();
    std::string claims;
    write_object(claims, [&](ObjectWriter& object) {
        object.string("iss", keys_.issuer);
        object.id("sub", user.id);
        object.id("ws", workspace);
        object.string("ext", user.external_id);
        object.integer("iat", now);
        object.integer("exp", expires);
    });
    std::string token = encoding::encode_base64url(R"({"alg":"HS256","typ":"JWT"})");
    token += '.';
    token += encoding::encode_base64url(claims);
    const Digest signature = crypto_.hmac_sha256(keys_.secret, token);
    token += '.';
    token += encoding::encode_base64url(bytes_of(signature));
    return {std::move(token), Timestamp{expires * 1000}};
}

bool Tokens::signed_by_us(std::string_view signed_part, std::string_view signature) const {
    const bool by_present =
        crypto_.equal(bytes_of(crypto_.hmac_sha256(keys_.secret, signed_part)), signature);
    if (keys_.previous.empty()) return by_present;
    return crypto_.equal(bytes_of(crypto_.hmac_sha256(keys_.previous, signed_part)), signature) || by_present;
}

Result<std::string> Tokens::signed_payload(std::string_view token) const {
    if (token.size() > kMaxTokenBytes) return refused("the token is too large");
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (first == std::string_view::npos || first == last || token.find('.', first + 1) != last) {
        return refused("this is not a token");
    }
    const auto header = encoding::decode_base64url(token.substr(0, first));
    auto payload = encoding::decode_base64url(token.substr(first + 1, last - first - 1));
    const auto signature = encoding::decode_base64url(token.substr(last + 1));
    if (!header || !payload || !signature) return refused("this is not a token");
    if (!header_is_ours(*header)) return refused("the token is not signed with HS256");
    if (!signed_by_us(token.substr(0, last), *signature)) return refused("the token's signature is wrong");
    return std::move(*payload);
}

Result<TokenClaims> Tokens::verify(std::string_view token) const {
    CARIOSAN_TRY(const auto payload, signed_payload(token));
    return claims_of(payload);
}

Result<TokenClaims> Tokens::claims_of(std::string_view payload) const {
    JsonDocument document;
    if (!document.parse(payload) || !document.root().is_object()) return refused("this is not a token");
    const json::object& object = document.root().get_object();
    if (string_of(object, "iss") != keys_.issuer) return refused("the token is of another issuer");
    const std::int64_t now = clock_.now().milliseconds / 1000;
    auto claims = read_claims(object, now);
    if (!claims) return claims;
    const NumericDate not_before = date_of(object, "nbf");
    if (not_before.present && (!not_before.seconds || *not_before.seconds > now + kTokenLeeway.count())) {
        return refused("the token is not valid yet");
    }
    if (now >= claims->expires_at + kTokenLeeway.count()) {
        return refused("the token has expired").with("reason", "expired");
    }
    claims->ends = clock_.elapsed() + std::chrono::seconds(claims->expires_at - now) + kTokenLeeway;
    return claims;
}

}  // namespace cariosan::protocol
