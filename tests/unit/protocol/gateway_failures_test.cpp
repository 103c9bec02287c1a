// Failed attempts: what they cost, and whom they do not affect.
#include <doctest/doctest.h>

#include <cariosan/adapters/openssl.hpp>

#include "encoding/base64.hpp"
#include "unit/protocol/gateway_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

/// Many clients behind one address, with the rates of the protocol.
struct City : GatewayShop {
    City() : GatewayShop({.gateway = {}, .limits = {}, .rates = {}}) {}

    int bearer(const std::string& credentials) {
        HttpRequest made = plain("GET", "/v1/channels/order_1");
        made.headers.push_back({"Authorization", "Bearer " + credentials});
        return request(std::move(made)).status;
    }
    int key(const std::string& secret) { return bearer(workspace().api_key + ":" + secret); }
    int socket(const std::string& token) {
        HttpRequest made = plain("GET", "/v1/ws");
        made.headers.push_back({"Sec-WebSocket-Protocol", "cariosan.jwt." + token});
        const UpgradeOutcome outcome = admit(std::move(made));
        return outcome.admission ? 101 : outcome.refusal.status;
    }
    void fail_too_often() {
        int refused = 0;
        for (int i = 0; i < 30; ++i) refused += bearer("not.a.token") == 429 ? 1 : 0;
        CHECK(refused == 10);
    }
};

TEST_CASE_FIXTURE(City, "valid credentials are admitted, however often others on the same address fail") {
    const std::string good = token("alice");
    clock().advance(std::chrono::hours(24));  // the key was known once, and must be looked up again
    const std::string fresh = token("alice");
    fail_too_often();
    CHECK(key("wrong") == 429);
    CHECK(socket("not.a.token") == 429);
    CHECK(bearer(fresh) == 200);
    CHECK(socket(fresh) == 101);
    for (int second = 0; second < 30; ++second) {
        CHECK(key(workspace().api_secret) == 200);
        CHECK(key("wrong " + std::to_string(second)) != 200);
        CHECK(bearer("not.a.token") != 200);
        clock().advance(std::chrono::seconds(1));
    }
    CHECK(bearer(good) == 401);
}

TEST_CASE_FIXTURE(City, "a new key is admitted from an address that has failed too often") {
    fail_too_often();
    const auto other = engine().run(Caller::host(), CreateWorkspace{.name = "Other"}).value();
    CHECK(bearer(other.api_key + ":" + other.api_secret) == 404);  // admitted, and the channel does not exist
}

TEST_CASE_FIXTURE(City, "expired tokens do not count as failures") {
    const std::string old = token("alice");
    clock().advance(std::chrono::hours(2));
    for (int i = 0; i < 50; ++i) {
        CHECK(bearer(old) == 401);
        CHECK(socket(old) == 401);
    }
    CHECK(key("wrong") == 401);
    // With a different signature it is not our token.
    int refused = 0;
    for (int i = 0; i < 30; ++i) refused += bearer(old.substr(0, old.size() - 3) + "AAA") == 429 ? 1 : 0;
    CHECK(refused == 11);
}

TEST_CASE_FIXTURE(City, "a token with our signature does not count as a failure, whatever is wrong with it") {
    const auto sign = [&](const std::string& claims) {
        const auto crypto = openssl_crypto();
        const std::string part =
            encoding::encode_base64url(R"({"alg":"HS256"})") + "." + encoding::encode_base64url(claims);
        const Digest mac = crypto->hmac_sha256("a secret of the tests, 32 bytes long", part);
        return part + "." + encoding::encode_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
    };
    const std::int64_t now = clock().now().milliseconds / 1000;
    const std::string iat = R"("iat":)" + std::to_string(now);
    const std::string exp = R"(,"exp":)" + std::to_string(now + 1000);
    const std::string who = R"({"iss":"cariosan","sub":")" + user_id("alice") + R"(","ws":")" +
                            workspace().id.to_string() + R"(","ext":"alice",)";
    CHECK(bearer(sign(who + iat + exp + "}")) == 200);
    for (const std::string& claims :
         {who + iat + exp + R"(,"nbf":)" + std::to_string(now + 500) + "}", who + iat + "}",
          who + R"("iat":)" + std::to_string(now + 500) + exp + "}", std::string(R"({"iss":"another"})"), std::string("[]")}) {
        CAPTURE(claims);
        for (int i = 0; i < 10; ++i) {
            CHECK(bearer(sign(claims)) == 401);
            CHECK(socket(sign(claims)) == 401);
        }
    }
    CHECK(key("wrong") == 401);
}

TEST_CASE_FIXTURE(City, "wrong keys cause a limited number of storage lookups") {
    fail_too_often();
    const auto looks = [&](auto&& attempt) {
        const std::uint64_t before = engine().metrics().commands;
        for (int i = 0; i < 1000; ++i) attempt(i);
        return engine().metrics().commands - before;
    };
    CHECK(looks([&](int) { CHECK(key("the same wrong one") == 429); }) == 1);
    CHECK(looks([&](int i) { CHECK(key("wrong " + std::to_string(i)) == 429); }) == 199);
    CHECK(looks([&](int i) { CHECK(bearer("pk_live_" + std::to_string(i) + ":x") == 429); }) == 0);
    // A caller whose key was valid before is not delayed by this.
    clock().advance(std::chrono::milliseconds(2500));
    CHECK(looks([&](int i) { CHECK(key("more " + std::to_string(i)) == 429); }) == 200);
    CHECK(key(workspace().api_secret) == 200);
}

}  // namespace
}  // namespace cariosan
