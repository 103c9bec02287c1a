#include "adapters/webhook/signature.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cariosan/adapters/openssl.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "encoding/base64.hpp"
#include "support/test_data.hpp"
#include "unit/webhook/verify.hpp"

namespace cariosan::webhook {
namespace {

namespace json = boost::json;

std::optional<json::value> signature_vectors() {
    const auto path = test::test_data("vectors/webhook-signatures.json");
    if (!path) return std::nullopt;
    std::ifstream stream(*path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    return json::parse(text);
}

std::string_view text_at(const json::value& object, std::string_view name) {
    return object.at(json::string_view(name.data(), name.size())).as_string();
}

constexpr std::string_view kBody = R"({"event_id":"evt_1","event":"message.created"})";
constexpr std::int64_t kSentAt = 1769847300;

/// The 32 bytes 0, 1, 2 … 31.
const std::string kCountingSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

test::Headers headers_for(std::string_view body, const Secret& secret, Crypto& crypto) {
    return signed_headers({.event = "message.created",
                           .event_id = "evt_1",
                           .at = Timestamp{kSentAt * 1000 + 999},
                           .body = body},
                          {&secret, 1}, crypto);
}

TEST_CASE("a secret is whsec_ and 32 random bytes") {
    const auto crypto = openssl_crypto();
    const Secret first = Secret::make(*crypto);
    const Secret second = Secret::make(*crypto);
    CHECK(first.text.starts_with("whsec_"));
    CHECK(first.text.size() == 6 + 44);
    CHECK(first.bytes.size() == 32);
    CHECK(first.text != second.text);
    const auto parsed = Secret::parse(first.text);
    REQUIRE(parsed);
    CHECK(parsed->text == first.text);
    CHECK(parsed->bytes == first.bytes);
}

TEST_CASE("invalid secrets are refused") {
    REQUIRE(Secret::parse(kCountingSecret));
    for (const std::string& text :
         {std::string(), std::string("whsec_"), kCountingSecret.substr(6),
          "WHSEC_" + kCountingSecret.substr(6), kCountingSecret + "=", " " + kCountingSecret,
          kCountingSecret + "\n", std::string("whsec_AAAA"), std::string("whsec_not base64!"),
          "whsec_" + encoding::encode_base64(std::string(23, 'a')),
          "whsec_" + encoding::encode_base64(std::string(65, 'a'))}) {
        CAPTURE(text);
        CHECK_FALSE(Secret::parse(text).has_value());
    }
    CHECK(Secret::parse("whsec_" + encoding::encode_base64(std::string(24, 'a'))));
    CHECK(Secret::parse("whsec_" + encoding::encode_base64(std::string(64, 'a'))));
}

TEST_CASE("a delivery has both families of headers") {
    const auto crypto = openssl_crypto();
    const auto headers = headers_for(kBody, *Secret::parse(kCountingSecret), *crypto);
    CHECK(headers.size() == 9);
    CHECK(test::header_of(headers, "Content-Type") == "application/json");
    CHECK(test::header_of(headers, "User-Agent") == "Cariosan-Webhooks/1.0");
    CHECK(test::header_of(headers, "X-Cariosan-Event") == "message.created");
    CHECK(test::header_of(headers, "X-Cariosan-Event-Id") == "evt_1");
    CHECK(test::header_of(headers, "X-Cariosan-Timestamp") == "1769847300");
    CHECK(test::header_of(headers, "webhook-id") == "evt_1");
    CHECK(test::header_of(headers, "webhook-timestamp") == "1769847300");
    // Computed independently, with Python's hmac module and the npm package standardwebhooks.
    CHECK(test::header_of(headers, "X-Cariosan-Signature") ==
          "sha256=702cbfabe373847b5b131ab2a5ada6c2c7cb6fde2acb2a704a36364ecd405879");
    CHECK(test::header_of(headers, "webhook-signature") == "v1,DD5dSPNJJ46RDUG2i+IoF4xMzBSiiY9/xQ+pUX61hvs=");
}

TEST_CASE("a receiver verifies what was signed, and nothing else") {
    const auto crypto = openssl_crypto();
    const Secret secret = Secret::make(*crypto);
    const Secret other = Secret::make(*crypto);
    const auto headers = headers_for(kBody, secret, *crypto);
    CHECK(test::verify_standard(headers, kBody, secret.text, kSentAt + 10, *crypto));
    CHECK(test::verify_body(headers, kBody, secret.text, *crypto));

    const std::string altered = std::string(kBody) + " ";
    CHECK_FALSE(test::verify_standard(headers, altered, secret.text, kSentAt, *crypto));
    CHECK_FALSE(test::verify_body(headers, altered, secret.text, *crypto));
    CHECK_FALSE(test::verify_standard(headers, kBody, other.text, kSentAt, *crypto));
    CHECK_FALSE(test::verify_body(headers, kBody, other.text, *crypto));
    CHECK_FALSE(test::verify_standard(headers, kBody, secret.text, kSentAt + 301, *crypto));
    for (const char* name : {"webhook-id", "webhook-timestamp"}) {
        test::Headers forged = headers;
        for (auto& [header, value] : forged) {
            if (header == name) value += "1";
        }
        const bool later = std::string_view(name) == "webhook-timestamp";
        CHECK_FALSE(
            test::verify_standard(forged, kBody, secret.text, later ? kSentAt * 10 + 1 : kSentAt, *crypto));
    }
}

TEST_CASE("a body may be any bytes") {
    const auto crypto = openssl_crypto();
    const Secret secret = Secret::make(*crypto);
    const std::string_view bytes("\0\xff\n.{}", 6);
    for (const std::string_view body : {std::string_view(), bytes}) {
        const auto headers = headers_for(body, secret, *crypto);
        CHECK(test::verify_standard(headers, body, secret.text, kSentAt, *crypto));
        CHECK(test::verify_body(headers, body, secret.text, *crypto));
    }
}

TEST_CASE("with several secrets a delivery has a signature of each, the newest first, and the other header is of the newest") {
    const auto crypto = openssl_crypto();
    const std::vector<Secret> secrets{Secret::make(*crypto), Secret::make(*crypto), Secret::make(*crypto)};
    const auto headers = signed_headers(
        {.event = "message.created", .event_id = "evt_1", .at = Timestamp{kSentAt * 1000}, .body = kBody}, secrets, *crypto);
    std::string expected;
    for (const Secret& secret : secrets) {
        CHECK(test::verify_standard(headers, kBody, secret.text, kSentAt, *crypto));
        expected += (expected.empty() ? "" : " ") + standard_signature("evt_1", kSentAt, kBody, secret.bytes, *crypto);
    }
    const auto found = std::ranges::find(headers, "webhook-signature", &std::pair<std::string, std::string>::first);
    REQUIRE(found != headers.end());
    CHECK(found->second == expected);
    CHECK(test::verify_body(headers, kBody, secrets[0].text, *crypto));
    CHECK_FALSE(test::verify_body(headers, kBody, secrets[1].text, *crypto));
    CHECK_FALSE(test::verify_standard(headers, kBody, Secret::make(*crypto).text, kSentAt, *crypto));
}

TEST_CASE("signatures agree with the library of Standard Webhooks") {
    const auto vectors = signature_vectors();
    if (!vectors) return;
    const json::value& given = vectors->at("standard_webhooks");
    const auto crypto = openssl_crypto();
    const auto secret = Secret::parse(text_at(given, "secret"));
    REQUIRE(secret);
    const std::int64_t at = given.at("timestamp").as_int64();
    CHECK(standard_signature(text_at(given, "id"), at, text_at(given, "payload"), secret->bytes, *crypto) ==
          text_at(given, "signature"));

    const auto headers = [&](std::string_view signature) {
        return test::Headers{{"webhook-id", std::string(text_at(given, "id"))},
                             {"webhook-timestamp", std::to_string(at)},
                             {"webhook-signature", std::string(signature)}};
    };
    const std::string_view several = text_at(given, "multi_signature_header");
    CHECK(test::verify_standard(headers(several), text_at(given, "payload"), secret->text, at, *crypto));
    CHECK_FALSE(test::verify_standard(headers(several.substr(0, several.rfind(' '))),
                                      text_at(given, "payload"), secret->text, at, *crypto));
}

TEST_CASE("the signature of the body is computed as in GitHub's documentation") {
    const auto vectors = signature_vectors();
    if (!vectors) return;
    const json::value& given = vectors->at("github");
    const auto crypto = openssl_crypto();
    CHECK(body_signature(text_at(given, "payload"), text_at(given, "secret"), *crypto) ==
          text_at(given, "signature"));
}

}  // namespace
}  // namespace cariosan::webhook
