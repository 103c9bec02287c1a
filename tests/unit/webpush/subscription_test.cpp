#include "adapters/webpush/subscription.hpp"

#include <doctest/doctest.h>

#include <string>

#include "encoding/base64.hpp"
#include "support/web_push_examples.hpp"

namespace cariosan::webpush {
namespace {

std::string subscription_json(const std::string& endpoint, std::string_view key = test::kBrowserPublic, std::string_view auth = test::kAuthSecret) {
    return R"({"endpoint":")" + endpoint + R"(","expirationTime":null,"keys":{"p256dh":")" + std::string(key) + R"(","auth":")" +
           std::string(auth) + R"("}})";
}

TEST_CASE("a subscription is read as browsers write it") {
    const auto read = parse_subscription(subscription_json("https://push.example:8443/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV?x=1"), false);
    REQUIRE(read);
    CHECK(read->endpoint == "https://push.example:8443/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV?x=1");
    CHECK(read->origin == "https://push.example:8443");
    CHECK(encoding::encode_base64url(read->public_key) == test::kBrowserPublic);
    CHECK(encoding::encode_base64url(read->auth) == test::kAuthSecret);
    CHECK(parse_subscription(subscription_json("https://push.example/" + std::string(2027, 'a')), false));
}

TEST_CASE("only https is posted to, except in tests") {
    CHECK_FALSE(parse_subscription(subscription_json("http://127.0.0.1:8080/p"), false));
    CHECK(parse_subscription(subscription_json("http://127.0.0.1:8080/p"), true)->origin == "http://127.0.0.1:8080");
    for (const std::string& bad :
         {std::string("https://push.example"), std::string("https:///p"), std::string("https://a@push.example/p"),
          std::string("https://push.example:/p"), std::string("https://push.example:0/p"), std::string("https://push.example:123456/p"),
          std::string("https://push.example:80a/p"), std::string("https://PUSH.example/p"), std::string("https://push.example/p#f"),
          std::string("https://push.example\\\\@internal/p"), std::string("https://[::1]/p"), std::string("https://push example/p"),
          std::string("https://push.example/a b"), std::string("ftp://push.example/p"), std::string("file:///etc/passwd"), std::string(),
          "https://push.example/" + std::string(2028, 'a')}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_subscription(subscription_json(bad), true));
    }
}

TEST_CASE("whatever is not a whole subscription is refused, in words that quote nothing") {
    const std::string url = "https://push.example/swordfish";
    const std::string good = subscription_json(url);
    for (const std::string& bad :
         {std::string(), std::string("{}"), std::string("[]"), std::string("null"), std::string("{"), good + "x", good.substr(0, good.size() - 1),
          R"({"endpoint":")" + url + R"("})", R"({"endpoint":")" + url + R"(","keys":[]})", std::string(R"({"endpoint":1,"keys":{}})"),
          subscription_json(url, ""), subscription_json(url, "AAAA"), subscription_json(url, std::string(test::kBrowserPublic) + "="),
          subscription_json(url, test::kBrowserPublic, ""), subscription_json(url, test::kBrowserPublic, "AAAA"),
          R"({"endpoint":")" + url + R"(","keys":{"p256dh":{},"auth":1}})", good + std::string(4096, ' ')}) {
        CAPTURE(bad);
        const auto refused = parse_subscription(bad, true);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::validation_error);
        CHECK(refused.error().message.find("swordfish") == std::string::npos);
    }
}

TEST_CASE("a token of another service is no subscription") {
    CHECK(is_subscription("{}"));
    CHECK_FALSE(is_subscription(""));
    CHECK_FALSE(is_subscription("dGVzdA:APA91b"));
}

}  // namespace
}  // namespace cariosan::webpush
