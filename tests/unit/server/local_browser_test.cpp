#include <doctest/doctest.h>

#include "local_browser.hpp"

using namespace cariosan;
using namespace cariosan::server;

namespace {

HttpRequest from(const char* address, std::vector<HttpHeader> headers = {{"Host", "localhost:8080"}}) {
    return {.method = "GET",
            .target = "/demo.json",
            .headers = std::move(headers),
            .body = "",
            .remote_address = address};
}

/// A request from this machine with one more header.
bool is_local_with(std::string name, std::string value) {
    return is_local_browser(from("127.0.0.1", {{"Host", "localhost:8080"}, {std::move(name), std::move(value)}}));
}

bool is_local_for(std::string host) { return is_local_browser(from("127.0.0.1", {{"host", std::move(host)}})); }

}  // namespace

TEST_CASE("a local browser connects from a loopback address") {
    for (const char* address : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
        CAPTURE(address);
        CHECK(is_local_browser(from(address)));
    }
    for (const char* address : {"192.0.2.1", "128.0.0.1", "10.0.0.1", "::2", "::ffff:10.0.0.1", "fe80::1", "127.evil", "127.0.0.1.evil",
                                "::1:1", ""}) {
        CAPTURE(address);
        CHECK_FALSE(is_local_browser(from(address)));
    }
}

TEST_CASE("a local browser requests a loopback host, so that no other name can be pointed here") {
    for (const char* host : {"localhost", "LocalHost:1", "localhost:65535", "127.0.0.1", "127.0.0.1:8080", "127.255.0.9:80", "[::1]",
                             "[::1]:8080"}) {
        CAPTURE(host);
        CHECK(is_local_for(host));
        CHECK(is_for_loopback_host(from("192.0.2.1", {{"HOST", host}, {"Via", "1.1 proxy"}})));
    }
    for (const char* host :
         {"evil.example", "evil.example:8080", "localhost.evil.example", "evil-localhost", "127.0.0.1.evil.example", "127.evil",
          "127.1", "0.0.0.0", "0", "2130706433", "0x7f.0.0.1", "192.168.1.5:8080", "[::2]", "[::ffff:127.0.0.1]", "[::1].evil", "::1",
          "[::1", "localhost:", "localhost:x", "localhost:123456", "user@localhost", "localhost@evil.example", "localhost evil",
          "localhost/", "localhost,evil.example", ""}) {
        CAPTURE(host);
        CHECK_FALSE(is_local_for(host));
        CHECK_FALSE(is_for_loopback_host(from("127.0.0.1", {{"Host", host}})));
    }
    CHECK_FALSE(is_local_browser(from("127.0.0.1", {})));
    CHECK_FALSE(is_local_browser(from("127.0.0.1", {{"Host", "localhost"}, {"Host", "evil.example"}})));
}

TEST_CASE("a page from another host is not local") {
    CHECK(is_local_with("Origin", "http://localhost:3000"));
    CHECK(is_local_with("Origin", "https://127.0.0.1"));
    CHECK(is_local_with("Referer", "http://[::1]:8080/app?x#y"));
    for (const char* site : {"none", "same-origin", "same-site"}) CHECK(is_local_with("Sec-Fetch-Site", site));
    for (const char* site : {"cross-site", "Cross-Site", "", "same-origin, cross-site"}) CHECK_FALSE(is_local_with("sec-fetch-site", site));
    for (const char* origin : {"null", "", "https://evil.example", "http://localhost.evil.example", "http://localhost@evil.example",
                               "file://localhost", "localhost", "chrome-extension://abcdef"}) {
        CAPTURE(origin);
        CHECK_FALSE(is_local_with("origin", origin));
        CHECK_FALSE(is_local_with("referer", origin));
    }
}

TEST_CASE("a header that only proxies send is not local, whatever its value") {
    for (const char* name :
         {"X-Forwarded-For", "x-forwarded-for", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server",
          "X-Forwarded", "Forwarded", "Forwarded-For", "Via", "X-Real-IP", "True-Client-IP", "X-Client-IP", "X-Cluster-Client-IP",
          "Client-IP", "Proxy-Client-IP", "WL-Proxy-Client-IP", "CF-Connecting-IP", "CF-Connecting-IPv6", "CF-Ray", "CF-Visitor",
          "CF-IPCountry", "CDN-Loop", "Fastly-Client-IP", "Fastly-FF", "Fly-Client-IP", "Fly-Forwarded-Port", "X-Azure-ClientIP",
          "X-Appengine-User-IP", "X-Amzn-Trace-Id", "X-Amz-Cf-Id", "CloudFront-Viewer-Address", "Akamai-Origin-Hop", "Ali-CDN-Real-IP",
          "X-Envoy-External-Address", "X-Original-Forwarded-For", "X-Original-Host", "X-Original-URL", "X-Host", "X-ProxyUser-Ip",
          "X-Varnish", "X-Request-Id", "X-Scheme", "Front-End-Https", "Max-Forwards", "Proxy-Connection", "Proxy-Authorization",
          "Remote-Addr", "Remote-User", "Surrogate-Capability", "Tailscale-User-Login", "Ngrok-Trace", "traceparent", "X-Nobody-Knows"}) {
        CAPTURE(name);
        CHECK_FALSE(is_local_with(name, "127.0.0.1"));
        CHECK_FALSE(is_local_with(name, ""));
    }
}

TEST_CASE("headers that browsers and command-line clients send by themselves are accepted") {
    const auto all = [](std::vector<HttpHeader> headers) { return is_local_browser(from("::1", std::move(headers))); };
    CHECK(all({{"Host", "localhost:8080"}, {"User-Agent", "curl/8.5.0"}, {"Accept", "*/*"}}));
    CHECK(all({{"host", "127.0.0.1:8080"},
               {"connection", "keep-alive"},
               {"sec-ch-ua", "\"Chromium\";v=\"130\""},
               {"sec-ch-ua-mobile", "?0"},
               {"sec-ch-ua-platform", "\"Linux\""},
               {"user-agent", "Mozilla/5.0"},
               {"accept", "*/*"},
               {"sec-fetch-site", "same-origin"},
               {"sec-fetch-mode", "cors"},
               {"sec-fetch-dest", "empty"},
               {"sec-gpc", "1"},
               {"accept-encoding", "gzip, deflate, br, zstd"},
               {"accept-language", "id,en;q=0.9"},
               {"cookie", "a=b"},
               {"dnt", "1"},
               {"priority", "u=4"},
               {"te", "trailers"},
               {"cache-control", "no-cache"},
               {"pragma", "no-cache"},
               {"upgrade-insecure-requests", "1"},
               {"if-none-match", "\"x\""}}));
}
