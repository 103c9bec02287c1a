#include "adapters/fcm/service_account.hpp"

#include <doctest/doctest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cariosan/adapters/openssl.hpp>
#include <string>
#include <utility>
#include <vector>

#include "encoding/base64.hpp"
#include "support/rsa_test_key.hpp"

namespace cariosan::fcm {
namespace {

namespace json = boost::json;

json::object key_file() {
    return {{"type", "service_account"},
            {"project_id", "chat-1"},
            {"private_key_id", "0123456789abcdef"},
            {"private_key", json::string_view(test::kRsaTestKey.data(), test::kRsaTestKey.size())},
            {"client_email", "push@chat-1.iam.gserviceaccount.com"},
            {"client_id", "1234567890"},
            {"auth_uri", "https://accounts.google.com/o/oauth2/auth"},
            {"token_uri", "https://oauth2.googleapis.com/token"},
            {"universe_domain", "googleapis.com"}};
}

/// Decodes base64url; strictness is not needed here.
std::string decoded(std::string text) {
    for (char& c : text) c = c == '-' ? '+' : (c == '_' ? '/' : c);
    while (text.size() % 4 != 0) text += '=';
    return encoding::decode_base64(text).value();
}

std::vector<std::string> parts_of(const std::string& assertion) {
    const std::size_t first = assertion.find('.');
    const std::size_t second = assertion.find('.', first + 1);
    REQUIRE(second != std::string::npos);
    return {assertion.substr(0, first), assertion.substr(first + 1, second - first - 1),
            assertion.substr(second + 1)};
}

TEST_CASE("the key file of a service account is read") {
    const auto account = parse_service_account(json::serialize(key_file()));
    REQUIRE(account);
    CHECK(account->project_id == "chat-1");
    CHECK(account->client_email == "push@chat-1.iam.gserviceaccount.com");
    CHECK(account->private_key_id == "0123456789abcdef");
    CHECK(account->private_key == test::kRsaTestKey);
    CHECK(account->token_uri == "https://oauth2.googleapis.com/token");

    // A stand-in replaces Google.
    json::object file = key_file();
    file["token_uri"] = "http://127.0.0.1:8080/token";
    file.erase("project_id");
    file.erase("private_key_id");
    const auto plain = parse_service_account(json::serialize(file));
    REQUIRE(plain);
    CHECK(plain->project_id.empty());
}

TEST_CASE("an invalid file gives an error on one line, without quoting it") {
    for (const std::string& text :
         {std::string(), std::string("secret"), std::string("[]"), std::string("{\"type\":"),
          std::string("{}x"), std::string("\xff"), "{\"a\":\"" + std::string(300'000, 'a') + "\"}",
          std::string(100'000, '[')}) {
        const auto account = parse_service_account(text);
        REQUIRE_FALSE(account);
        CHECK(account.error().code == ErrorCode::validation_error);
        CHECK(std::get<std::string>(account.error().detail("field")->value) == "service_account");
        CHECK(account.error().message == "the service account file is not a JSON object");
    }
}

TEST_CASE("a missing or invalid member is named") {
    struct Case {
        std::string name;
        std::vector<std::string> values;  ///< JSON
    };
    for (const Case& each : std::vector<Case>{
             {"type", {"null", R"("authorized_user")", "1"}},
             {"client_email", {"null", R"("")", R"("push")", R"("a b@c")", R"("a@b\n")", "5"}},
             {"private_key", {"null", R"("")", "[]"}},
             {"token_uri",
              {"null", R"("")", R"("oauth2.googleapis.com")", R"("ftp://example.com")", R"("https://")",
               R"("https://a b")", R"("https://a\n")"}},
             {"project_id", {R"("a/b")", R"("..")", R"("a b")", "\"" + std::string(101, 'a') + "\""}},
         }) {
        const std::string& member = each.name;
        for (const std::string& value : each.values) {
            json::object file = key_file();
            file[member] = json::parse(value);
            CAPTURE(member);
            const auto account = parse_service_account(json::serialize(file));
            REQUIRE_FALSE(account);
            CHECK(std::get<std::string>(account.error().detail("field")->value) == member);
            CHECK(account.error().message.find("PRIVATE KEY-----") == std::string::npos);
            CHECK(account.error().message.find('\n') == std::string::npos);
        }
    }
}

TEST_CASE("an assertion is for messaging, for an hour, in the account's name") {
    const auto account = parse_service_account(json::serialize(key_file()));
    REQUIRE(account);
    const auto crypto = openssl_crypto();
    const auto key = crypto->load_rs256_key(account->private_key);
    REQUIRE(key);
    const auto assertion = make_assertion(*account, **key, *Timestamp::parse("2026-01-31T08:15:00.900Z"));
    REQUIRE(assertion);

    const auto parts = parts_of(*assertion);
    CHECK(json::parse(decoded(parts[0])) ==
          json::value({{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "0123456789abcdef"}}));
    CHECK(json::parse(decoded(parts[1])) ==
          json::value({{"iss", "push@chat-1.iam.gserviceaccount.com"},
                       {"scope", "https://www.googleapis.com/auth/firebase.messaging"},
                       {"aud", "https://oauth2.googleapis.com/token"},
                       {"iat", 1769847300},
                       {"exp", 1769850900}}));
    CHECK(decoded(parts[2]) == (*key)->sign(parts[0] + "." + parts[1]).value());
    CHECK(assertion->find('=') == std::string::npos);
}

TEST_CASE("a key that cannot sign makes no assertion") {
    class Broken : public Rs256Key {
      public:
        Result<std::string> sign(std::string_view) override { return Error(ErrorCode::internal, "broken"); }
    };
    Broken key;
    const auto account = parse_service_account(json::serialize(key_file()));
    REQUIRE(account);
    const auto assertion = make_assertion(*account, key, Timestamp{0});
    REQUIRE_FALSE(assertion);
    CHECK(assertion.error().message == "broken");
}

}  // namespace
}  // namespace cariosan::fcm
