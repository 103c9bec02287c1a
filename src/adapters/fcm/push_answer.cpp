#include "adapters/fcm/push_answer.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <charconv>
#include <cstdint>
#include <limits>

#include "adapters/fcm/json_text.hpp"

namespace cariosan::fcm {
namespace {

using std::chrono::seconds;

constexpr seconds kShortestWait{1};
constexpr seconds kLongestWait{3600};
/// What FCM's documentation asks for if a 429 names no time.
constexpr seconds kQuotaWait{60};

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<std::int64_t> whole_number(std::string_view digits) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || digits[0] == '-' || end != digits.data() + digits.size()) return std::nullopt;
    if (error == std::errc::result_out_of_range) return std::numeric_limits<std::int64_t>::max();
    return error == std::errc() ? std::optional(value) : std::nullopt;
}

/// Seconds since 1970 of "Sun, 06 Nov 1994 08:49:37 GMT". The name of the day is not compared with the date.
std::optional<std::int64_t> parse_http_date(std::string_view text) {
    if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
        text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const auto month = std::ranges::find(kMonths, text.substr(8, 3));
    const auto day = whole_number(text.substr(5, 2));
    const auto year = whole_number(text.substr(12, 4));
    const auto hour = whole_number(text.substr(17, 2));
    const auto minute = whole_number(text.substr(20, 2));
    const auto second = whole_number(text.substr(23, 2));
    if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
    if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const std::chrono::year_month_day date(
        std::chrono::year(static_cast<int>(*year)),
        std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
        std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return ((days * 24 + *hour) * 60 + *minute) * 60 + *second;
}

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

std::optional<seconds> parse_retry_after(std::string_view header, Timestamp now) {
    auto wait = whole_number(header);
    if (!wait) {
        const auto date = parse_http_date(header);
        if (!date) return std::nullopt;
        wait = *date - now.milliseconds / 1000;
    }
    return seconds(
        std::clamp(*wait, std::int64_t{kShortestWait.count()}, std::int64_t{kLongestWait.count()}));
}

PushOutcome judge_answer(int status, std::string_view retry_after, std::string_view body, Timestamp now) {
    if (status == 200) return {.verdict = PushVerdict::delivered};
    const FcmError error = read_error(body);
    PushOutcome outcome{.verdict = verdict_of(status, error), .reason = reason_of(status, error)};
    if (outcome.verdict == PushVerdict::retry) {
        outcome.retry_after = parse_retry_after(retry_after, now);
        if (!outcome.retry_after && status == 429) outcome.retry_after = kQuotaWait;
    }
    return outcome;
}

}  // namespace cariosan::fcm
