#include <doctest/doctest.h>

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/webhook.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "adapters/webhook/signature.hpp"
#include "support/http_stand_in.hpp"

namespace cariosan {
namespace {

using namespace std::chrono_literals;
using test::http_answer;
using test::HttpStandIn;
using test::StandInAnswer;

const std::string kSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const std::string kBody = R"({"event_id":"evt_1","event":"ping"})";

std::shared_ptr<WebhookSender> sender(bool allow_private = true, std::chrono::milliseconds timeout = 10s) {
    auto opened = open_webhook_sender({.crypto = openssl_crypto(), .allow_private = allow_private, .timeout = timeout});
    REQUIRE(opened);
    return *opened;
}

std::future<WebhookAnswer> begin(WebhookSender& from, const std::string& url, const std::string& secret = kSecret) {
    auto promise = std::make_shared<std::promise<WebhookAnswer>>();
    from.send({.url = url, .secrets = {secret}, .event = "ping", .event_id = "evt_1", .at = Timestamp{1769847300000}, .body = kBody},
              [promise](WebhookAnswer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
}

WebhookAnswer deliver(WebhookSender& from, const std::string& url) { return begin(from, url).get(); }

/// The outcome of one attempt at a server that always answers like this.
WebhookAnswer answer_to(StandInAnswer scripted, std::chrono::milliseconds timeout = 10s) {
    HttpStandIn server([&](const std::string&) { return scripted; });
    return deliver(*sender(true, timeout), server.url());
}

TEST_CASE("a webhook is posted with its body and its signatures") {
    HttpStandIn server([](const std::string&) { return StandInAnswer{http_answer("204 No Content")}; });
    const WebhookAnswer answer = deliver(*sender(), server.url());
    CHECK(answer.status == 204);
    CHECK(answer.error.empty());
    REQUIRE(server.requests().size() == 1);
    const std::string request = server.requests()[0];
    CHECK(request.starts_with("POST /hook HTTP/1.1\r\n"));
    CHECK(request.ends_with("\r\n\r\n" + kBody));
    const auto crypto = openssl_crypto();
    const auto secret = webhook::Secret::parse(kSecret);
    REQUIRE(secret);
    for (const auto& header : webhook::signed_headers(
             {.event = "ping", .event_id = "evt_1", .at = Timestamp{1769847300000}, .body = kBody}, {&*secret, 1}, *crypto)) {
        const std::string line = "\r\n" + header.first + ": " + header.second + "\r\n";
        CHECK_MESSAGE(request.find(line) != std::string::npos, header.first);
    }
    CHECK(request.find("Expect:") == std::string::npos);
}

TEST_CASE("an endpoint's answer is reported unchanged, and no redirect is followed") {
    HttpStandIn elsewhere([](const std::string&) { return StandInAnswer{http_answer("200 OK")}; });
    const std::string moved = http_answer("301 Moved", "", "Location: " + elsewhere.url() + "\r\n");
    CHECK(answer_to({moved}).status == 301);
    CHECK(elsewhere.connections() == 0);
    CHECK(answer_to({http_answer("500 Oops", "why")}).status == 500);
    CHECK(answer_to({http_answer("410 Gone")}).status == 410);
}

TEST_CASE("a failure without an answer says why on one line") {
    CHECK(answer_to({.bytes = "", .hang_up = true}).error == "the connection was closed before there was an answer");
    CHECK(answer_to({.bytes = "", .reset = true}).error == "the connection was closed before there was an answer");
    CHECK(answer_to({.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .hang_up = true}).error == "the answer was cut off");
    CHECK(answer_to({.bytes = "220 mail.example ESMTP\r\n", .hang_up = true}).error == "the answer is not HTTP");
    CHECK(answer_to({.bytes = "HTTP/1.1 200 OK\r\nX: " + std::string(64 * 1024, 'x') + "\r\n\r\n", .hang_up = true}).error ==
          "the head of the answer is too large");
}

TEST_CASE("an endpoint that does not answer in time counts as no answer") {
    CHECK(answer_to({.bytes = "", .stay_silent = true}, 200ms).error == "timed out after 200 ms");
    CHECK(answer_to({.bytes = "HTTP/1.1 200 OK\r\nContent-Le", .stay_silent = true}, 200ms).error == "timed out after 200 ms");
    CHECK(answer_to({.bytes = http_answer("200 OK", std::string(1000, 'x')), .drip = 10ms}, 200ms).error == "timed out after 200 ms");
}

TEST_CASE("a huge body is not read to its end") {
    const WebhookAnswer answer = answer_to(
        {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + std::string(70'000, 'x'), .stay_silent = true});
    CHECK(answer.status == 200);
    CHECK(answer.error.empty());
}

TEST_CASE("an unreachable endpoint is a refused connection") {
    std::string url;
    {
        HttpStandIn server([](const std::string&) { return StandInAnswer{}; });
        url = server.url();
    }
    CHECK(deliver(*sender(), url).error == "connection refused");
}

TEST_CASE("an address that is not public is refused, whatever name leads to it") {
    HttpStandIn server([](const std::string&) { return StandInAnswer{http_answer("200 OK")}; });
    const auto trusting = sender(true);
    const auto careful = sender(false);
    CHECK(deliver(*trusting, server.url()).status == 200);
    for (const char* host : {"127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"}) {
        CHECK_MESSAGE(deliver(*careful, server.url(host)).error == "the address is not public", host);
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("a connection is kept for the next webhook, and a closed one is opened again") {
    int served = 0;
    HttpStandIn server([&](const std::string&) {
        return StandInAnswer{.bytes = http_answer("200 OK"), .hang_up = ++served == 2};
    });
    const auto from = sender();
    CHECK(deliver(*from, server.url()).status == 200);
    CHECK(deliver(*from, server.url()).status == 200);
    CHECK(server.connections() == 1);
    CHECK(deliver(*from, server.url()).status == 200);
    CHECK(server.connections() == 2);
}

TEST_CASE("only http and https are supported, and no password is taken from a URL") {
    const auto from = sender();
    CHECK(deliver(*from, "ftp://127.0.0.1/x").error == "the URL is neither http nor https");
    CHECK(deliver(*from, "file:///etc/passwd").error == "the URL is neither http nor https");
    CHECK(deliver(*from, "http://user:word@127.0.0.1/").error == "the URL cannot be used");
    CHECK(deliver(*from, "").error == "the URL cannot be used");
}

TEST_CASE("with an unreadable secret nothing is sent") {
    HttpStandIn server([](const std::string&) { return StandInAnswer{http_answer("200 OK")}; });
    const auto from = sender();
    CHECK(begin(*from, server.url(), "not a secret").get().error == "a signing secret cannot be read");
    CHECK(server.connections() == 0);
}

TEST_CASE("a destroyed sender reports attempts in progress as not sent") {
    std::promise<void> arrived;
    HttpStandIn server([&](const std::string&) {
        arrived.set_value();
        return StandInAnswer{.bytes = "", .stay_silent = true};
    });
    auto from = sender();
    auto answer = begin(*from, server.url());
    arrived.get_future().wait();
    from.reset();
    REQUIRE(answer.wait_for(0s) == std::future_status::ready);
    const WebhookAnswer ended = answer.get();
    CHECK(ended.status == 0);
    CHECK(ended.error == "not sent: the client is closed");
}

TEST_CASE("unusable options are refused with the name of the option") {
    const auto field = [](WebhookSenderOptions options) {
        const auto opened = open_webhook_sender(std::move(options));
        REQUIRE(!opened);
        return std::get<std::string>(opened.error().detail("field")->value);
    };
    CHECK(field({}) == "crypto");
    CHECK(field({.crypto = openssl_crypto(), .ca_file = "/no/such/file"}) == "ca_file");
    CHECK(field({.crypto = openssl_crypto(), .timeout = 11s}) == "timeout");
}

}  // namespace
}  // namespace cariosan
