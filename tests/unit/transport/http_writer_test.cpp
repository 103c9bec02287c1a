#include "transport/http/http_writer.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cariosan;
using namespace cariosan::transport;

namespace {
constexpr const char* kDate = "Sun, 06 Nov 1994 08:49:37 GMT";
}

TEST_CASE("http writer: a response") {
    HttpResponse response{.status = 201, .headers = {{"Content-Type", "application/json"}}, .body = "{}"};
    CHECK(response_head(response, {}, kDate) ==
          "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
          "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
    CHECK(response_head({}, {.keep_alive = false}, kDate) ==
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: "
          "close\r\n\r\n");
    CHECK(response_head({}, {.http_1_1 = false}, kDate).find("Connection: keep-alive\r\n") !=
          std::string::npos);
    CHECK(response_head({}, {.idle_limit = std::chrono::seconds(75)}, kDate).find(
              "Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n") != std::string::npos);
    CHECK(response_head({}, {.keep_alive = false, .idle_limit = std::chrono::seconds(75)}, kDate).find("Keep-Alive") ==
          std::string::npos);
}

TEST_CASE("http writer: no length without a body, an upgrade option with 426") {
    CHECK(response_head({.status = 204}, {}, kDate).find("Content-Length") == std::string::npos);
    CHECK(response_head({.status = 304}, {}, kDate).find("Content-Length") == std::string::npos);
    CHECK_FALSE(status_has_body(204));
    CHECK(status_has_body(200));
    CHECK(response_head({.status = 426}, {}, kDate).find("Connection: Upgrade\r\n") != std::string::npos);
}

TEST_CASE("http writer: fields that would break the framing are omitted") {
    HttpResponse response;
    response.headers = {{"X-A", "1\r\nX-Evil: 2"},
                        {"X B", "3"},
                        {"", "4"},
                        {"content-length", "99"},
                        {"Transfer-Encoding", "chunked"},
                        {"X-C", std::string("5\0", 2)},
                        {"X-D", "kept"}};
    const std::string head = response_head(response, {}, kDate);
    CHECK(head ==
          "HTTP/1.1 200 OK\r\nX-D: kept\r\nContent-Length: 0\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

TEST_CASE("http writer: dates") {
    CHECK(http_date(784111777) == kDate);
    CHECK(http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK(http_date(1709164800) == "Thu, 29 Feb 2024 00:00:00 GMT");
}
