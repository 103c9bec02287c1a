#include <doctest/doctest.h>

#include <atomic>
#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/webpush.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encoding/base64.hpp"
#include "support/http_stand_in.hpp"
#include "support/p256_verify.hpp"
#include "support/web_push_examples.hpp"

namespace cariosan {
namespace {

using namespace std::chrono_literals;
using test::http_answer;
using test::HttpStandIn;
using test::StandInAnswer;

/// Stands still unless the test advances it.
struct SetClock final : Clock {
    std::atomic<std::int64_t> seconds{1769847300};
    std::atomic<std::chrono::milliseconds> since_start{1s};
    Timestamp now() override { return Timestamp{seconds * 1000}; }
    std::chrono::milliseconds elapsed() override { return since_start; }
};

/// Takes what is not for a browser.
struct OtherService final : PushSender {
    std::vector<std::string> tokens{};
    void send(PushCall call, std::function<void(PushAnswer)> done) override {
        tokens.push_back(call.device_token);
        done({.outcome = PushOutcome::delivered});
    }
};

std::string token_for(const std::string& endpoint, std::string_view key = test::kBrowserPublic) {
    return R"({"endpoint":")" + endpoint + R"(","keys":{"p256dh":")" + std::string(key) + R"(","auth":")" + std::string(test::kAuthSecret) +
           R"("}})";
}

struct Browsers {
    std::string answer = http_answer("201 Created");
    const std::shared_ptr<SetClock> clock = std::make_shared<SetClock>();
    const std::shared_ptr<OtherService> others = std::make_shared<OtherService>();
    HttpStandIn service{[this](const std::string&) { return StandInAnswer{answer}; }};

    std::shared_ptr<PushSender> sender(WebPushOptions options = {.allow_private = true}) {
        options.private_key = test::kServerPrivate;
        options.subject = "mailto:push@example.com";
        options.crypto = openssl_crypto();
        options.clock = clock;
        auto opened = open_web_push(std::move(options));
        REQUIRE(opened);
        return *opened;
    }
};

PushAnswer push_to(PushSender& from, const std::string& token) {
    std::promise<PushAnswer> promise;
    from.send({.device_token = token, .sender_name = "Ani"}, [&](PushAnswer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
}

std::string header_of(const std::string& request, const std::string& name) {
    const auto at = request.find("\r\n" + name + ": ");
    REQUIRE(at != std::string::npos);
    const auto from = at + name.size() + 4;
    return request.substr(from, request.find("\r\n", from) - from);
}

TEST_CASE("a notification is posted to the endpoint, signed and encrypted, each with another key") {
    Browsers browsers;
    const auto from = browsers.sender();
    const std::string token = token_for(browsers.service.url() + "?secret");
    for (int i = 0; i < 2; ++i) CHECK(push_to(*from, token).outcome == PushOutcome::delivered);
    const auto requests = browsers.service.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].starts_with("POST /hook?secret HTTP/1.1\r\n"));
    CHECK(header_of(requests[0], "Content-Encoding") == "aes128gcm");
    CHECK(header_of(requests[0], "TTL") == "86400");
    CHECK(header_of(requests[0], "Urgency") == "normal");
    CHECK(header_of(requests[0], "Topic").size() == 24);
    CHECK(header_of(requests[0], "Authorization") == header_of(requests[1], "Authorization"));
    const auto body = [&](std::size_t i) { return requests[i].substr(requests[i].find("\r\n\r\n") + 4); };
    CHECK(body(0).substr(16, 5) == std::string("\0\0\x10\0A", 5));
    CHECK(body(0).substr(0, 16) != body(1).substr(0, 16));
    CHECK(body(0).substr(21, 65) != body(1).substr(21, 65));
}

TEST_CASE("a signed header is for one origin, for twelve hours, and used for eleven") {
    Browsers browsers;
    HttpStandIn another([](const std::string&) { return StandInAnswer{http_answer("201 Created")}; });
    const auto from = browsers.sender();
    const auto header = [&](HttpStandIn& service) {
        CHECK(push_to(*from, token_for(service.url())).outcome == PushOutcome::delivered);
        return header_of(service.requests().back(), "Authorization");
    };
    const std::string first = header(browsers.service);
    const std::string signed_text = first.substr(8, first.rfind('.') - 8);
    const std::string claims = *encoding::decode_base64url(signed_text.substr(signed_text.find('.') + 1));
    std::string origin = browsers.service.url();
    origin.resize(origin.size() - std::string_view("/hook").size());
    CHECK(claims == R"({"aud":")" + origin + R"(","exp":1769890500,"sub":"mailto:push@example.com"})");
    CHECK(header(another) != first);
    browsers.clock->seconds += 11 * 3600 - 1;
    CHECK(header(browsers.service) == first);
    browsers.clock->seconds += 1;
    const std::string second = header(browsers.service);
    CHECK(second != first);
    browsers.clock->seconds -= 12 * 3600;
    CHECK(header(browsers.service) != second);
}

