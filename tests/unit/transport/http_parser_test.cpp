#include "transport/http/http_parser.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "encoding/ascii.hpp"

using namespace cariosan;
using namespace cariosan::transport;

namespace {

const HttpLimits kLimits{.head_bytes = 512, .head_fields = 8, .body_bytes = 100};

std::string describe(const ParsedRequest& parsed) {
    std::string text = parsed.request.method + " " + parsed.request.target;
    for (const HttpHeader& header : parsed.request.headers)
        text += " [" + header.name + "=" + header.value + "]";
    if (!parsed.http_1_1) text += " 1.0";
    if (!parsed.keep_alive) text += " close";
    if (parsed.expect_continue) text += " expect";
    if (parsed.has_body) text += " {" + parsed.request.body + "}";
    return text;
}

/// All requests in the pieces, one per line; a refusal is its status name and ends the list.
std::string parse(const std::vector<std::string>& pieces, const HttpLimits& limits = kLimits) {
    HttpParser parser(limits);
    std::string found;
    bool announced = false;
    for (const std::string& piece : pieces) {
        std::string_view input = piece;
        while (true) {
            const HttpEvent event = parser.next(input);
            if (event == HttpEvent::need_more) break;
            if (event == HttpEvent::refused) return found + std::string(to_string(parser.error().code));
            if (event == HttpEvent::head) {
                CHECK_FALSE(announced);
                CHECK(parser.known().body.empty());
                announced = true;
                continue;
            }
            const ParsedRequest parsed = parser.take();
            CHECK(announced == parsed.has_body);
            announced = false;
            found += describe(parsed) + "\n";
        }
        REQUIRE(input.empty());
    }
    return parser.started() ? found + "incomplete" : found;
}

/// Checks that the result is the same for the whole, byte by byte, and split in two at every position.
void check(const std::string& bytes, const std::string& expected, const HttpLimits& limits = kLimits) {
    CAPTURE(bytes);
    CHECK(parse({bytes}, limits) == expected);
    std::vector<std::string> single;
    for (const char c : bytes) single.emplace_back(1, c);
    CHECK(parse(single, limits) == expected);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        const std::string found = parse({bytes.substr(0, cut), bytes.substr(cut)}, limits);
        if (found != expected) FAIL("cut at " << cut << ": " << found);
    }
}

const std::string kBad = "VALIDATION_ERROR";
const std::string kHost = "Host: x\r\n";

void check_bad(const std::string& bytes) { check(bytes, kBad); }

}  // namespace

namespace {

/// What is known about a request that was refused or is incomplete: the fields that its refusal needs.
std::string known(const std::string& bytes) {
    HttpParser parser(kLimits);
    std::string_view input = bytes;
    HttpEvent event = parser.next(input);
    if (event == HttpEvent::head) event = parser.next(input);
    CHECK((event == HttpEvent::refused || event == HttpEvent::need_more));
    std::string text;
    for (const HttpHeader& header : parser.known().headers) {
        if (encoding::equal_ignoring_case(header.name, "Origin") || encoding::equal_ignoring_case(header.name, "X-Request-Id")) {
            text += "[" + header.name + "=" + header.value + "]";
        }
    }
    return text;
}

}  // namespace

TEST_CASE("http parser: what is known about a head that was not understood") {
    const std::string line = "GET / HTTP/1.1\r\n";
    const std::string origin = "Origin: https://shop.example\r\n";
    const std::string found = "[Origin=https://shop.example]";
    CHECK(known("") == "");
    CHECK(known("GET / HT") == "");
    CHECK(known(line + origin) == found);
    CHECK(known(line + "origin:\t https://shop.example \t\r\nx-request-id: 7\r\n") ==
          "[origin=https://shop.example][x-request-id=7]");
    CHECK(known(line + "Origin:\r\n") == "[Origin=]");
    // Half a line may contain half an origin.
    CHECK(known(line + "Origin: https://shop.example") == "");
    // Too large, before and after the origin's place in the head; too many fields.
    CHECK(known(line + origin + "X: " + std::string(600, 'x')) == found);
    CHECK(known(line + "X: " + std::string(480, 'x') + "\r\n" + origin + "\r\n") == found);
    CHECK(known(line + "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\nF: 1\r\nG: 1\r\nH: 1\r\nI: 1\r\n" + origin) == found);
    // Malformed before and after it.
    for (const char* const fault : {" folded\r\n", "no colon\r\n", "X: \x01\r\n", "X: bare\n", "b@d name: 1\r\n",
                                     "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"}) {
        CAPTURE(fault);
        CHECK(known(line + origin + fault + kHost + "\r\n") == found);
        CHECK(known(line + fault + origin + kHost + "\r\n") == found);
    }
    CHECK(known("nonsense\r\n" + origin + kHost + "\r\n") == found);
    CHECK(known(line + kHost + origin + "Content-Length: 1000\r\n\r\n") == found);
    // Two origins are both passed on, so neither is believed. What follows the head is not part of it.
    CHECK(known("nonsense\r\n" + origin + origin + "\r\n" + origin) == found + found);
    CHECK(known("nonsense\r\n\r\n" + origin) == "");
}

