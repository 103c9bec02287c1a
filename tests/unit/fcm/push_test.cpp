#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <string>
#include <vector>

#include "adapters/fcm/access_token.hpp"
#include "adapters/fcm/push_answer.hpp"
#include "adapters/fcm/push_message.hpp"

namespace cariosan::fcm {
namespace {

using std::chrono::seconds;

const Timestamp kMorning = *Timestamp::parse("2026-01-31T08:15:00.000Z");

TEST_CASE("a token is requested with an assertion") {
    CHECK(token_request_body("a.b-_c") ==
          "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b-_c");
}

TEST_CASE("a token is used for less time than it is valid") {
    const auto fresh_for = [](const std::string& expires_in) {
        const auto token =
            parse_token_answer(200, R"({"access_token":"ya29.abc","token_type":"Bearer")" + expires_in + "}");
        REQUIRE(token);
        CHECK(token->value == "ya29.abc");
        return token->fresh_for.count();
    };
    CHECK(fresh_for(R"(,"expires_in":3599)") == 3299);
    CHECK(fresh_for(R"(,"expires_in":100)") == 50);
    CHECK(fresh_for(R"(,"expires_in":1)") == 1);
    CHECK(fresh_for(R"(,"expires_in":-5)") == 1);
    CHECK(fresh_for(R"(,"expires_in":9223372036854775807)") == 24 * 3600 - 300);
    CHECK(fresh_for(R"(,"expires_in":"3599")") == 150);
    CHECK(fresh_for("") == 150);
}

TEST_CASE("an answer without a token says why, and whether to retry") {
    struct Case {
        int status;
        std::string body;
        std::string reason;
        bool retryable;
    };
    for (const Case& each : std::vector<Case>{
             {0, "", "did not answer", true},
             {200, "{}", "no access token", true},
             {200, "<html>", "no access token", true},
             {200, R"({"access_token":""})", "no access token", true},
             {200, R"({"access_token":"a b"})", "no access token", true},
             {200, R"({"access_token":"a\r\nX: y"})", "no access token", true},
             {400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})",
              "(400): invalid_grant: Invalid JWT Signature.", false},
             {401, R"({"error":"invalid_client"})", "(401): invalid_client", false},
             {403, "<html>", "(403): it does not say why", false},
             {404, R"({"error":"a\nb\u00e9"})", "(404): a?b??", false},
             {408, "", "answered 408", true},
             {429, "", "answered 429", true},
             {500, "", "answered 500", true},
             {503, "", "answered 503", true},
             {301, "", "answered 301", true},
         }) {
        CAPTURE(each.status);
        const auto token = parse_token_answer(each.status, each.body);
        REQUIRE_FALSE(token);
        CHECK(token.error().code == ErrorCode::unavailable);
        CHECK(token.error().retryable == each.retryable);
        CAPTURE(token.error().message);
        CHECK(token.error().message.find(each.reason) != std::string::npos);
        CHECK(token.error().message.find('\n') == std::string::npos);
    }
    const auto long_one = parse_token_answer(400, R"({"error":")" + std::string(5000, 'x') + "\"}");
    CHECK(long_one.error().message.size() < 300);
}

TEST_CASE("a message says who and where, and never what") {
    const PushMessage message{.device_token = "device:1",
                              .sender_name = "Alice \"A\" 🎉",
                              .channel = *ChannelId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"),
                              .message = *MessageId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c")};
    CHECK(boost::json::parse(send_body(message)) == boost::json::parse(R"({"message":{
        "token":"device:1",
        "notification":{"title":"Alice \"A\" 🎉 sent a message"},
        "data":{"channel_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b","message_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c"}}})"));
    CHECK(send_body({}).find("\"title\":\"Someone sent a message\"") != std::string::npos);
    CHECK(send_path("chat-1") == "/v1/projects/chat-1/messages:send");
}

std::string fcm_error(int code, const std::string& status, const std::string& fcm_code) {
    return R"({"error":{"code":)" + std::to_string(code) + R"(,"message":"Some text.","status":")" + status +
           R"(","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":")" +
           fcm_code + "\"}]}}";
}

TEST_CASE("FCM's answers are judged by its own error codes") {
    struct Case {
        int status;
        std::string body;
        PushVerdict verdict;
    };
    const std::string bad_token =
        R"({"error":{"code":400,"status":"INVALID_ARGUMENT","message":"m","details":[{"@type":"t","errorCode":"INVALID_ARGUMENT"},)"
        R"({"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"message.token","description":"d"}]}]}})";
    const std::string bad_title =
        R"({"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"fieldViolations":[{"field":"message.notification"},5]}]}})";
    for (const Case& each : std::vector<Case>{
             {200, R"({"name":"projects/chat-1/messages/0:1"})", PushVerdict::delivered},
             {404, fcm_error(404, "NOT_FOUND", "UNREGISTERED"), PushVerdict::drop_token},
             // A wrong project or base URL must not cost every device its token.
             {404,
              R"({"error":{"code":404,"status":"NOT_FOUND","message":"Requested entity was not found."}})",
              PushVerdict::refused},
             {404, "<html>", PushVerdict::refused},
             {400, fcm_error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), PushVerdict::refused},
             {400, bad_token, PushVerdict::drop_token},
             {400, bad_title, PushVerdict::refused},
             {403, bad_token, PushVerdict::refused},
             {500, bad_token, PushVerdict::retry},
             {403, fcm_error(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), PushVerdict::refused},
             {403, R"({"error":{"status":"PERMISSION_DENIED"}})", PushVerdict::refused},
             {401, R"({"error":{"status":"UNAUTHENTICATED"}})", PushVerdict::renew_token},
             {401, "", PushVerdict::renew_token},
             {401, fcm_error(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), PushVerdict::refused},
             {429, fcm_error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), PushVerdict::retry},
             {500, fcm_error(500, "INTERNAL", "INTERNAL"), PushVerdict::retry},
             {503, fcm_error(503, "UNAVAILABLE", "UNAVAILABLE"), PushVerdict::retry},
             {502, "<html>", PushVerdict::retry},
             {408, "", PushVerdict::retry},
             {0, "", PushVerdict::retry},
             {301, "", PushVerdict::refused},
             {204, "", PushVerdict::refused},
         }) {
        CAPTURE(each.status);
        CAPTURE(each.body);
        const PushOutcome outcome = judge_answer(each.status, "", each.body, kMorning);
        CHECK(outcome.verdict == each.verdict);
        CHECK(outcome.reason.empty() == (each.verdict == PushVerdict::delivered));
        CHECK(outcome.reason.find('\n') == std::string::npos);
    }
    CHECK(judge_answer(503, "", fcm_error(503, "UNAVAILABLE", "UNAVAILABLE"), kMorning).reason ==
          "FCM answered 503 UNAVAILABLE: Some text.");
    CHECK(judge_answer(0, "", "", kMorning).reason == "FCM did not answer");
}

TEST_CASE("FCM can ask for a pause") {
    CHECK(judge_answer(503, "17", "", kMorning).retry_after == seconds(17));
    CHECK_FALSE(judge_answer(503, "", "", kMorning).retry_after.has_value());
    CHECK_FALSE(judge_answer(503, "soon", "", kMorning).retry_after.has_value());
    CHECK(judge_answer(429, "", "", kMorning).retry_after == seconds(60));
    CHECK(judge_answer(429, "5", "", kMorning).retry_after == seconds(5));
    CHECK_FALSE(judge_answer(404, "17", "", kMorning).retry_after.has_value());
}

}  // namespace
}  // namespace cariosan::fcm
