#include "transport/websocket/websocket_handshake.hpp"

#include <doctest/doctest.h>

#include <string>

#include "encoding/ascii.hpp"

using namespace cariosan;
using namespace cariosan::transport;

namespace {

constexpr const char* kKey = "dGhlIHNhbXBsZSBub25jZQ==";

ParsedRequest handshake() {
    ParsedRequest parsed;
    parsed.http_1_1 = true;
    parsed.request.method = "GET";
    parsed.request.target = "/v1/ws";
    parsed.request.headers = {{"Host", "x"},
                              {"upgrade", "WebSocket"},
                              {"Connection", "keep-alive, Upgrade"},
                              {"Sec-WebSocket-Key", kKey},
                              {"Sec-WebSocket-Version", "13"}};
    return parsed;
}

int status_of(const ParsedRequest& parsed) {
    const auto fault = check_handshake(parsed);
    return fault ? fault->status : 101;
}

int status_with(const std::string& name, const std::string& value) {
    ParsedRequest parsed = handshake();
    for (HttpHeader& header : parsed.request.headers) {
        if (encoding::equal_ignoring_case(header.name, name)) header.value = value;
    }
    return status_of(parsed);
}

int status_without(const std::string& name) {
    ParsedRequest parsed = handshake();
    std::erase_if(parsed.request.headers,
                  [&](const HttpHeader& header) { return encoding::equal_ignoring_case(header.name, name); });
    return status_of(parsed);
}

}  // namespace

TEST_CASE("handshake: the example of RFC 6455, section 1.3") {
    CHECK(websocket_accept(kKey) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(status_of(handshake()) == 101);
    CHECK(switching_protocols(handshake().request, "cariosan.v1") ==
          "HTTP/1.1 101 Switching Protocols\r\n"
          "Upgrade: websocket\r\n"
          "Connection: Upgrade\r\n"
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
          "Sec-WebSocket-Protocol: cariosan.v1\r\n\r\n");
    const std::string plain = switching_protocols(handshake().request, "");
    CHECK(plain.find("Protocol:") == std::string::npos);
    CHECK(switching_protocols(handshake().request, "a\r\nSet-Cookie: b").find("Cookie") == std::string::npos);
}

TEST_CASE("handshake: which requests are upgrades") {
    HttpRequest request{.method = "GET", .target = "/v1/ws"};
    CHECK(is_websocket_target(request));
    request.target = "/v1/ws?x=1";
    CHECK(is_websocket_target(request));
    request.target = "/v1/ws/";
    CHECK_FALSE(is_websocket_target(request));
    request.target = "/v1/wsx";
    CHECK_FALSE(is_websocket_target(request));
    request = {.method = "POST", .target = "/v1/ws"};
    CHECK_FALSE(is_websocket_target(request));
}

TEST_CASE("handshake: an invalid upgrade is refused with 400 or 426") {
    CHECK(status_without("Upgrade") == 426);
    CHECK(status_without("Connection") == 426);
    CHECK(status_with("Upgrade", "h2c") == 426);
    CHECK(status_with("Upgrade", "h2c, websocket") == 101);
    CHECK(status_with("Connection", "close") == 426);
    CHECK(status_without("Sec-WebSocket-Version") == 426);
    CHECK(status_with("Sec-WebSocket-Version", "8") == 426);
    CHECK(status_with("Sec-WebSocket-Version", "013") == 426);
    CHECK(status_without("Sec-WebSocket-Key") == 400);
    for (const char* key :
         {"", "short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25jZR==",
          "dGhlIHNhbXBsZSBub25jZ!==", "dGhlIHNhbXBsZSBub25jZQAA"}) {
        CAPTURE(key);
        CHECK(status_with("Sec-WebSocket-Key", key) == 400);
    }
    ParsedRequest twice = handshake();
    twice.request.headers.push_back({"Sec-WebSocket-Key", kKey});
    CHECK(status_of(twice) == 400);
    ParsedRequest old = handshake();
    old.http_1_1 = false;
    CHECK(status_of(old) == 400);
    ParsedRequest body = handshake();
    body.has_body = true;
    CHECK(status_of(body) == 400);
}