TEST_CASE("http parser: requests") {
    check("", "");
    check("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / [Host=x]\n");
    check("GET /a?b=%20c&d HTTP/1.1\r\nhOST:x\r\nX-Empty:\r\nX-Space: \t a b \t\r\n\r\n",
          "GET /a?b=%20c&d [hOST=x] [X-Empty=] [X-Space=a b]\n");
    check("DELETE /x HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n",
          "DELETE /x [Host=x] [Connection=Close] close\n");
    check("GET / HTTP/1.0\r\n\r\n", "GET / 1.0 close\n");
    check("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET / [Connection=keep-alive] 1.0\n");
    check("GET / HTTP/1.1\r\nHost: x\r\nX: \xc3\xa9\r\n\r\n", "GET / [Host=x] [X=\xc3\xa9]\n");
    check("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / [Host=x]\n");
    check("GET / HTT", "incomplete");
    check("GET / HTTP/1.1\r\nHost: x\r\n\r", "incomplete");
}

TEST_CASE("http parser: an unknown method is passed on for the routes to refuse") {
    check("QUERY /x HTTP/1.1\r\nHost: x\r\n\r\n", "QUERY /x [Host=x]\n");
    check("get / HTTP/1.1\r\nHost: x\r\n\r\n", "get / [Host=x]\n");
    check("BREW /pot HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nokGET / HTTP/1.1\r\nHost: x\r\n\r\n",
          "BREW /pot [Host=x] [Content-Length=2] {ok}\nGET / [Host=x]\n");
}

TEST_CASE("http parser: bodies") {
    check("POST /m HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
          "POST /m [Host=x] [Content-Length=5] {hello}\n");
    check("POST /m HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
          "POST /m [Host=x] [Content-Length=0]\n");
    check("POST /m HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhell", "incomplete");
    check("GET /m HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n\r\n",
          "GET /m [Host=x] [Content-Length=2] {\r\n}\n");
    const std::string chunked = "POST /m HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n";
    const std::string found = "POST /m [Host=x] [Transfer-Encoding=Chunked] {";
    check(chunked + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", found + "hello world}\n");
    check(chunked + "0\r\n\r\n", found + "}\n");
    check(chunked + "00a\r\n0123456789\r\n000\r\n\r\n", found + "0123456789}\n");
    check(chunked + "2;name=value\r\nab\r\n0\r\n\r\n", found + "ab}\n");
    check(chunked + "2\r\nab\r\n0\r\nTrailer: taken\r\nAnd: dropped\r\n\r\n", found + "ab}\n");
    check("POST /m HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
          "POST /m [Host=x] [Expect=100-continue] [Content-Length=2] expect {hi}\n");
    check("GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
          "GET / [Host=x] [Expect=100-continue]\n");
}

TEST_CASE("http parser: pipelined requests") {
    check(
        "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
        "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        "POST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n"
        "\r\nPOST /4 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: u\r\n\r\n"
        "GET /5 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /1 [Host=x]\n"
        "POST /2 [Host=x] [Content-Length=3] {abc}\n"
        "POST /3 [Host=x] [Transfer-Encoding=chunked] {xyz}\n"
        "POST /4 [Host=x] [Transfer-Encoding=chunked] {}\n"
        "GET /5 [Host=x]\n");
}

TEST_CASE("http parser: an upgrade to another protocol is ignored") {
    const std::string upgrade = "Upgrade: h2c\r\nConnection: Upgrade\r\n";
    const std::string fields = " [Host=x] [Upgrade=h2c] [Connection=Upgrade]";
    check("GET / HTTP/1.1\r\nHost: x\r\n" + upgrade + "\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /" + fields + "\nGET /2 [Host=x]\n");
    check("POST / HTTP/1.1\r\nHost: x\r\n" + upgrade +
              "Content-Length: 2\r\n\r\nokGET /2 HTTP/1.1\r\nHost: x\r\n\r\n",
          "POST /" + fields + " [Content-Length=2] {ok}\nGET /2 [Host=x]\n");
}

