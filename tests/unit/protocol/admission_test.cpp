// What decides whether a request is admitted before it is processed: origins, addresses, buckets, offers.
#include <doctest/doctest.h>

#include "protocol/rest/authentication.hpp"
#include "protocol/rest/client_address.hpp"
#include "protocol/rest/cors.hpp"

namespace cariosan::protocol {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

HttpRequest request_from(std::string origin, std::string host, bool secure = false) {
    HttpRequest request;
    request.method = "GET";
    request.target = "/v1/ws";
    request.secure = secure;
    if (!host.empty()) request.headers.push_back({"Host", std::move(host)});
    if (!origin.empty()) request.headers.push_back({"Origin", std::move(origin)});
    return request;
}

std::string header_of(const HttpResponse& response, std::string_view name) {
    for (const HttpHeader& header : response.headers) {
        if (header.name == name) return header.value;
    }
    return "";
}

TEST_CASE("a WebSocket may only be opened by our own pages and listed origins") {
    const Origins none({});
    CHECK(none.admits_socket(request_from("", "chat.example"), ""));
    CHECK(none.admits_socket(request_from("http://chat.example", "chat.example"), ""));
    CHECK(none.admits_socket(request_from("http://chat.example:8080", "chat.example:8080"), ""));
    CHECK(none.admits_socket(request_from("http://chat.example:80", "chat.example"), ""));
    CHECK(none.admits_socket(request_from("https://chat.example", "chat.example:443"), ""));
    CHECK(none.admits_socket(request_from("https://chat.example", "Chat.Example", true), ""));
    CHECK_FALSE(none.admits_socket(request_from("http://chat.example", "chat.example", true), ""));
    CHECK_FALSE(none.admits_socket(request_from("http://evil.example", "chat.example"), ""));
    CHECK_FALSE(none.admits_socket(request_from("http://chat.example.evil", "chat.example"), ""));
    CHECK_FALSE(none.admits_socket(request_from("http://chat.example:81", "chat.example"), ""));
    CHECK_FALSE(none.admits_socket(request_from("null", "chat.example"), ""));
    CHECK_FALSE(none.admits_socket(request_from("ftp://chat.example", "chat.example"), ""));
    CHECK_FALSE(none.admits_socket(request_from("http://", ""), ""));

    const Origins listed({"https://app.example"});
    CHECK(listed.admits_socket(request_from("https://app.example", "chat.example"), ""));
    CHECK_FALSE(listed.admits_socket(request_from("https://app.example.evil", "chat.example"), ""));
    HttpRequest two = request_from("https://app.example", "chat.example");
    two.headers.push_back({"Origin", "https://app.example"});
    CHECK_FALSE(listed.admits_socket(two, ""));

    CHECK(Origins({"*"}).admits_socket(request_from("null", "chat.example"), ""));
}

TEST_CASE("a listed origin may include all subdomains") {
    const Origins origins({"https://*.shop.example", "http://*.dev.example:3000"});
    const auto admits = [&](const char* origin) { return origins.admits_socket(request_from(origin, "chat.example"), ""); };
    for (const char* origin : {"https://a.shop.example", "https://A.b.SHOP.example", "https://x-1.shop.example", "http://a.dev.example:3000"}) {
        CAPTURE(origin);
        CHECK(admits(origin));
        HttpResponse response;
        origins.decorate(request_from(origin, "x"), response);
        CHECK(header_of(response, "Access-Control-Allow-Origin") == origin);
    }
    for (const char* origin :
         {"https://shop.example", "http://a.shop.example", "https://a.shop.example:444", "https://ashop.example", "https://.shop.example",
          "https://a..shop.example", "https://a..b.shop.example", "https://..shop.example",
          "https://a.shop.example.evil", "https://evil/.shop.example", "https://evil?.shop.example", "https://evil@a.shop.example",
          "https://evil:1.shop.example", "https://*.shop.example", "http://a.dev.example", "https://", "null", ""}) {
        CAPTURE(origin);
        if (*origin != '\0') CHECK_FALSE(admits(origin));
        HttpResponse response;
        origins.decorate(request_from(origin, "x"), response);
        CHECK(header_of(response, "Access-Control-Allow-Origin").empty());
    }
}

TEST_CASE("behind a trusted proxy, the host that the browser requested counts") {
    const TrustedProxies proxies = TrustedProxies::parse({"10.0.0.0/8"}).value();
    const auto host_of = [&](const char* address, std::vector<const char*> hosts) {
        HttpRequest request = request_from("https://chat.example", "127.0.0.1:8080");
        request.remote_address = address;
        for (const char* host : hosts) request.headers.push_back({"X-Forwarded-Host", host});
        return std::string(proxies.forwarded_host(request));
    };
    CHECK(host_of("10.1.2.3", {"chat.example"}) == "chat.example");
    CHECK(host_of("192.0.2.1", {"chat.example"}) == "");
    CHECK(host_of("10.1.2.3", {}) == "");
    CHECK(host_of("10.1.2.3", {"evil.example, chat.example"}) == "chat.example");
    CHECK(host_of("10.1.2.3", {"evil.example", " chat.example "}) == "chat.example");

    const Origins none({});
    const HttpRequest request = request_from("https://chat.example", "127.0.0.1:8080");
    CHECK_FALSE(none.admits_socket(request, ""));
    CHECK(none.admits_socket(request, "chat.example"));
    CHECK(none.admits_socket(request, "chat.example:443"));
    CHECK_FALSE(none.admits_socket(request, "other.example"));
    CHECK(none.admits_socket(request_from("https://chat.example", "chat.example"), "other.example"));
}

TEST_CASE("only listed origins get CORS headers") {
    HttpResponse response;
    Origins({}).decorate(request_from("https://app.example", "x"), response);
    CHECK(response.headers.empty());

    const Origins listed({"https://app.example"});
    listed.decorate(request_from("https://app.example", "x"), response);
    CHECK(header_of(response, "Access-Control-Allow-Origin") == "https://app.example");
    CHECK(header_of(response, "Vary") == "Origin");
    CHECK(header_of(response, "Access-Control-Allow-Credentials").empty());

    HttpResponse other;
    listed.decorate(request_from("https://evil.example", "x"), other);
    CHECK(header_of(other, "Access-Control-Allow-Origin").empty());
    CHECK(header_of(other, "Vary") == "Origin");

    HttpResponse any;
    Origins({"*"}).decorate(request_from("https://evil.example", "x"), any);
    CHECK(header_of(any, "Access-Control-Allow-Origin") == "*");
    // A head whose origin could not be parsed.
    HttpResponse early;
    Origins({"*"}).decorate({}, early);
    CHECK(header_of(early, "Access-Control-Allow-Origin") == "*");
}

TEST_CASE("addresses are parsed in all their forms") {
    CHECK(parse_address("192.0.2.1") == parse_address("::ffff:192.0.2.1"));
    CHECK(parse_address("192.0.2.1:8080") == parse_address("192.0.2.1"));
    CHECK(parse_address("[2001:db8::1]:80") == parse_address("2001:db8:0::1"));
    CHECK(parse_address("fe80::1%eth0") == parse_address("fe80::1"));
    for (const std::string_view bad :
         {"", "unknown", "1.2.3", "1.2.3.4.5", "256.1.1.1", "[", "[]", ":::", "_hidden"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_address(bad));
    }
}

TEST_CASE("only trusted proxies can say who the client is") {
    const auto key = [](const TrustedProxies& proxies, std::string remote, std::string forwarded) {
        HttpRequest request;
        request.remote_address = std::move(remote);
        if (!forwarded.empty()) request.headers.push_back({"X-Forwarded-For", std::move(forwarded)});
        return proxies.client_key(request);
    };
    const auto none = TrustedProxies::parse({});
    REQUIRE(none);
    const auto proxies = TrustedProxies::parse({"10.0.0.0/8", "2001:db8::/32", "192.0.2.7"});
    REQUIRE(proxies);
    const std::string client = key(*none, "203.0.113.9", "");

    CHECK(key(*none, "203.0.113.9", "1.1.1.1") == client);
    CHECK(key(*proxies, "203.0.113.9", "1.1.1.1") == client);
    CHECK(key(*proxies, "10.1.2.3", "203.0.113.9") == client);
    CHECK(key(*proxies, "10.1.2.3", "6.6.6.6, 203.0.113.9, 10.9.9.9") == client);
    CHECK(key(*proxies, "192.0.2.7", "203.0.113.9") == client);
    CHECK(key(*proxies, "192.0.2.8", "203.0.113.9") != client);
    CHECK(key(*proxies, "2001:db8:1::1", "203.0.113.9:4711") == client);
    CHECK(key(*proxies, "10.1.2.3", "203.0.113.9, nonsense") == key(*none, "10.1.2.3", ""));
    CHECK(key(*proxies, "10.1.2.3", "10.4.4.4") == key(*none, "10.4.4.4", ""));
    // A client with version 6 owns a whole /64.
    CHECK(key(*none, "2a00:1:2:3::1", "") == key(*none, "2a00:1:2:3:ffff::2", ""));
    CHECK(key(*none, "2a00:1:2:3::1", "") != key(*none, "2a00:1:2:4::1", ""));

    for (const std::string& bad :
         {std::string("10.0.0.0/33"), std::string("10.0.0.0/"), std::string("10.0.0.0/-1"), std::string("x"),
          std::string("::/129"), std::string("")}) {
        CAPTURE(bad);
        CHECK(TrustedProxies::parse({bad}).error().code == ErrorCode::misuse);
    }
}

TEST_CASE("a WebSocket offer contains one token") {
    const auto offer = [](std::string value) {
        HttpRequest request;
        request.headers.push_back({"sec-websocket-protocol", std::move(value)});
        return parse_socket_offer(request);
    };
    CHECK(offer("cariosan.jwt.abc")->token == "abc");
    CHECK(offer("cariosan.jwt.abc")->answer == "cariosan.jwt.abc");
    CHECK(offer("cariosan.v1, cariosan.jwt.abc")->answer == "cariosan.v1");
    CHECK(offer("cariosan.jwt.abc ,cariosan.v1")->answer == "cariosan.v1");
    CHECK_FALSE(offer("cariosan.v1"));
    CHECK_FALSE(offer("cariosan.jwt.a, cariosan.jwt.b"));
    CHECK_FALSE(offer(""));
    CHECK_FALSE(parse_socket_offer(HttpRequest{}));
    CHECK_FALSE(offers_version(HttpRequest{}));
    HttpRequest versioned;
    versioned.headers.push_back({"Sec-WebSocket-Protocol", "cariosan.v1"});
    CHECK(offers_version(versioned));
    versioned.headers.back().value = "cariosan.jwt.cariosan.v1";
    CHECK_FALSE(offers_version(versioned));
}

TEST_CASE("keys are cached for a moment, valid and invalid ones separately, and with a bound") {
    using Verdict = ApiKeyCache::Verdict;
    ApiKeyCache cache;
    const WorkspaceId workspace = *WorkspaceId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
    const auto digest = [](std::uint8_t kind, std::size_t i) {
        Digest out{};
        out[0] = kind;
        out[1] = static_cast<std::uint8_t>(i);
        out[2] = static_cast<std::uint8_t>(i >> 8U);
        return out;
    };
    const Digest key = digest(7, 0);
    CHECK(cache.find(key, milliseconds(0)).verdict == Verdict::unknown);
    cache.put_right(key, workspace, milliseconds(0));
    CHECK(cache.find(key, milliseconds(1999)).verdict == Verdict::right);
    CHECK(cache.find(key, milliseconds(1999)).workspace == workspace);
    CHECK(cache.find(key, milliseconds(2000)).verdict == Verdict::stale);
    for (std::size_t i = 0; i < 5 * ApiKeyCache::kMaxKeys; ++i) cache.put_wrong(digest(8, i), milliseconds(2000));
    CHECK(cache.find(digest(8, 5 * ApiKeyCache::kMaxKeys - 1), milliseconds(2000)).verdict == Verdict::wrong);
    CHECK(cache.find(digest(8, 0), milliseconds(2000)).verdict == Verdict::unknown);
    CHECK(cache.find(digest(8, 5 * ApiKeyCache::kMaxKeys - 1), milliseconds(6000)).verdict == Verdict::unknown);
    CHECK(cache.find(key, milliseconds(3600'000)).verdict == Verdict::stale);
    cache.put_wrong(key, milliseconds(6000));
    CHECK(cache.find(key, milliseconds(6000)).verdict == Verdict::wrong);
    for (std::size_t i = 0; i < ApiKeyCache::kMaxKeys + 1; ++i) cache.put_right(digest(9, i), workspace, milliseconds(0));
    CHECK(cache.find(digest(9, 0), milliseconds(0)).verdict == Verdict::unknown);
}

}  // namespace
}  // namespace cariosan::protocol