TEST_CASE("what is not for a browser goes to the other service") {
    Browsers browsers;
    const auto both = browsers.sender({.allow_private = true, .others = browsers.others});
    CHECK(push_to(*both, "a-token-of-FCM").outcome == PushOutcome::delivered);
    CHECK(push_to(*both, token_for(browsers.service.url())).outcome == PushOutcome::delivered);
    CHECK(browsers.others->tokens == std::vector<std::string>{"a-token-of-FCM"});
    CHECK(push_to(*browsers.sender(), "a-token-of-FCM").outcome == PushOutcome::refused);
}

TEST_CASE("a subscription that cannot be used is dropped without a request") {
    Browsers browsers;
    const auto from = browsers.sender();
    std::string beside(test::kBrowserPublic);
    beside[40] = beside[40] == 'A' ? 'B' : 'A';
    for (const std::string& bad : {std::string("{}"), token_for("ftp://push.example/p"), token_for(browsers.service.url(), beside)})
        CHECK(push_to(*from, bad).outcome == PushOutcome::drop_token);
    CHECK(push_to(*browsers.sender(WebPushOptions{}), token_for(browsers.service.url())).outcome == PushOutcome::drop_token);
    CHECK(browsers.service.requests().empty());
}

TEST_CASE("private addresses are not connected to") {
    Browsers browsers;
    const auto from = browsers.sender(WebPushOptions{});
    const std::string url = browsers.service.url();
    const PushAnswer answer = push_to(*from, token_for("https" + url.substr(4)));
    CHECK(answer.outcome == PushOutcome::retry);
    CHECK(browsers.service.connections() == 0);
}

TEST_CASE("a server that asks to wait is left alone, and it alone") {
    Browsers browsers;
    browsers.answer = http_answer("429 Too Many Requests", "", "Retry-After: 60\r\n");
    HttpStandIn another([](const std::string&) { return StandInAnswer{http_answer("201 Created")}; });
    const auto from = browsers.sender();
    const std::string token = token_for(browsers.service.url());
    const auto waits = [&](std::chrono::seconds wait) {
        const PushAnswer answer = push_to(*from, token);
        CHECK(answer.outcome == PushOutcome::retry);
        CHECK(answer.retry_after == wait);
        CHECK_FALSE(answer.pauses_all);
    };
    waits(60s);
    waits(60s);
    browsers.clock->since_start = 41s;
    waits(20s);
    CHECK(browsers.service.requests().size() == 1);
    CHECK(push_to(*from, token_for(another.url())).outcome == PushOutcome::delivered);
    browsers.clock->since_start = 61s;
    waits(60s);
    CHECK(browsers.service.requests().size() == 2);
}

TEST_CASE("a server that does not answer is left alone for a while") {
    Browsers browsers;
    HttpStandIn broken([](const std::string&) { return StandInAnswer{.reset = true}; });
    const auto from = browsers.sender();
    const std::string token = token_for(broken.url());
    CHECK(push_to(*from, token).outcome == PushOutcome::retry);
    const auto sent = broken.requests().size();
    CHECK(push_to(*from, token).retry_after == 10s);
    CHECK(broken.requests().size() == sent);
    browsers.clock->since_start = 11s;
    CHECK(push_to(*from, token).outcome == PushOutcome::retry);
    CHECK(broken.requests().size() > sent);
}

TEST_CASE("all are answered when the sender is destroyed") {
    Browsers browsers;
    HttpStandIn silent([](const std::string&) { return StandInAnswer{.bytes = "", .stay_silent = true}; });
    auto from = browsers.sender();
    std::vector<std::future<PushAnswer>> answers;
    for (int i = 0; i < 20; ++i) {
        auto promise = std::make_shared<std::promise<PushAnswer>>();
        answers.push_back(promise->get_future());
        from->send({.device_token = token_for(silent.url())}, [promise](PushAnswer answer) { promise->set_value(std::move(answer)); });
    }
    from.reset();
    for (auto& answer : answers) {
        REQUIRE(answer.wait_for(0s) == std::future_status::ready);
        CHECK(answer.get().outcome == PushOutcome::retry);
    }
}

TEST_CASE("options are checked, and the fault names one") {
    const auto field_of = [](auto change) {
        WebPushOptions options{.private_key = std::string(test::kServerPrivate), .subject = "mailto:a@b.example", .crypto = openssl_crypto(), .clock = std::make_shared<SetClock>()};
        change(options);
        const auto opened = open_web_push(std::move(options));
        if (opened) return std::string();
        CHECK(opened.error().message.find("swordfish") == std::string::npos);
        return std::get<std::string>(opened.error().detail("field")->value);
    };
    CHECK(field_of([](WebPushOptions&) {}).empty());
    CHECK(field_of([](WebPushOptions& options) { options.crypto = nullptr; }) == "crypto");
    CHECK(field_of([](WebPushOptions& options) { options.clock = nullptr; }) == "clock");
    CHECK(field_of([](WebPushOptions& options) { options.subject = "swordfish"; }) == "subject");
    CHECK(field_of([](WebPushOptions& options) { options.private_key = "swordfish"; }) == "private_key");
    CHECK(field_of([](WebPushOptions& options) { options.private_key.clear(); }) == "private_key");
}

}  // namespace
}  // namespace cariosan
