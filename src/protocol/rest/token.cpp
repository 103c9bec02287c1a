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

/// Larger tokens do not fit into a request head of a sane size, and are refused before decoding.
constexpr std::size_t kMaxTokenBytes = 16 * 1024;

constexpr const char* kNoToken = "this is not a token: a JWT is three parts in base64url with dots between them";

Error refused(std::string message) { return {ErrorCode::unauthorized, std::move(message)}; }

std::string_view bytes_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

const json::value* member_of(const json::object& object, std::string_view name) {
    return object.if_contains(json::string_view(name.data(), name.size()));
}

/// Reads claims one by one. Keeps the first fault; values returned after that are meaningless.
class ClaimReader {
  public:
    explicit ClaimReader(const json::object& claims) : claims_(claims) {}

    std::string_view text(std::string_view name) {
        const json::value* value = required(name);
        if (value != nullptr && value->is_string()) return {value->get_string().data(), value->get_string().size()};
        return fail(name, " must be a string"), std::string_view();
    }

    template <class Id>
    Id id(std::string_view name) {
        const auto parsed = Id::parse(text(name));
        if (!parsed) fail(name, " must be an internal id");
        return parsed.value_or(Id());
    }

    /// A NumericDate of RFC 7519, in whole seconds.
    std::int64_t date(std::string_view name) {
        constexpr double kFarAway = 1e15;
        const json::value* value = required(name);
        double seconds = 0;
        if (value != nullptr && value->is_int64()) {
            seconds = static_cast<double>(value->get_int64());
        } else if (value != nullptr && value->is_double()) {
            seconds = value->get_double();
        } else {
            fail(name, " must be a number: seconds since 1970");
        }
        if (std::fabs(seconds) <= kFarAway) return static_cast<std::int64_t>(std::floor(seconds));
        return fail(name, " is out of range"), 0;
    }

    std::optional<std::int64_t> optional_date(std::string_view name) {
        return member_of(claims_, name) != nullptr ? std::optional(date(name)) : std::nullopt;
    }

    /// The first fault; empty: none.
    const std::string& fault() const noexcept { return fault_; }

  private:
    const json::value* required(std::string_view name) {
        const json::value* value = member_of(claims_, name);
        if (value == nullptr && fault_.empty()) fault_ = "the token lacks the claim " + std::string(name);
        return value;
    }

    void fail(std::string_view name, std::string_view rest) {
        if (fault_.empty()) fault_ = "the token's claim " + std::string(name) + std::string(rest);
    }

    const json::object& claims_;
    std::string fault_;
};

/// Checks the protected header: HS256, and no extensions that we would have to understand.
Result<Done> judge_header(std::string_view text) {
    JsonDocument document;
    if (!document.parse(text) || !document.root().is_object()) return refused("the token's header is not a JSON object");
    const json::object& header = document.root().get_object();
    const json::value* algorithm = member_of(header, "alg");
    if (algorithm == nullptr || *algorithm != "HS256") return refused("the token is not signed with HS256");
    if (header.contains("crit")) return refused("the token's header requires extensions (crit), which are not supported");
    return Done{};
}

/// Checks the token's lifetime, and that it has begun and not ended.
Result<Done> judge_times(std::int64_t now, std::int64_t issued, std::optional<std::int64_t> begins, std::int64_t ends) {
    const std::int64_t soon = now + kTokenLeeway.count();
    if (issued > ends) return refused("the token's claim iat is after its claim exp");
    if (begins && *begins > ends) return refused("the token's claim nbf is after its claim exp");
    if (issued > soon) return refused("the token's claim iat is in the future");
    if (begins && *begins > soon) return refused("the token is not valid yet: its claim nbf is in the future");
    if (now >= ends + kTokenLeeway.count()) return refused("the token has expired").with("reason", "expired");
    return Done{};
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
    if (token.size() > kMaxTokenBytes) return refused("the token is too large: at most " + std::to_string(kMaxTokenBytes) + " bytes");
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (first == std::string_view::npos || first == last || token.find('.', first + 1) != last) {
        return refused(kNoToken);
    }
    const auto header = encoding::decode_base64url(token.substr(0, first));
    auto payload = encoding::decode_base64url(token.substr(first + 1, last - first - 1));
    const auto signature = encoding::decode_base64url(token.substr(last + 1));
    if (!header || !payload || !signature) return refused(kNoToken);
    if (auto ours = judge_header(*header); !ours) return std::move(ours).error();
    if (!signed_by_us(token.substr(0, last), *signature)) return refused("the token's signature is wrong");
    return std::move(*payload);
}

Result<TokenClaims> Tokens::verify(std::string_view token) const {
    CARIOSAN_TRY(const auto payload, signed_payload(token));
    return claims_of(payload);
}

Result<TokenClaims> Tokens::claims_of(std::string_view payload) const {
    JsonDocument document;
    if (!document.parse(payload) || !document.root().is_object()) return refused("the token's claims are not a JSON object");
    ClaimReader reader(document.root().get_object());
    const std::string_view issuer = reader.text("iss");
    TokenClaims claims{.workspace = reader.id<WorkspaceId>("ws"),
                       .user = reader.id<UserId>("sub"),
                       .external_id = std::string(reader.text("ext"))};
    const std::int64_t issued = reader.date("iat");
    claims.expires_at = reader.date("exp");
    const auto not_before = reader.optional_date("nbf");
    if (!reader.fault().empty()) return refused(reader.fault());
    if (issuer != keys_.issuer) return refused("the token is of another issuer: its claim iss is not the one configured here");
    const std::int64_t now = clock_.now().milliseconds / 1000;
    if (auto valid = judge_times(now, issued, not_before, claims.expires_at); !valid) return std::move(valid).error();
    claims.ends = clock_.elapsed() + std::chrono::seconds(claims.expires_at - now) + kTokenLeeway;
    return claims;
}

}  // namespace cariosan::protocol
