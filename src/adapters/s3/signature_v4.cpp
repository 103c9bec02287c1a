#include "adapters/s3/signature_v4.hpp"

#include <algorithm>
#include <map>

#include "encoding/ascii.hpp"
#include "encoding/hex.hpp"
#include "encoding/percent.hpp"

namespace cariosan::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kScopeEnd = "aws4_request";

std::string_view as_key(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// Without white space around it, and with one space for each run of it within.
std::string trimmed(std::string_view value) {
    std::string out;
    bool space = false;
    for (const char c : value) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            space = !out.empty();
            continue;
        }
        if (space) out += ' ';
        space = false;
        out += c;
    }
    return out;
}

std::map<std::string, std::string> canonical_headers(const Request& request) {
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : request.headers) {
        const auto [place, is_new] = headers.try_emplace(encoding::to_lower_ascii(name), trimmed(value));
        if (!is_new) place->second += "," + trimmed(value);
    }
    return headers;
}

/// Sorted after encoding: the order is that of the encoded bytes.
std::string canonical_query(const Request& request) {
    NamedValues encoded;
    for (const auto& [name, value] : request.query) {
        encoded.emplace_back(encoding::percent_encode(name), encoding::percent_encode(value));
    }
    std::ranges::sort(encoded);
    std::string query;
    for (const auto& [name, value] : encoded) {
        if (!query.empty()) query += '&';
        query.append(name).append("=").append(value);
    }
    return query;
}

std::string basic_date(Timestamp at) { return basic_time(at).substr(0, 8); }

/// "20150830/us-east-1/s3/aws4_request".
std::string scope_text(const Scope& scope) {
    return basic_date(scope.at) + "/" + scope.region + "/" + scope.service + "/" + std::string(kScopeEnd);
}

}  // namespace

std::string basic_time(Timestamp at) {
    // "2015-08-30T12:36:00.000Z" without its hyphens, colons and fraction.
    const std::string full = at.to_string();
    std::string basic;
    for (const char c : full.substr(0, full.find('.'))) {
        if (c != '-' && c != ':') basic += c;
    }
    return basic + "Z";
}

std::string signed_headers(const Request& request) {
    std::string names;
    for (const auto& [name, value] : canonical_headers(request)) {
        if (!names.empty()) names += ';';
        names += name;
    }
    return names;
}

std::string canonical_request(const Request& request) {
    std::string text = request.method + "\n" + request.path + "\n" + canonical_query(request) + "\n";
    for (const auto& [name, value] : canonical_headers(request)) {
        text.append(name).append(":").append(value).append("\n");
    }
    text += "\n" + signed_headers(request) + "\n" + request.payload_hash;
    return text;
}

std::string string_to_sign(std::string_view canonical, const Scope& scope, Crypto& crypto) {
    return std::string(kAlgorithm) + "\n" + basic_time(scope.at) + "\n" + scope_text(scope) + "\n" +
           encoding::to_hex(crypto.sha256(canonical));
}

std::string sign(std::string_view string_to_sign, std::string_view secret_key, const Scope& scope,
                 Crypto& crypto) {
    const Digest of_date = crypto.hmac_sha256("AWS4" + std::string(secret_key), basic_date(scope.at));
    const Digest of_region = crypto.hmac_sha256(as_key(of_date), scope.region);
    const Digest of_service = crypto.hmac_sha256(as_key(of_region), scope.service);
    const Digest key = crypto.hmac_sha256(as_key(of_service), kScopeEnd);
    return encoding::to_hex(crypto.hmac_sha256(as_key(key), string_to_sign));
}

std::string presigned_query(Request request, const Credentials& credentials, const Scope& scope,
                            std::chrono::seconds life, Crypto& crypto) {
    NamedValues& query = request.query;
    query.emplace_back("X-Amz-Algorithm", kAlgorithm);
    query.emplace_back("X-Amz-Credential", credentials.access_key + "/" + scope_text(scope));
    query.emplace_back("X-Amz-Date", basic_time(scope.at));
    query.emplace_back("X-Amz-Expires", std::to_string(life.count()));
    query.emplace_back("X-Amz-SignedHeaders", signed_headers(request));
    if (!credentials.session_token.empty())
        query.emplace_back("X-Amz-Security-Token", credentials.session_token);
    const std::string to_sign = string_to_sign(canonical_request(request), scope, crypto);
    return canonical_query(request) +
           "&X-Amz-Signature=" + sign(to_sign, credentials.secret_key, scope, crypto);
}

}  // namespace cariosan::s3
