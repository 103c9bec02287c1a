#include <doctest/doctest.h>

#include <atomic>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cariosan/adapters/fcm.hpp>
#include <cariosan/adapters/openssl.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/http_stand_in.hpp"
#include "support/rsa_test_key.hpp"
#include "support/tls_stand_in.hpp"

namespace cariosan {
namespace {

using test::http_answer;
using test::HttpStandIn;
using test::StandInAnswer;

std::string key_file(const std::string& token_uri) {
    return boost::json::serialize(boost::json::object{{"type", "service_account"},
                                                      {"project_id", "shop-1"},
                                                      {"client_email", "push@shop-1.example"},
                                                      {"private_key", std::string(test::kRsaTestKey)},
                                                      {"token_uri", token_uri}});
}

/// Stands still unless the test advances it.
struct HandClock final : Clock {
    std::atomic<std::chrono::milliseconds> since_start{std::chrono::seconds(1)};
    Timestamp now() override { return Timestamp{1769847300000}; }
    std::chrono::milliseconds elapsed() override { return since_start; }
};

/// A token server, and an FCM that accepts only the newest token.
struct Google {
    std::atomic<int> tokens = 0;
    std::atomic<int> accepted = 1;  ///< the number of the valid token
    std::string push_answer = http_answer("200 OK", "{\"name\":\"x\"}");
    std::string token_status = "200 OK";
    const std::shared_ptr<HandClock> clock = std::make_shared<HandClock>();
    HttpStandIn token_server{[this](const std::string&) {
        const std::string number = std::to_string(++tokens);
        return StandInAnswer{http_answer(token_status, R"({"access_token":"t)" + number + R"(","expires_in":3600,"token_type":"Bearer"})")};
    }};
    HttpStandIn fcm{[this](const std::string& request) {
        const bool opens = request.find("Bearer t" + std::to_string(accepted) + "\r\n") != std::string::npos;
        return StandInAnswer{opens ? push_answer : http_answer("401 Unauthorized", R"({"error":{"status":"UNAUTHENTICATED"}})")};
    }};
    std::shared_ptr<PushSender> sender() { return sender(fcm.url()); }
    /// An account that sends to a stand-in, given by the host and port in its `url`.
    std::shared_ptr<PushSender> sender(std::string base) {
        base.resize(base.size() - std::string_view("/hook").size());
        auto opened = open_fcm({.service_account = key_file(token_server.url()), .base_url = base, .crypto = openssl_crypto(), .clock = clock});
        REQUIRE(opened);
        return *opened;
    }
};

std::future<PushAnswer> begin(PushSender& from) {
    auto promise = std::make_shared<std::promise<PushAnswer>>();
    from.send({.device_token = "device", .sender_name = "Ani"},
              [promise](PushAnswer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
}

TEST_CASE("many notifications share one access token") {
    Google google;
    const auto from = google.sender();
    std::vector<std::future<PushAnswer>> answers;
    for (int i = 0; i < 50; ++i) answers.push_back(begin(*from));
    for (auto& answer : answers) CHECK(answer.get().outcome == PushOutcome::delivered);
    CHECK(google.tokens == 1);
    CHECK(google.fcm.requests()[0].starts_with("POST /v1/projects/shop-1/messages:send HTTP/1.1\r\n"));
}

TEST_CASE("a refused token is renewed once, and if the new one is refused too, so is the push") {
    Google google;
    const auto from = google.sender();
    CHECK(begin(*from).get().outcome == PushOutcome::delivered);
    google.accepted = 2;
    CHECK(begin(*from).get().outcome == PushOutcome::delivered);
    CHECK(google.tokens == 2);
    google.accepted = 0;
    CHECK(begin(*from).get().outcome == PushOutcome::refused);
    CHECK(google.tokens == 3);
}

TEST_CASE("a token is renewed before it expires") {
    Google google;
    const auto from = google.sender();
    CHECK(begin(*from).get().outcome == PushOutcome::delivered);
    google.clock->since_start = std::chrono::minutes(50);
    CHECK(begin(*from).get().outcome == PushOutcome::delivered);
    CHECK(google.tokens == 1);
    google.clock->since_start = std::chrono::minutes(60);
    google.accepted = 2;
    CHECK(begin(*from).get().outcome == PushOutcome::delivered);
    CHECK(google.tokens == 2);
    CHECK(google.fcm.requests().size() == 3);
}

TEST_CASE("a limited number wait for a token, and all are answered when the sender is destroyed") {
    HttpStandIn silent([](const std::string&) { return StandInAnswer{.bytes = "", .stay_silent = true}; });
    auto opened = open_fcm({.service_account = key_file(silent.url()), .crypto = openssl_crypto(), .clock = std::make_shared<HandClock>()});
    REQUIRE(opened);
    std::vector<std::future<PushAnswer>> answers;
    for (int i = 0; i < 1000; ++i) answers.push_back(begin(**opened));
    auto beyond = begin(**opened);
    REQUIRE(beyond.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
    CHECK(beyond.get().outcome == PushOutcome::retry);
    CHECK(answers.back().wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    opened->reset();
    for (auto& answer : answers) {
        REQUIRE(answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
        CHECK(answer.get().outcome == PushOutcome::retry);
    }
}

TEST_CASE("FCM's answer decides over token and next attempt") {
    Google gone;
    gone.push_answer = http_answer(
        "404 Not Found",
        R"({"error":{"status":"NOT_FOUND","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNREGISTERED"}]}})");
    CHECK(begin(*gone.sender()).get().outcome == PushOutcome::drop_token);
    Google busy;
    busy.push_answer = http_answer("429 Too Many Requests", "{}", "Retry-After: 7\r\n");
    const PushAnswer later = begin(*busy.sender()).get();
    CHECK(later.outcome == PushOutcome::retry);
    CHECK(later.retry_after == std::chrono::seconds(7));
}

/// The outcome of a push if FCM behaves like this and the sender has a token.
PushAnswer answer_of(StandInAnswer scripted) {
    Google google;
    HttpStandIn fcm([&](const std::string&) { return scripted; });
    return begin(*google.sender(fcm.url())).get();
}

TEST_CASE("network failures are retried, and answers that FCM never gives are refused") {
    const auto fault = [](StandInAnswer scripted) {
        const PushAnswer answer = answer_of(std::move(scripted));
        CHECK(answer.outcome == PushOutcome::retry);
        return answer.reason;
    };
    CHECK(fault({.bytes = "", .hang_up = true}) == "the connection was closed before there was an answer");
    CHECK(fault({.bytes = "", .reset = true}) == "the connection was closed before there was an answer");
    CHECK(fault({.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .hang_up = true}) == "the answer was cut off");
    CHECK(fault({.bytes = "220 mail.example ESMTP\r\n", .hang_up = true}) == "the answer is not HTTP");
    CHECK_FALSE(fault({http_answer("500 Internal Server Error")}).empty());
    CHECK(answer_of({http_answer("301 Moved", "", "Location: http://127.0.0.1:1/\r\n")}).outcome == PushOutcome::refused);
}

TEST_CASE("an unreachable FCM, or one with an invalid certificate, is retried later") {
    Google google;
    std::string gone;
    {
        HttpStandIn fcm([](const std::string&) { return StandInAnswer{}; });
        gone = fcm.url();
    }
    CHECK(begin(*google.sender(gone)).get().reason == "connection refused");
    const test::CertificateAuthority stranger("nobody knows whom");
    HttpStandIn masked([](const std::string&) { return StandInAnswer{http_answer("200 OK")}; }, tls(stranger.issue({})));
    const PushAnswer answer = begin(*google.sender(masked.url())).get();
    CHECK(answer.outcome == PushOutcome::retry);
    CHECK(answer.reason == "certificate verify failed: its issuer is not known");
    CHECK(masked.requests().empty());
}

TEST_CASE("a token server that refuses the account makes the push fail, and a busy one is retried later") {
    Google google;
    const auto from = google.sender();
    google.token_status = "400 Bad Request";
    CHECK(begin(*from).get().outcome == PushOutcome::refused);
    google.token_status = "503 Busy";
    CHECK(begin(*from).get().outcome == PushOutcome::retry);
    CHECK(google.fcm.connections() == 0);
}

TEST_CASE("unusable options of push are refused with the name of the option or member") {
    const auto field = [](FcmOptions options) {
        options.crypto = openssl_crypto();
        options.clock = std::make_shared<HandClock>();
        const auto opened = open_fcm(std::move(options));
        REQUIRE(!opened);
        return std::get<std::string>(opened.error().detail("field")->value);
    };
    const std::string good = key_file("https://token.example/");
    CHECK(field({.service_account = good, .project_id = "a/b"}) == "project_id");
    CHECK(field({.service_account = good, .base_url = "ftp://x"}) == "base_url");
    CHECK(field({.service_account = good, .base_url = "http://x/path"}) == "base_url");
    CHECK(field({.service_account = key_file("nowhere")}) == "token_uri");
    CHECK(field({.service_account = good, .ca_file = "/no/such/file"}) == "ca_file");
}

}  // namespace
}  // namespace cariosan
