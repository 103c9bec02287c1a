// What a client may send and keep waiting before it is authenticated, and what that costs the server.
#include <doctest/doctest.h>
#include <poll.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "support/manual_clock.hpp"
#include "support/manual_clock.hpp"
#include "transport/descriptors.hpp"
#include "unit/transport/running_server.hpp"

using namespace cariosan;
using namespace cariosan::test;
using transport::share_descriptors;

namespace {

std::string post(const std::string& path, std::size_t length, const std::string& more = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(length) + "\r\n" + more +
           "\r\n";
}

/// Waits for something that another thread does.
template <class Condition>
void wait_until(Condition condition) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition() && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    REQUIRE(condition());
}

bool readable(const Client& client, int milliseconds) {
    pollfd waiting{.fd = client.descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, milliseconds) > 0;
}

}  // namespace

TEST_CASE("server: when it is full, connections waiting for a request make room, the longest idle first") {
    const auto clock = std::make_shared<ManualClock>();
    ServerOptions options;
    options.max_connections = 4;
    options.clock = clock;
    RunningServer running(options);
    const auto ask = [](Client& client) { return client.ask("GET /echo" + kGet).status; };
    const auto ask_as_one_more = [&] {
        Client more(running.port());
        return ask(more);
    };
    Client socket(running.port());
    REQUIRE(socket.upgrade().status == 101);
    Client silent(running.port());  // has sent nothing yet
    Client busy(running.port());
    busy.send("GET /hold" + kGet);
    REQUIRE(running.gateway.wait_for("/hold"));
    Client first(running.port());
    CHECK(ask(first) == 200);
    CHECK(ask_as_one_more() == 503);  // all of them are new

    clock->advance(std::chrono::milliseconds(1001));
    CHECK(ask(first) == 200);  // no longer idle
    Client second(running.port());
    CHECK(ask(second) == 200);
    CHECK(silent.ended());
    CHECK(ask_as_one_more() == 503);

    clock->advance(std::chrono::milliseconds(1001));
    Client third(running.port());
    CHECK(ask(third) == 200);
    CHECK(first.ended());
    CHECK(ask(second) == 200);
    socket.send_text("echo still here");
    CHECK(socket.read_text() == "still here");
    running.gateway.release();
    CHECK(busy.read_response().status == 200);
}

