#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/webpush.hpp>
#include <string>

#include "adapters/webpush/message_encryption.hpp"
#include "adapters/webpush/vapid.hpp"
#include "adapters/webpush/web_push_message.hpp"
#include "encoding/base64.hpp"
#include "support/p256_verify.hpp"
#include "support/web_push_examples.hpp"

namespace cariosan::webpush {
namespace {

using namespace cariosan::test;

std::string decoded(std::string_view text) { return *encoding::decode_base64url(text); }

Subscription example_subscription() { return {.public_key = decoded(kBrowserPublic), .auth = decoded(kAuthSecret)}; }

TEST_CASE("a message is encrypted as in the example of RFC 8291") {
    const auto crypto = openssl_crypto();
    const auto key = crypto->load_p256_key(decoded(kServerPrivate));
    REQUIRE(key);
    const auto body = encrypt_message(kPlainExample, example_subscription(), {.key = **key, .salt = decoded(kSaltExample)}, *crypto);
    REQUIRE(body);
    CHECK(encoding::encode_base64url(*body) == kBodyExample);
}

TEST_CASE("the longest message fills a body of 4,096 bytes") {
    const auto crypto = openssl_crypto();
    const auto key = crypto->load_p256_key(decoded(kServerPrivate));
    const std::string salt = decoded(kSaltExample);
    CHECK(encrypt_message(std::string(kMaxPlainBytes, 'a'), example_subscription(), {**key, salt}, *crypto)->size() == 4096);
    CHECK(encrypt_message(std::string(kMaxPlainBytes + 1, 'a'), example_subscription(), {**key, salt}, *crypto).error().code ==
          ErrorCode::misuse);
    CHECK(encrypt_message("a", example_subscription(), {**key, "salt"}, *crypto).error().code == ErrorCode::misuse);
}

TEST_CASE("nothing is encrypted for a point beside the curve") {
    const auto crypto = openssl_crypto();
    const auto key = crypto->load_p256_key(decoded(kServerPrivate));
    Subscription beside = example_subscription();
    beside.public_key[64] = static_cast<char>(beside.public_key[64] ^ 1);
    CHECK(encrypt_message("a", beside, {**key, decoded(kSaltExample)}, *crypto).error().code == ErrorCode::validation_error);
}

TEST_CASE("the server identifies itself as in the example of RFC 8292") {
    const auto crypto = openssl_crypto();
    const auto key = read_vapid_key(kServerPrivate, *crypto);
    REQUIRE(key);
    const auto header = vapid_authorization(**key, "https://push.example.net", "mailto:push@example.com", 1453523768);
    REQUIRE(header);
    const std::string start = "vapid t=" + std::string(kVapidSigned) + ".";
    const std::string end = ", k=" + std::string(kServerPublic);
    REQUIRE(header->starts_with(start));
    REQUIRE(header->ends_with(end));
    const std::string signature = header->substr(start.size(), header->size() - start.size() - end.size());
    CHECK(verifies_es256(decoded(kServerPublic), kVapidSigned, decoded(signature)));
}

TEST_CASE("a subject is an address or a page") {
    for (const char* good : {"mailto:ani@shop.example", "https://shop.example/contact", "https://shop.example"}) CHECK(is_vapid_subject(good));
    for (const std::string& bad : {std::string(), std::string("ani@shop.example"), std::string("mailto:ani"), std::string("https://"),
                                   std::string("http://shop.example"), std::string("mailto:a@b c"), "mailto:a@" + std::string(255, 'b')}) {
        CAPTURE(bad);
        CHECK_FALSE(is_vapid_subject(bad));
    }
}

TEST_CASE("a made key has a public key, and no two are alike") {
    const auto crypto = openssl_crypto();
    const auto made = make_vapid_key(*crypto);
    REQUIRE(made);
    CHECK(*made != *make_vapid_key(*crypto));
    CHECK(decoded(*vapid_public_key(*made, *crypto)).size() == 65);
    CHECK(*vapid_public_key("\n " + std::string(kServerPrivate) + "\n", *crypto) == kServerPublic);
    for (const char* bad : {"", "swordfish", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "-----BEGIN PRIVATE KEY-----"}) {
        const auto refused = vapid_public_key(bad, *crypto);
        REQUIRE_FALSE(refused);
        CHECK(std::get<std::string>(refused.error().detail("field")->value) == "private_key");
        CHECK(refused.error().message.find("swordfish") == std::string::npos);
    }
}

PushCall example_call(std::string sender) {
    return {.sender_name = std::move(sender),
            .channel = *ChannelId::parse("01890000-0000-7000-8000-000000000001"),
            .message = *MessageId::parse("01890000-0000-7000-8000-000000000002")};
}

TEST_CASE("a notification says who sent something and where") {
    CHECK(notification_json(example_call("Ani \"A\"")) ==
          R"({"channel_id":"01890000-0000-7000-8000-000000000001","message_id":"01890000-0000-7000-8000-000000000002","title":"Ani \"A\" sent a message"})");
    const auto title = [](const std::string& sender) {
        const std::string json = notification_json(example_call(sender));
        CHECK(json.size() <= kMaxPlainBytes);
        return std::string(boost::json::parse(json).at("title").as_string());
    };
    CHECK(title("") == "Someone sent a message");
    CHECK(title(std::string(3000, 'a')).size() == 3015);
    CHECK(title(std::string(4000, 'a')) == "Someone sent a message");
}

TEST_CASE("a topic stays the same for a channel in a browser, and differs between browsers") {
    const auto crypto = openssl_crypto();
    const ChannelId channel = example_call("").channel;
    const ChannelId another = *ChannelId::parse("01890000-0000-7000-8000-000000000003");
    const Subscription here = example_subscription();
    Subscription there = here;
    there.auth[0] = static_cast<char>(there.auth[0] ^ 1);
    const std::string topic = topic_of(channel, here, *crypto);
    CHECK(topic.size() == 24);
    CHECK(topic == topic_of(channel, here, *crypto));
    CHECK(topic != topic_of(another, here, *crypto));
    CHECK(topic != topic_of(channel, there, *crypto));
}

TEST_CASE("only 404 and 410 cost a browser its registration") {
    const auto outcome = [](int status) { return judge_push_answer({.status = status}, "https://push.example", Timestamp{}).outcome; };
    for (const int status : {200, 201, 202, 204}) CHECK(outcome(status) == PushOutcome::delivered);
    for (const int status : {404, 410}) CHECK(outcome(status) == PushOutcome::drop_token);
    for (const int status : {0, 408, 429, 500, 502, 503}) CHECK(outcome(status) == PushOutcome::retry);
    for (const int status : {301, 307, 400, 401, 403, 413}) CHECK(outcome(status) == PushOutcome::refused);
    const PushAnswer later = judge_push_answer({.status = 429, .retry_after = "7"}, "https://push.example", Timestamp{});
    CHECK(later.retry_after == std::chrono::seconds(7));
    CHECK_FALSE(later.pauses_all);
    CHECK(later.reason == "https://push.example answered 429");
}

}  // namespace
}  // namespace cariosan::webpush
