#include "adapters/fcm/access_token.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "adapters/fcm/json_text.hpp"
#include "encoding/percent.hpp"

namespace cariosan::fcm {
namespace {

/// Used if the answer does not say.
constexpr std::int64_t kDefaultSeconds = 300;
constexpr std::int64_t kMaxSeconds = 24 * 3600;
constexpr std::int64_t kMarginSeconds = 300;

std::chrono::seconds fresh_time(const boost::json::object& answer) {
    std::int64_t valid = kDefaultSeconds;
    if (const auto* member = answer.if_contains("expires_in"); member != nullptr && member->is_int64()) {
        valid = std::clamp<std::int64_t>(member->get_int64(), 1, kMaxSeconds);
    }
    return std::chrono::seconds(valid - std::min(kMarginSeconds, valid / 2));
}

/// The token becomes part of a header.
bool is_token_text(std::string_view text) {
    return !text.empty() && text.size() <= 16 * 1024 &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

Error token_fault(std::string message, bool retryable) {
    Error error(ErrorCode::unavailable, std::move(message));
    error.retryable = retryable;
    return error;
}

/// "invalid_grant: Invalid JWT Signature.", as far as the answer says so.
std::string fault_in(std::string_view body) {
    const auto answer = parse_object(body);
    if (!answer) return "it does not say why";
    const std::string fault = quoted(text_member(*answer, "error"));
    const std::string description = quoted(text_member(*answer, "error_description"));
    if (fault.empty()) return "it does not say why";
    return description.empty() ? fault : fault + ": " + description;
}

}  // namespace

std::string token_request_body(std::string_view assertion) {
    return "grant_type=" + encoding::percent_encode("urn:ietf:params:oauth:grant-type:jwt-bearer") +
           "&assertion=" + encoding::percent_encode(assertion);
}

Result<AccessToken> parse_token_answer(int status, std::string_view body) {
    if (status == 0) return token_fault("the token server did not answer", true);
    if (status == 200) {
        const auto answer = parse_object(body);
        const std::string_view token = answer ? text_member(*answer, "access_token") : std::string_view();
        if (!is_token_text(token))
            return token_fault("the token server's answer holds no access token", true);
        return AccessToken{std::string(token), fresh_time(*answer)};
    }
    const std::string code = std::to_string(status);
    if (status >= 400 && status < 500 && status != 408 && status != 429) {
        return token_fault("the token server refused the service account (" + code + "): " + fault_in(body),
                           false);
    }
    return token_fault("the token server answered " + code, true);
}

}  // namespace cariosan::fcm
