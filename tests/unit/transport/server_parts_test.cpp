// Bodies of requests that are handed on in parts, and responses in parts whose length is known.
#include <doctest/doctest.h>

#include <string>

#include "unit/transport/running_server.hpp"

namespace cariosan::test {
namespace {

std::string put(const std::string& target, std::size_t length) {
    return "PUT " + target + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

TEST_CASE("server: a body in parts may be larger than any other, and is never held as a whole") {
    ServerOptions options;
    options.max_body_bytes = 100;
    RunningServer running(options);
    running.gateway.max_held_requests = 200'000;
    Client client(running.port());
    constexpr std::size_t kBytes = 3'000'000;
    client.send(put("/take/3000000", kBytes));
    const std::string block(100'000, 'x');
    for (std::size_t sent = 0; sent < kBytes; sent += block.size()) REQUIRE(client.send(block));
    CHECK(client.read_response().body == "taken 3000000");
    CHECK(running.gateway.count("took") >= 45);  // of at most 64 KiB; and the last
    CHECK(running.gateway.count("dropped") == 0);
    // The next request of the connection is an ordinary one again.
    CHECK(client.ask(put("/echo", 4) + "body").body == "PUT /echo body");
    CHECK(client.ask(put("/echo", 101)).status == 413);
}

TEST_CASE("server: a body in parts in the chunked coding") {
    RunningServer running;
    Client client(running.port());
    const std::string start = "PUT /take/10 HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(client.ask(start + "4\r\nabcd\r\n6\r\nefghij\r\n0\r\n\r\n").body == "taken 10");
    CHECK(client.ask(start + "4\r\nabcd\r\n7\r\nefghijk\r\n0\r\n\r\n").status == 413);
}

TEST_CASE("server: a body in parts that is too large is refused by its head") {
    RunningServer running;
    Client client(running.port());
    const std::string start = "PUT /take/10 HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n";
    CHECK(client.ask(start + "Content-Length: 11\r\n\r\n").status == 413);
    Client other(running.port());
    other.send(start + "Content-Length: 10\r\n\r\n");
    CHECK(other.read_head() == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(other.ask("0123456789").body == "taken 10");
}

TEST_CASE("server: a part can be answered, and the rest is not wanted") {
    RunningServer running;
    Client client(running.port());
    client.send(put("/take/1000000", 1'000'000) + "0123456789");
    REQUIRE(running.gateway.wait_for("took", 1));
    client.send("!");
    const ClientResponse answer = client.read_response();
    CHECK(answer.status == 507);
    CHECK(answer.body == "no room");
    CHECK(client.ended());
    CHECK(running.gateway.wait_for("taker gave up", 1));
}

TEST_CASE("server: a client that is gone ends a body in parts") {
    RunningServer running;
    Client client(running.port());
    client.send(put("/take/1000", 1000) + "0123456789");
    REQUIRE(running.gateway.wait_for("took", 1));
    client.close();
    CHECK(running.gateway.wait_for("taker gave up", 1));
}

TEST_CASE("server: parts of a known length") {
    RunningServer running;
    Client client(running.port());
    const std::string end = " HTTP/1.1\r\nHost: test\r\n\r\n";
    const ClientResponse whole = client.ask("GET /sized/3/210005" + end);
    CHECK(whole.body.size() == 210'005);
    CHECK(whole.head.find("Content-Length: 210005\r\n") != std::string::npos);
    CHECK(whole.head.find("Transfer-Encoding") == std::string::npos);
    CHECK(client.ask("GET /echo" + end).body == "GET /echo ");
    client.send("HEAD /sized/3/210005" + end);
    CHECK(client.read_head().find("Content-Length: 210005\r\n") != std::string::npos);
    CHECK(client.ask("GET /echo" + end).body == "GET /echo ");
    // A body of another length would run into the next answer.
    for (const char* target : {"/sized/3/210004", "/sized/3/210006"}) {
        Client other(running.port());
        other.send("GET " + std::string(target) + end + "GET /echo" + end);
        while (other.fill(other.buffered() + 1)) {
        }
        const std::string all = other.take(other.buffered());
        CHECK(all.find("HTTP/1.1", 1) == std::string::npos);
    }
}

}  // namespace
}  // namespace cariosan::test