TEST_CASE("http parser: targets") {
    check("GET http://example.org/a?b HTTP/1.1\r\nHost: other\r\n\r\n", "GET /a?b [Host=example.org]\n");
    check("GET HTTP://example.org?b HTTP/1.1\r\nHost: x\r\n\r\n", "GET /?b [Host=example.org]\n");
    check("GET http://example.org:8080 HTTP/1.1\r\nHost: x\r\n\r\n", "GET / [Host=example.org:8080]\n");
    check_bad("GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n");
    check_bad("GET http://user@example.org/a HTTP/1.1\r\nHost: x\r\n\r\n");
    check_bad("GET ftp://example.org/a HTTP/1.1\r\nHost: x\r\n\r\n");
    check_bad("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    check_bad("CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n");
    check_bad("GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n");
    check_bad("GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n");
    check_bad("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n");
}

TEST_CASE("http parser: invalid request lines") {
    check_bad("GET / HTTP/2.0\r\nHost: x\r\n\r\n");
    check_bad("GET / HTTP/1.2\r\nHost: x\r\n\r\n");
    check_bad("GET / HTTP/0.9\r\n\r\n");
    check_bad("GET / HTTP/1.1 \r\nHost: x\r\n\r\n");
    check_bad("GET /\r\n\r\n");
    check_bad("GET  / HTTP/1.1\r\nHost: x\r\n\r\n");
    check_bad(" GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    check_bad("GE(T / HTTP/1.1\r\nHost: x\r\n\r\n");
    check_bad("QUERY\r\nHost: x\r\n\r\n");
    check_bad("SOURCE / ICE/1.0\r\nHost: x\r\n\r\n");
    check_bad("OPTIONS / RTSP/1.0\r\nHost: x\r\n\r\n");
    check_bad("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    check_bad("HTTP/1.1 200 OK\r\n\r\n");
    check_bad("\x16\x03\x01\x02\x01\x01");  // a TLS handshake
}

TEST_CASE("http parser: requests that two servers could read differently are refused") {
    const std::string get = "GET / HTTP/1.1\r\n";
    const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
    check_bad(get + "\r\n");  // no Host
    check_bad(get + "Host: x\r\nHost: x\r\n\r\n");
    check_bad(get + "Host: x\n\r\n");  // bare LF
    check_bad("GET / HTTP/1.1\nHost: x\n\n");
    check_bad(get + "Host: x\r\r\n\r\n");  // bare CR
    check_bad(get + "Host: x\rX: y\r\n\r\n");
    check_bad(get + "Host: x\r\n folded\r\n\r\n");
    check_bad(get + "Host: x\r\n\tfolded\r\n\r\n");
    check_bad(get + "Host : x\r\n\r\n");  // space before the colon
    check_bad(get + kHost + "Content-Length : 5\r\n\r\nhello");
    check_bad(get + kHost + "No colon\r\n\r\n");
    check_bad(get + kHost + ": no name\r\n\r\n");
    check_bad(get + kHost + "X(y): z\r\n\r\n");
    check_bad(get + kHost + "X: a" + std::string(1, '\0') + "b\r\n\r\n");
    check_bad(get + kHost +
              "X: a\x01"
              "b\r\n\r\n");
    check_bad(get + kHost +
              "X: a\x7f"
              "b\r\n\r\n");
    check_bad(post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    check_bad(post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n");
    check_bad(post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello");
    check_bad(post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello");
    check_bad(post + "Content-Length: 5, 5\r\n\r\nhello");
    for (const char* length : {"", "+5", "-5", "5 5", "0x5", "5a", "five", "18446744073709551616"}) {
        check_bad(post + "Content-Length: " + length + "\r\n\r\nhello");
    }
    for (const char* coding :
         {"", "gzip", "identity", "gzip, chunked", "chunked, gzip", "chunked, chunked", "xchunked",
          "\x0b"
          "chunked",
          "chunked;q=1", "chunked,"}) {
        check_bad(post + "Transfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n");
    }
    check_bad(post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n");
    check_bad("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    check_bad(post + "Expect: something\r\nContent-Length: 2\r\n\r\nhi");
}

TEST_CASE("http parser: chunks that two servers could read differently are refused") {
    const std::string post = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const char* body : {"5\nhello\r\n0\r\n\r\n",
                             "5\r\nhello\n0\r\n\r\n",
                             "5\r\nhello0\r\n\r\n",
                             "5\r\nhello\r\n0\n\n",
                             "5\r\nhello\r\n0\r\n\n",
                             "5 \r\nhello\r\n0\r\n\r\n",
                             " 5\r\nhello\r\n0\r\n\r\n",
                             "-5\r\nhello\r\n0\r\n\r\n",
                             "0x5\r\nhello\r\n0\r\n\r\n",
                             "g\r\n",
                             "\r\nhello\r\n0\r\n\r\n",
                             "5\rhello\r\n0\r\n\r\n",
                             "10000000000000005\r\nhello\r\n0\r\n\r\n",
                             ";x\r\n\r\n",
                             "5\r\nhelloXX0\r\n\r\n",
                             "0\r\nT: u\n\r\n",
                             "0\r\n: u\r\n\r\n",
                             "0\r\nT : u\r\n\r\n",
                             "5;a\nhello\r\n0\r\n\r\n",
                             "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"}) {
        CAPTURE(body);
        check_bad(post + body);
    }
}

TEST_CASE("http parser: limits, exactly and exceeded by one") {
    const std::string head = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
    const std::size_t room = kLimits.head_bytes - head.size() - 4;
    check(head + std::string(room, 'a') + "\r\n\r\n", "GET / [Host=x] [X=" + std::string(room, 'a') + "]\n");
    check(head + std::string(room + 1, 'a') + "\r\n\r\n", "HEADERS_TOO_LARGE");
    check("GET /" + std::string(600, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", "HEADERS_TOO_LARGE");
    std::string blank;
    for (int i = 0; i < 300; ++i) blank += "\r\n";
    check(blank, "HEADERS_TOO_LARGE");

    std::string fields = "GET / HTTP/1.1\r\nHost: x\r\n";
    std::string found = "GET / [Host=x]";
    for (int i = 0; i < 7; ++i) {
        fields += "A: b\r\n";
        found += " [A=b]";
    }
    check(fields + "\r\n", found + "\n");
    check(fields + "A: b\r\n\r\n", "HEADERS_TOO_LARGE");

    const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
    const std::string full(100, 'b');
    check(post + "Content-Length: 100\r\n\r\n" + full,
          "POST / [Host=x] [Content-Length=100] {" + full + "}\n");
    check(post + "Content-Length: 101\r\n\r\n", "PAYLOAD_TOO_LARGE");  // before any of it is read
    check(post + "Content-Length: 18446744073709551615\r\n\r\n", "PAYLOAD_TOO_LARGE");
    const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
    check(chunked + "64\r\n" + full + "\r\n0\r\n\r\n",
          "POST / [Host=x] [Transfer-Encoding=chunked] {" + full + "}\n");
    check(chunked + "64\r\n" + full + "\r\n1\r\nc", "PAYLOAD_TOO_LARGE");
    CHECK(parse({chunked + std::string(2500, '0')}) == kBad);                  // endless zeros
    CHECK(parse({chunked + "1;" + std::string(2500, 'e') + "\r\n"}) == kBad);  // endless extension
    std::string trailers = chunked + "0\r\n";
    for (int i = 0; i < 400; ++i) trailers += "T: u\r\n";
    CHECK(parse({trailers}) == kBad);
}

TEST_CASE("http parser: the error names its limit") {
    HttpParser parser(kLimits);
    const std::string request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n";
    std::string_view input = request;
    CHECK(parser.next(input) == HttpEvent::head);  // which may allow more
    CHECK(parser.next(input) == HttpEvent::refused);
    REQUIRE(parser.error().detail("limit") != nullptr);
    CHECK(std::get<std::int64_t>(parser.error().detail("limit")->value) == 100);
    CHECK(parser.next(input) == HttpEvent::refused);  // and stays refused
}

TEST_CASE("http fields: tokens") {
    const std::vector<HttpHeader> headers = {{"Connection", " keep-alive ,\tUPGRADE"},
                                             {"connection", "x,,y,"}};
    CHECK(has_token(headers, "CONNECTION", "upgrade"));
    CHECK(has_token(headers, "Connection", "y"));
    CHECK_FALSE(has_token(headers, "Connection", "keep"));
    CHECK_FALSE(has_token(headers, "Upgrade", "upgrade"));
    CHECK(count_headers(headers, "Connection") == 2);
    CHECK(only_header(headers, "Connection").empty());
}