TEST_CASE("server: connections leave descriptors for other uses") {
    const auto share = [](std::size_t limit) { return share_descriptors(limit, 20, 7); };
    CHECK(share(64).connections == 25);
    CHECK(share(64).refused == 6);
    CHECK(share(1024).connections == 869);
    CHECK(share(1'000'000).connections == 999'461);
    CHECK(share(1'000'000).refused == 256);
    CHECK(share(39).connections == 0);
    CHECK(share(0).connections == 0);
    CHECK(share_descriptors(1).connections > 0);
}

TEST_CASE("server: a request can be refused by its head, without its body") {
    RunningServer running;
    for (const std::string& path : {std::string("/deny"), std::string("/deny/later")}) {
        for (const std::string& head : {post(path, 1'000'000), post(path, 10, "Expect: 100-continue\r\n"),
                                        "POST " + path + " HTTP/1.1\r\nHost: test\r\n"
                                                         "Transfer-Encoding: chunked\r\n\r\n"}) {
            Client client(running.port());
            const ClientResponse refused = client.ask(head);
            CHECK(refused.status == 401);
            CHECK(refused.head.find("Connection: close\r\n") != std::string::npos);
            CHECK(client.ended());
        }
    }
}

TEST_CASE("server: a refusal reaches a client that first sends its whole body") {
    RunningServer running;
    Client client(running.port());
    CHECK(client.send(post("/deny", 1'000'000) + std::string(1'000'000, 'b')));
    CHECK(client.read_response().status == 401);
}

TEST_CASE("server: the connection continues after a small unwanted body") {
    RunningServer running;
    Client client(running.port());
    for (const std::string& path : {std::string("/deny"), std::string("/deny/later")}) {
        // After its head, together with it, and together with another request.
        CHECK(client.ask(post(path, 5)).status == 401);
        CHECK(client.ask("hello" + post("/echo", 2) + "ok").body == "POST /echo ok");
        CHECK(client.ask(post(path, 5) + "hello").status == 401);
        CHECK(client.ask(post(path, 5) + "hello" + post("/echo", 3) + "yes").status == 401);
        CHECK(client.read_response().body == "POST /echo yes");
    }
    client.send("GET /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{}" + post("/echo", 1) + "1");
    CHECK(client.read_response().body == "GET /echo ");
    CHECK(client.read_response().body == "POST /echo 1");
    CHECK(running.gateway.count("a body before its time") == 0);
}

TEST_CASE("server: 100 Continue is only sent after the verdict, and a body that came earlier waits for it") {
    RunningServer running;
    Client polite(running.port());
    polite.send(post("/judge", 4, "Expect: 100-continue\r\n"));
    REQUIRE(running.gateway.wait_for("judging"));
    Client hasty(running.port());
    hasty.send(post("/judge", 4) + "body" + "GET /echo" + kGet);
    REQUIRE(running.gateway.wait_for("judging", 2));
    CHECK_FALSE(readable(polite, 0));
    CHECK_FALSE(readable(hasty, 0));
    running.gateway.release();
    CHECK(polite.read_head() == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(polite.ask("text").body == "POST /judge text");
    CHECK(hasty.read_response().body == "POST /judge body");
    CHECK(hasty.read_response().body == "GET /echo ");
}

TEST_CASE("server: clients that disconnect before the verdict, or within a body") {
    RunningServer running;
    int judged = 0;
    for (const std::string& sent : {post("/judge", 4), post("/judge", 4) + "body", post("/echo", 4) + "bo"}) {
        Client client(running.port());
        client.send(sent);
        if (sent.starts_with("POST /judge")) REQUIRE(running.gateway.wait_for("judging", ++judged));
        client.reset();
    }
    running.gateway.release();
    CHECK(Client(running.port()).ask("GET /echo" + kGet).status == 200);
    wait_until([&] { return running.gateway.held_requests == 0; });
}

TEST_CASE("server: whatever refuses a request, the response can use its origin") {
    const std::string origin = "Origin: https://shop.example\r\n";
    const std::string begin = "POST /echo HTTP/1.1\r\nHost: test\r\n" + origin;
    ServerOptions options;
    options.max_body_bytes = 10;
    options.max_head_bytes = 1000;
    options.max_head_fields = 10;
    options.clock = std::make_shared<ManualClock>();
    auto& clock = static_cast<ManualClock&>(*options.clock);
    RunningServer running(options);
    const auto check = [&](Client& client, int status) {
        const ClientResponse refused = client.read_response();
        CHECK(refused.status == status);
        CHECK(refused.head.find("X-Origin: https://shop.example\r\n") != std::string::npos);
        CHECK(client.ended());
    };
    std::string fields;
    for (int i = 0; i < 10; ++i) fields += "X: 1\r\n";
    const std::vector<std::pair<std::string, int>> cases = {
        {post("/echo", 11, origin), 413},
        {begin + "Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n", 413},
        {begin + "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n", 400},
        {begin + "X: " + std::string(1000, 'x') + "\r\n\r\n", 431},
        {"POST /echo HTTP/1.1\r\nHost: test\r\nX: " + std::string(950, 'x') + "\r\n" + origin + "\r\n", 431},
        {begin + fields + "\r\n", 431},
        {begin + "no colon\r\n\r\n", 400},
        {"nonsense\r\n" + origin + "\r\n", 400}};
    for (const auto& [request, status] : cases) {
        Client client(running.port());
        client.send(request);
        check(client, status);
    }
    // Too slow in the head, or in the body.
    for (const std::string& request : {begin, post("/echo", 5, origin) + "b"}) {
        wait_until([&] { return running.gateway.held_requests == 0; });
        Client client(running.port());
        client.send(request);
        wait_until([&] { return running.gateway.held_requests > 0; });
        while (!readable(client, 1)) clock.advance(std::chrono::seconds(1));
        check(client, 408);
    }
    Client body(running.port());
    running.gateway.max_held_requests = 8;
    body.send(begin + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    check(body, 503);
    CHECK(running.gateway.count("refused: too many large requests arrive at once: at most 8 bytes together") == 1);
}

TEST_CASE("server: a client without a place is refused after it has sent its request") {
    ServerOptions options;
    int status = 429;
    SUBCASE("for this address") { options.max_connections_per_address = 1; }
    SUBCASE("for anybody") {
        options.max_connections = 1;
        status = 503;
    }
    options.clock = std::make_shared<ManualClock>();
    auto& clock = static_cast<ManualClock&>(*options.clock);
    RunningServer running(options);
    // However much time passes, it keeps its place.
    Client first(running.port());
    REQUIRE(first.upgrade().status == 101);
    const std::string origin = " HTTP/1.1\r\nHost: test\r\nOrigin: https://shop.example\r\n";
    for (const std::string& request :
         {"GET /echo" + origin + "\r\n", "POST /echo" + origin + "Content-Length: 100\r\n\r\n", "nonsense" + origin + "\r\n"}) {
        Client client(running.port());
        const ClientResponse refused = client.ask(request);
        CHECK(refused.status == status);
        CHECK(refused.head.find("X-Origin: https://shop.example\r\n") != std::string::npos);
        CHECK(client.ended());
    }
    CHECK(running.gateway.count("/echo") == 0);
    // The server waits only a moment for a missing or partial head.
    for (const std::string& part : {std::string(), "GET /echo" + origin}) {
        Client client(running.port());
        client.send(part);
        while (!readable(client, 1)) clock.advance(std::chrono::seconds(1));
        CHECK(client.read_response().status == status);
        CHECK(client.ended());
    }
}

TEST_CASE("server: received parts of requests are counted until they are handed over") {
    RunningServer running;
    Client body(running.port());
    body.send(post("/echo", 500'000) + std::string(400'000, 'b'));
    wait_until([&] { return running.gateway.held_requests >= 400'000; });
    CHECK(running.gateway.held_requests < 600'000);
    Client head(running.port());
    head.send("GET /echo HTTP/1.1\r\nX: " + std::string(10'000, 'x'));
    wait_until([&] { return running.gateway.held_requests >= 410'000; });
    body.send(std::string(100'000, 'b'));
    CHECK(body.read_response().body.size() == 500'011);
    head.send("\r\nHost: test\r\n\r\n");
    CHECK(head.read_response().status == 200);
    wait_until([&] { return running.gateway.held_requests == 0; });
}

TEST_CASE("server: a request dropped because of memory gets a response") {
    RunningServer running;
    running.gateway.max_held_requests = 100'000;
    Client large(running.port());
    large.send(post("/echo", 500'000) + std::string(400'000, 'b'));
    CHECK(large.read_response().status == 503);
    CHECK(running.gateway.count("dropped") == 1);
    wait_until([&] { return running.gateway.held_requests == 0; });
    const std::string small(50'000, 's');
    CHECK(Client(running.port()).ask(post("/echo", small.size()) + small).status == 200);
}

TEST_CASE("server: an unread response is counted, and can be dropped") {
    RunningServer running;
    Client reader(running.port(), 4096);
    reader.send("GET /big/20000000" + kGet);
    REQUIRE(running.gateway.wait_for("/big/20000000"));
    wait_until([&] { return running.gateway.held_output >= 20'000'000; });
    CHECK(reader.read_response().body.size() == 20'000'000);
    wait_until([&] { return running.gateway.held_output == 0; });

    running.gateway.max_held_output = 10'000'000;
    Client dropped(running.port(), 4096);
    dropped.send("GET /big/20000000" + kGet);
    REQUIRE(running.gateway.wait_for("dropped"));
    wait_until([&] { return running.gateway.held_output == 0; });
    CHECK_THROWS(dropped.read_response());  // it ends in the middle
}

TEST_CASE("server: a request that arrives while a response is sent is not lost") {
    RunningServer running;
    Client client(running.port(), 4096);
    client.send("GET /hold" + kGet);
    REQUIRE(running.gateway.wait_for("/hold"));
    running.gateway.release();
    CHECK(client.read_response().body == "released");
    client.send("GET /big/20000000" + kGet);
    wait_until([&] { return running.gateway.held_output > 0; });
    client.send(post("/echo", 3) + "yes");
    CHECK(client.read_response().body.size() == 20'000'000);
    CHECK(client.read_response().body == "POST /echo yes");
}

TEST_CASE("server: a response that its client does not read ends with the connection") {
    ServerOptions options;
    options.write_timeout = std::chrono::milliseconds(50);
    RunningServer running(options);
    Client client(running.port(), 4096);
    client.send("GET /big/20000000" + kGet);
    REQUIRE(running.gateway.wait_for("/big/20000000"));
    wait_until([&] { return running.gateway.held_output > 0; });
    wait_until([&] { return running.gateway.held_output == 0; });
    CHECK_THROWS(client.read_response());
}

TEST_CASE("server: an address has its own limit") {
    ServerOptions options;
    options.max_connections_per_address = 2;
    RunningServer running(options);
    Client first(running.port());
    CHECK(first.ask("GET /echo" + kGet).status == 200);
    Client socket(running.port());
    REQUIRE(socket.upgrade().status == 101);  // still counts as a WebSocket
    Client third(running.port());
    CHECK(third.ask("GET /echo" + kGet).status == 429);
    CHECK(third.ended());
    CHECK(Client(running.port(), 0, "127.0.0.2").ask("GET /echo" + kGet).status == 200);
    third.close();
    first.close();
    int status = 429;
    while (status == 429) status = Client(running.port()).ask("GET /echo" + kGet).status;
    CHECK(status == 200);
}

TEST_CASE("server: a trusted proxy may have more connections than an address") {
    ServerOptions options;
    options.max_connections_per_address = 1;
    options.trusted_proxies = {"127.0.0.0/30"};
    RunningServer running(options);
    Client first(running.port());
    CHECK(first.ask("GET /echo" + kGet).status == 200);
    Client second(running.port());
    CHECK(second.ask("GET /echo" + kGet).status == 200);
    Client other(running.port(), 0, "127.0.0.4");
    CHECK(other.ask("GET /echo" + kGet).status == 200);
    CHECK(Client(running.port(), 0, "127.0.0.4").ask("GET /echo" + kGet).status == 429);

    FakeGateway gateway;
    options.port = 0;
    options.trusted_proxies = {"127.0.0.0/33"};
    CHECK(Server::start(gateway, options).error().code == ErrorCode::misuse);
}
