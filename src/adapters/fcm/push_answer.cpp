#include "adapters/fcm/push_answer.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "adapters/curl/retry_after.hpp"
#include "adapters/fcm/json_text.hpp"

namespace cariosan::fcm {
namespace {

using std::chrono::seconds;

/// What FCM's documentation asks for if a 429 names no time.
constexpr seconds kQuotaWait{60};

/// What FCM adds to the error of a Google API: its own code, and whether the token is the field at fault.
struct FcmError {
    std::string status;
    std::string code;
    std::string message;
    bool bad_token = false;
};

bool blames_token(const boost::json::object& detail) {
    const boost::json::value* violations = detail.if_contains("fieldViolations");
    if (violations == nullptr || !violations->is_array()) return false;
    return std::ranges::any_of(violations->get_array(), [](const boost::json::value& violation) {
        return violation.is_object() && text_member(violation.get_object(), "field") == "message.token";
    });
}

FcmError read_error(std::string_view body) {
    FcmError found;
    const auto answer = parse_object(body);
    const boost::json::object* error = answer ? object_member(*answer, "error") : nullptr;
    if (error == nullptr) return found;
    found.status = quoted(text_member(*error, "status"));
    found.message = quoted(text_member(*error, "message"));
    const boost::json::value* details = error->if_contains("details");
    if (details == nullptr || !details->is_array()) return found;
    for (const boost::json::value& detail : details->get_array()) {
        if (!detail.is_object()) continue;
        const std::string_view code = text_member(detail.get_object(), "errorCode");
        if (!code.empty()) found.code = quoted(code);
        found.bad_token = found.bad_token || blames_token(detail.get_object());
    }
    return found;
}

PushVerdict verdict_of(int status, const FcmError& error) {
    if (error.code == "UNREGISTERED") return PushVerdict::drop_token;
    if (status == 400 && error.bad_token) return PushVerdict::drop_token;
    // An error with a platform's own credentials does not concern our access token.
    if (status == 401 && error.code != "THIRD_PARTY_AUTH_ERROR") return PushVerdict::renew_token;
    const bool temporary = status == 0 || status == 408 || status == 429 || status >= 500;
    return temporary ? PushVerdict::retry : PushVerdict::refused;
}

std::string reason_of(int status, const FcmError& error) {
    if (status == 0) return "FCM did not answer";
    std::string reason = "FCM answered " + std::to_string(status);
    const std::string& code = error.code.empty() ? error.status : error.code;
    if (!code.empty()) reason += " " + code;
    if (!error.message.empty()) reason += ": " + error.message;
    return reason;
}

}  // namespace

PushOutcome judge_answer(int status, std::string_view retry_after, std::string_view body, Timestamp now) {
    if (status == 200) return {.verdict = PushVerdict::delivered};
    const FcmError error = read_error(body);
    PushOutcome outcome{.verdict = verdict_of(status, error), .reason = reason_of(status, error)};
    if (outcome.verdict == PushVerdict::retry) {
        outcome.retry_after = curl::parse_retry_after(retry_after, now);
        if (!outcome.retry_after && status == 429) outcome.retry_after = kQuotaWait;
    }
    return outcome;
}

}  // namespace cariosan::fcm
