// How long a request may take to arrive, by a clock that the test advances.
#include <doctest/doctest.h>
#include <poll.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "support/manual_clock.hpp"
#include "unit/transport/running_server.hpp"

using namespace cariosan;
using namespace cariosan::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string kPost = "POST /echo HTTP/1.1\r\nHost: test\r\n";

/// A server with the deadlines of the protocol.
struct TimedServer {
    /// Advances the clock, and waits until the server has ended what was due by then.
    void pass(milliseconds time) {
        const int before = running.gateway.ticks;
        clock->advance(time);
        while (running.gateway.ticks == before) std::this_thread::yield();
    }

    /// Sends the beginning of a request and waits until the server has seen it, which starts its time.
    void begin(Client& client, const std::string& bytes) {
        while (running.gateway.held_requests > 0) std::this_thread::yield();
        client.send(bytes);
        while (running.gateway.held_requests == 0) std::this_thread::yield();
    }

    std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
    RunningServer running{ServerOptions{.clock = clock}};
};

bool answered(const Client& client) {
    pollfd waiting{.fd = client.descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, 0) > 0;
}

/// Sends one piece after the other, advancing the clock by `step` each time. False as soon as there is a response.
bool drip(TimedServer& server, Client& client, const std::string& piece, milliseconds step, int times) {
    for (int i = 0; i < times; ++i) {
        if (!client.send(piece)) return false;
        server.pass(step);
        if (answered(client)) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("server: a body may take as long as a whole request") {
    TimedServer server;
    Client sized(server.running.port());
    server.begin(sized, kPost + "Content-Length: 6\r\n\r\n");
    REQUIRE(drip(server, sized, "b", seconds(9), 5));
    CHECK(sized.ask("b").body == "POST /echo bbbbbb");

    // The next one on the same connection has its full time again.
    server.begin(sized, kPost + "Transfer-Encoding: chunked\r\n\r\n");
    REQUIRE(drip(server, sized, "1\r\nc\r\n", milliseconds(11'800), 5));
    CHECK(sized.ask("0\r\n\r\n").body == "POST /echo ccccc");
}

TEST_CASE("server: a whole request has a minute, however slowly its body arrives") {
    for (const auto& [head, piece] : std::vector<std::pair<std::string, std::string>>{
             {"Content-Length: 1000\r\n\r\n", "b"}, {"Transfer-Encoding: chunked\r\n\r\n", "1\r\nb\r\n"}}) {
        TimedServer server;
        Client client(server.running.port());
        server.begin(client, kPost + head);
        REQUIRE(drip(server, client, piece, seconds(4), 14));  // 56 s
        CHECK_FALSE(drip(server, client, piece, seconds(5), 1));
        CHECK(client.read_response().status == 408);
    }
}

TEST_CASE("server: a body in parts takes as long as it needs, while enough of it arrives") {
    TimedServer server;
    Client client(server.running.port());
    server.begin(client, "PUT /take/100000000 HTTP/1.1\r\nHost: test\r\nContent-Length: 100000000\r\n\r\n");
    REQUIRE(drip(server, client, std::string(32 * 1024, 'x'), seconds(10), 30));  // five minutes
    CHECK_FALSE(drip(server, client, "x", seconds(10), 9));
    CHECK(client.read_response().status == 408);
}

TEST_CASE("server: the time until the verdict counts") {
    TimedServer server;
    Client client(server.running.port());
    client.send("POST /judge HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    REQUIRE(server.running.gateway.wait_for("judging"));
    server.pass(seconds(58));
    server.running.gateway.release();
    REQUIRE(client.read_head().starts_with("HTTP/1.1 100"));
    CHECK_FALSE(drip(server, client, "b", seconds(3), 1));
    CHECK(client.read_response().status == 408);
}

TEST_CASE("server: the rest of an unwanted body counts as part of its request") {
    TimedServer server;
    Client client(server.running.port());
    client.send("POST /deny HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n");
    CHECK(client.read_response().status == 401);
    REQUIRE(drip(server, client, "b", seconds(8), 7));  // 56 s
    server.pass(seconds(5));
    CHECK(client.ended());
}

TEST_CASE("server: a head has ten seconds, however slowly it arrives") {
    TimedServer server;
    Client client(server.running.port());
    server.begin(client, "GET /echo HTTP/1.1\r\nX: ");
    REQUIRE(drip(server, client, "x", seconds(3), 3));
    CHECK_FALSE(drip(server, client, "x", seconds(2), 1));
    CHECK(client.read_response().status == 408);
}
