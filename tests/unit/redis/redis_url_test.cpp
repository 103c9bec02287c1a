#include "adapters/redis/redis_url.hpp"

#include <doctest/doctest.h>

#include <cariosan/adapters/redis.hpp>
#include <string>

namespace cariosan::redis {
namespace {

Address address_of(const std::string& url) {
    const auto address = parse_url(url);
    REQUIRE_MESSAGE(address, url);
    return *address;
}

std::string refusal_of(const std::string& url) {
    const auto address = parse_url(url);
    REQUIRE_FALSE_MESSAGE(address, url);
    CHECK(address.error().code == ErrorCode::misuse);
    return address.error().message;
}

}  // namespace

TEST_CASE("a URL names host and port and database and account") {
    const Address plain = address_of("redis://cache.internal");
    CHECK(plain.host == "cache.internal");
    CHECK(plain.port == 6379);
    CHECK(plain.database == 0);
    CHECK(plain.user.empty());
    CHECK(plain.password.empty());
    const Address full = address_of("redis://chat:p%40ss%3aword@10.0.0.1:6380/12");
    CHECK(full.host == "10.0.0.1");
    CHECK(full.port == 6380);
    CHECK(full.database == 12);
    CHECK(full.user == "chat");
    CHECK(full.password == "p@ss:word");
    CHECK(address_of("redis://:only@host/").password == "only");
    CHECK(address_of("redis://only@host/").password == "only");
    CHECK(address_of("redis://a:raw@sign@host").password == "raw@sign");
    CHECK(address_of("redis://[::1]:7000").host == "::1");
    CHECK(address_of("redis://[::1]:7000").port == 7000);
}

TEST_CASE("a URL may name a socket") {
    CHECK(address_of("unix:/run/redis.sock").socket == "/run/redis.sock");
    CHECK(address_of("unix:///run/redis.sock").socket == "/run/redis.sock");
    const Address full = address_of("unix://me:secret@/run/redis.sock?db=3");
    CHECK(full.socket == "/run/redis.sock");
    CHECK(full.user == "me");
    CHECK(full.password == "secret");
    CHECK(full.database == 3);
}

TEST_CASE("a wrong URL is refused in words that do not show it") {
    for (const char* wrong :
         {"", "cache:6379", "http://hunter2", "redis:hunter2", "redis://", "redis://:hunter2@", "redis://hunter2@:6379", "redis://hunter2:70000",
          "redis://hunter2:0", "redis://hunter2:", "redis://hunter2:12a", "redis://hunter2/x", "redis://hunter2/-1", "redis://hunter2?tls=1",
          "redis://hunter2#a", "redis://[::1", "redis://hunter2%4@host", "redis://hunter2%00@host", "redis://user:@host", "redis://ho st",
          "unix:hunter2", "unix:/hunter2?database=1", "unix:/hunter2?db=", "redis://[::1]hunter2"}) {
        CHECK(refusal_of(wrong).find("hunter2") == std::string::npos);
    }
    CHECK(refusal_of("unix:/" + std::string(200, 'a')).find("107 bytes") != std::string::npos);
}

TEST_CASE("TLS is refused in plain words") {
    CHECK(refusal_of("rediss://:hunter2@host").find("no TLS for Redis") != std::string::npos);
    CHECK(refusal_of("rediss://:hunter2@host").find("hunter2") == std::string::npos);
}

TEST_CASE("a prefix has no characters with a meaning of their own") {
    CHECK(open_redis({.url = "redis://host", .prefix = "shop-1:chat"}));
    for (const std::string& wrong : {std::string(), std::string("a*"), std::string("a b"), std::string(65, 'a')}) {
        CHECK_FALSE(open_redis({.url = "redis://host", .prefix = wrong}));
    }
}

}  // namespace cariosan::redis
