// Webhooks to servers with certificates: valid ones, and every kind of invalid one.

#include <doctest/doctest.h>

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/webhook.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>

#include "support/tls_stand_in.hpp"

namespace cariosan {
namespace {

using namespace std::chrono_literals;
using test::CertificateAuthority;
using test::CertificateTerms;
using test::http_answer;
using test::HttpStandIn;
using test::StandInAnswer;

/// A certificate authority, and a sender that trusts only it.
class Trust {
  public:
    Trust() : path_(std::filesystem::temp_directory_path() / ("cariosan-ca-" + std::to_string(::getpid()) + ".pem")) {
        authority.write(path_);
        auto opened = open_webhook_sender({.crypto = openssl_crypto(), .allow_private = true, .ca_file = path_});
        REQUIRE(opened);
        sender_ = *std::move(opened);
    }
    ~Trust() { std::filesystem::remove(path_); }

    std::future<WebhookAnswer> begin(const std::string& url) {
        auto promise = std::make_shared<std::promise<WebhookAnswer>>();
        sender_->send({.url = url,
                       .secrets = {"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
                       .event = "ping",
                       .event_id = "evt_1",
                       .at = Timestamp{1769847300000},
                       .body = "{}"},
                      [promise](WebhookAnswer answer) { promise->set_value(std::move(answer)); });
        return promise->get_future();
    }
    WebhookAnswer deliver(const std::string& url) { return begin(url).get(); }

    const CertificateAuthority authority{"whom the test trusts"};

  private:
    std::string path_;
    std::shared_ptr<WebhookSender> sender_;
};

StandInAnswer well(const std::string&) { return {http_answer("200 OK")}; }

TEST_CASE("a webhook is delivered over TLS, and the connection is kept") {
    Trust trust;
    HttpStandIn server(well, tls(trust.authority.issue({})));
    CHECK(trust.deliver(server.url()).status == 200);
    CHECK(trust.deliver(server.url()).status == 200);
    CHECK(server.connections() == 1);
    CHECK(server.requests()[0].starts_with("POST /hook HTTP/1.1\r\n"));
}

TEST_CASE("an invalid certificate is named, and its server learns nothing") {
    Trust trust;
    const CertificateAuthority stranger("nobody knows whom");
    const auto error_at = [&](const CertificateAuthority& authority, const CertificateTerms& terms) {
        HttpStandIn server(well, tls(authority.issue(terms)));
        const WebhookAnswer answer = trust.deliver(server.url());
        CHECK(answer.status == 0);
        CHECK(server.requests().empty());
        return answer.error;
    };
    const std::string failed = "certificate verify failed: ";
    CHECK(error_at(stranger, {}) == failed + "its issuer is not known");
    CHECK(error_at(trust.authority, {.address = "192.0.2.1"}) == failed + "it is not of this host");
    CHECK(error_at(trust.authority, {.from = -2h, .until = -1h}) == failed + "it has expired");
    CHECK(error_at(trust.authority, {.from = 1h, .until = 2h}) == failed + "it is not valid yet");
}

TEST_CASE("a server without TLS fails the handshake") {
    Trust trust;
    HttpStandIn plain([](const std::string&) { return StandInAnswer{.bytes = "HTTP/1.1 400 Bad Request\r\n\r\n", .hang_up = true}; },
                      {.scheme = "https", .is_whole = [](const std::string&) { return true; }});
    CHECK(trust.deliver(plain.url()).error == "the TLS handshake failed");
}

/// A frame of HTTP/2 (RFC 9113, section 4.1).
std::string frame(char type, char flags, char stream, const std::string& payload) {
    return std::string{0, 0, static_cast<char>(payload.size()), type, flags, 0, 0, 0, stream} + payload;
}

TEST_CASE("a server that offers HTTP/2 is used with HTTP/2, over one connection") {
    constexpr char kHeaders = 1;
    constexpr char kSettings = 4;
    constexpr char kEndOfHeadersAndStream = 5;
    const std::string status_200 = "\x88";  // RFC 7541, appendix A: entry 8
    Trust trust;
    char stream = 1;
    auto options = tls(trust.authority.issue({}), true);
    options.is_whole = [](const std::string& read) { return read.ends_with("{}"); };
    HttpStandIn server(
        [&](const std::string&) {
            std::string bytes = stream == 1 ? frame(kSettings, 0, 0, "") : "";
            bytes += frame(kHeaders, kEndOfHeadersAndStream, stream, status_200);
            stream += 2;
            return StandInAnswer{bytes};
        },
        options);
    CHECK(trust.deliver(server.url()).status == 200);
    CHECK(trust.deliver(server.url()).status == 200);
    CHECK(server.connections() == 1);
    REQUIRE(server.requests().size() == 2);
    CHECK(server.requests()[0].starts_with("PRI * HTTP/2.0\r\n"));
}

}  // namespace
}  // namespace cariosan
