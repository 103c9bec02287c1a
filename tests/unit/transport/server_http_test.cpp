#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/manual_clock.hpp"
#include "unit/transport/running_server.hpp"

using namespace cariosan;
using namespace cariosan::test;

TEST_CASE("server: a request and its response") {
    RunningServer running;
    Client client(running.port());
    const ClientResponse response =
        client.ask("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
    CHECK(response.status == 200);
    CHECK(response.body == "POST /echo hello");
    CHECK(response.head.find("X-Peer: 127.0.0.1\r\n") != std::string::npos);
    CHECK(response.head.find(" GMT\r\n") != std::string::npos);
    CHECK(response.head.find("Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n") != std::string::npos);
}

TEST_CASE("server: consecutive requests on one connection, sent byte by byte") {
    RunningServer running;
    Client client(running.port());
    for (int i = 0; i < 3; ++i) {
        const std::string request =
            "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        for (const char c : request) client.send(std::string(1, c));
        CHECK(client.read_response().body == "POST /echo abc");
    }
}

TEST_CASE("server: pipelined requests are answered in order, however late the responses come") {
    RunningServer running;
    Client client(running.port());
    std::string requests;
    for (int i = 0; i < 50; ++i) {
        requests += "GET /later" + kGet + "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n" +
                    std::to_string(10 + i) + "GET /big/3" + kGet;
    }
    std::thread sender([&] { client.send(requests + "GET /hold" + kGet + "GET /echo" + kGet); });
    for (int i = 0; i < 50; ++i) {
        CHECK(client.read_response().body == "GET /later ");
        CHECK(client.read_response().body == "POST /echo " + std::to_string(10 + i));
        CHECK(client.read_response().body == "bbb");
    }
    sender.join();
    REQUIRE(running.gateway.wait_for("/hold"));
    CHECK(running.gateway.count("/echo") == 50);  // the request after /hold waits
    CHECK(client.buffered() == 0);
    running.gateway.release();
    CHECK(client.read_response().body == "released");
    CHECK(client.read_response().body == "GET /echo ");
}

TEST_CASE("server: a large response to a slow reader, and another after it") {
    RunningServer running;
    Client client(running.port(), 4096);
    client.send("GET /big/20000000" + kGet + "GET /echo" + kGet);
    REQUIRE(running.gateway.wait_for("/big/20000000"));
    CHECK(client.read_response().body.size() == 20'000'000);
    CHECK(client.read_response().body == "GET /echo ");
}

TEST_CASE("server: HEAD, Connection: close, HTTP/1.0") {
    RunningServer running;
    Client head(running.port());
    head.send("HEAD /big/7" + kGet);
    CHECK(head.read_response(true).head.find("Content-Length: 7\r\n") != std::string::npos);
    CHECK(head.ask("GET /echo" + kGet).body == "GET /echo ");  // nothing was left over

    Client close(running.port());
    const ClientResponse last = close.ask("GET /echo HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    CHECK(last.head.find("Connection: close\r\n") != std::string::npos);
    CHECK(close.ended());

    Client old(running.port());
    CHECK(old.ask("GET /echo HTTP/1.0\r\n\r\n").body == "GET /echo ");
    CHECK(old.ended());

    Client kept(running.port());
    const std::string request = "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    CHECK(kept.ask(request).head.find("Connection: keep-alive\r\n") != std::string::npos);
    CHECK(kept.ask(request).body == "GET /echo ");
}

TEST_CASE("server: a client that has closed its sending side still gets its response") {
    RunningServer running;
    Client client(running.port());
    client.send("GET /later" + kGet);
    client.end_sending();
    CHECK(client.read_response().body == "GET /later ");
    CHECK(client.ended());
}

TEST_CASE("server: a second response to a request is dropped") {
    RunningServer running;
    Client client(running.port());
    CHECK(client.ask("GET /twice" + kGet).body == "GET /twice ");
    CHECK(client.ask("GET /echo" + kGet).body == "GET /echo ");
}

TEST_CASE("server: Expect: 100-continue") {
    RunningServer running;
    Client client(running.port());
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    CHECK(client.read_head() == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(client.ask("body").body == "POST /echo body");
    Client large(running.port());
    const ClientResponse refused = large.ask(
        "POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
    CHECK(refused.status == 413);
}

TEST_CASE("server: limits, exactly and exceeded by one") {
    ServerOptions options;
    options.max_head_bytes = 1000;
    options.max_head_fields = 5;
    options.max_body_bytes = 100;
    RunningServer running(options);
    const std::string start = "POST /echo HTTP/1.1\r\nHost: test\r\n";
    const auto ask = [&](const std::string& request) {
        Client client(running.port());
        const ClientResponse response = client.ask(request);
        if (response.status != 200) {
            CHECK(response.head.find("Connection: close\r\n") != std::string::npos);
            CHECK(client.ended());
        }
        return response.status;
    };
    const std::string body(100, 'b');
    CHECK(ask(start + "Content-Length: 100\r\n\r\n" + body) == 200);
    CHECK(ask(start + "Content-Length: 101\r\n\r\n") == 413);
    CHECK(ask(start + "Transfer-Encoding: chunked\r\n\r\n64\r\n" + body + "\r\n1\r\nb\r\n0\r\n\r\n") == 413);
    const std::size_t room = 1000 - start.size() - 7;
    CHECK(ask(start + "X: " + std::string(room, 'x') + "\r\n\r\n") == 200);
    CHECK(ask(start + "X: " + std::string(room + 1, 'x') + "\r\n\r\n") == 431);
    CHECK(ask(start + "A: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\n\r\n") == 200);
    CHECK(ask(start + "A: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\nA: 5\r\n\r\n") == 431);
    CHECK(ask("nonsense\r\n\r\n") == 400);
    CHECK(ask(start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
}

TEST_CASE("server: a refusal reaches a client that is still sending") {
    RunningServer running;
    Client client(running.port());
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 50000000\r\n\r\n");
    const std::string block(100'000, 'x');
    bool taken = true;
    std::thread sender([&] {
        for (int i = 0; i < 500 && taken; ++i) taken = client.send(block);
        client.end_sending();
    });
    CHECK(client.read_response().status == 413);
    sender.join();
}

TEST_CASE("server: deadlines end incomplete requests") {
    ServerOptions options;
    options.head_timeout = options.request_timeout = options.keep_alive_timeout = std::chrono::milliseconds(50);
    RunningServer running(options);
    Client silent(running.port());
    CHECK(silent.ended());
    Client head(running.port());
    head.send("GET / HTTP/1.1\r\nHo");
    CHECK(head.read_response().status == 408);
    CHECK(head.ended());
    Client body(running.port());
    body.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhe");
    CHECK(body.read_response().status == 408);
    CHECK(body.ended());
    Client idle(running.port());
    CHECK(idle.ask("GET /echo" + kGet).status == 200);
    CHECK(idle.ended());
    Client unread(running.port(), 4096);
    unread.send("GET /big/20000000" + kGet);
    REQUIRE(running.gateway.wait_for("/big/20000000"));
    Client waiting(running.port());  // the gateway may take its time
    waiting.send("GET /hold" + kGet);
    REQUIRE(running.gateway.wait_for("/hold"));
    CHECK(Client(running.port()).ended());
    running.gateway.release();
    CHECK(waiting.read_response().body == "released");
}

TEST_CASE("server: clients that vanish within a request") {
    RunningServer running;
    for (const std::string& part : {std::string("GET /ho"), "GET /hold" + kGet, "GET /big/5000000" + kGet,
                                    "GET /later" + kGet + "GET /later" + kGet}) {
        Client polite(running.port());
        polite.send(part);
        polite.close();
        Client rude(running.port());
        rude.send(part);
        rude.reset();
    }
    REQUIRE(running.gateway.wait_for("/hold", 2));
    running.gateway.release();
    CHECK(Client(running.port()).ask("GET /echo" + kGet).status == 200);
}

TEST_CASE("server: connections above the limit get a response") {
    ServerOptions options;
    options.max_connections = 2;
    options.clock = std::make_shared<ManualClock>();  // nobody waits for long
    RunningServer running(options);
    Client first(running.port());
    CHECK(first.ask("GET /echo" + kGet).status == 200);
    Client second(running.port());
    CHECK(second.ask("GET /echo" + kGet).status == 200);
    Client third(running.port());
    CHECK(third.ask("GET /echo" + kGet).status == 503);
    CHECK(third.ended());
    third.close();
    first.close();
    // The places become free when the server has noticed.
    int status = 503;
    while (status == 503) status = Client(running.port()).ask("GET /echo" + kGet).status;
    CHECK(status == 200);
}

TEST_CASE("server: the lane is ticked") {
    RunningServer running;
    while (running.gateway.ticks < 2) std::this_thread::yield();
    CHECK(running.gateway.ticks >= 2);
}

TEST_CASE("server: a server that cannot start says why") {
    FakeGateway gateway;
    ServerOptions options;
    options.port = 0;
    options.threads = 65;
    CHECK(Server::start(gateway, options).error().code == ErrorCode::misuse);
    options.threads = 2;
    options.head_timeout = std::chrono::milliseconds(0);
    CHECK(Server::start(gateway, options).error().code == ErrorCode::misuse);
    options = {};
    options.host = "203.0.113.1";  // no machine has this address
    options.port = 0;
    Result<std::unique_ptr<Server>> none = Server::start(gateway, options);
    CHECK(none.error().code == ErrorCode::unavailable);
    CHECK(none.error().message.find("203.0.113.1") != std::string::npos);
    RunningServer running;
    options = {};
    options.port = running.port();
    CHECK(Server::start(gateway, options).error().code == ErrorCode::unavailable);
    CHECK(gateway.lanes_alive == 0);
}

TEST_CASE("server: a client that closes while the response is produced ends it") {
    RunningServer running;
    Client client(running.port());
    client.send("GET /hold" + kGet);
    REQUIRE(running.gateway.wait_for("/hold"));
    CHECK_FALSE(running.gateway.asker_gone());
    SUBCASE("the whole connection") { client.close(); }
    SUBCASE("its sending side, after a response that it received") {
        running.gateway.release();
        REQUIRE(client.read_response().status == 200);
        client.send("GET /hold" + kGet);
        REQUIRE(running.gateway.wait_for("/hold", 2));
        CHECK_FALSE(running.gateway.asker_gone());
        client.end_sending();
    }
    while (!running.gateway.asker_gone()) std::this_thread::yield();
    CHECK(running.gateway.asker_gone());
}

TEST_CASE("server: a client that only closes its sending side is answered") {
    RunningServer running;
    Client client(running.port());
    client.send("GET /hold" + kGet);
    client.end_sending();
    REQUIRE(running.gateway.wait_for("/hold"));
    while (!running.gateway.asker_gone()) std::this_thread::yield();
    running.gateway.release();
    CHECK(client.read_response().status == 200);
    CHECK(client.ended());
}

TEST_CASE("server: stop closes idle connections, finishes responses, and can be called again") {
    ServerOptions options;
    options.threads = 3;
    RunningServer running(options);
    std::vector<std::unique_ptr<Client>> idle;
    for (int i = 0; i < 6; ++i) {
        idle.push_back(std::make_unique<Client>(running.port()));
        CHECK(idle.back()->ask("GET /echo" + kGet).status == 200);
    }
    Client busy(running.port());
    busy.send("GET /hold" + kGet);
    REQUIRE(running.gateway.wait_for("/hold"));
    const std::uint16_t port = running.port();
    std::thread stopper([&] { running.server->stop(std::chrono::seconds(60)); });
    for (const auto& client : idle) CHECK(client->ended());
    running.gateway.release();
    const ClientResponse last = busy.read_response();
    CHECK(last.body == "released");
    CHECK(last.head.find("Connection: close\r\n") != std::string::npos);
    CHECK(busy.ended());
    busy.close();
    stopper.join();
    CHECK_THROWS(Client{port});
    running.server->stop(std::chrono::seconds(60));
}

TEST_CASE("server: stop cuts connections at its deadline") {
    RunningServer running;
    Client busy(running.port());
    busy.send("GET /hold" + kGet);
    REQUIRE(running.gateway.wait_for("/hold"));
    running.server->stop(std::chrono::milliseconds(20));
    CHECK(busy.ended());
}

namespace {

/// A body in chunked coding, up to its last chunk. Absent if the connection ends before.
std::optional<std::string> read_chunks(Client& client) {
    std::string body;
    for (;;) {
        std::string line;
        while (!line.ends_with("\r\n")) {
            if (!client.fill(1)) return std::nullopt;
            line += client.take(1);
        }
        const std::size_t size = std::stoul(line, nullptr, 16);
        if (!client.fill(size + 2)) return std::nullopt;
        body += client.take(size);
        if (client.take(2) != "\r\n") return std::nullopt;
        if (size == 0) return body;
    }
}

}  // namespace

TEST_CASE("server: a body produced in parts, and a request behind it") {
    RunningServer running;
    Client client(running.port());
    for (const int parts : {0, 1, 40}) {
        client.send("GET /parts/" + std::to_string(parts) + kGet + "GET /echo" + kGet);
        const std::string head = client.read_head();
        CHECK(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
        CHECK(head.find("Content-Length") == std::string::npos);
        const auto body = read_chunks(client);
        REQUIRE(body);
        CHECK(body->size() == 5 + 70'000 * static_cast<std::size_t>(parts));
        CHECK(client.read_response().body == "GET /echo ");
    }
}

TEST_CASE("server: parts are produced no faster than the client reads them") {
    RunningServer running;
    Client client(running.port(), 4096);
    client.send("GET /parts/1000" + kGet);
    client.read_head();
    // The sockets hold a few of the seventy megabytes at most.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    CHECK(running.gateway.count("part") < 500);
    const auto body = read_chunks(client);
    REQUIRE(body);
    CHECK(body->size() == 70'000'005);
    CHECK(running.gateway.count("part") == 1001);
}

TEST_CASE("server: a client can see that a body broke off") {
    RunningServer running;
    Client client(running.port());
    client.send("GET /broken/2" + kGet);
    client.read_head();
    CHECK_FALSE(read_chunks(client));
    CHECK(client.ended());
}

TEST_CASE("server: parts for HTTP/1.0 end with the connection, and HEAD has none") {
    RunningServer running;
    Client old(running.port());
    old.send("GET /parts/2 HTTP/1.0\r\nHost: test\r\nConnection: keep-alive\r\n\r\n");
    const std::string head = old.read_head();
    CHECK(head.find("Transfer-Encoding") == std::string::npos);
    CHECK(head.find("Connection: close\r\n") != std::string::npos);
    CHECK(old.take(140'005).size() == 140'005);
    CHECK(old.ended());
    Client client(running.port());
    client.send("HEAD /parts/2" + kGet + "GET /echo" + kGet);
    CHECK(client.read_head().starts_with("HTTP/1.1 200"));
    CHECK(client.read_response().body == "GET /echo ");
}

TEST_CASE("server: a client that disconnects ends the production of parts") {
    RunningServer running;
    {
        Client client(running.port(), 4096);
        client.send("GET /parts/1000" + kGet);
        client.read_head();
        client.reset();
    }
    Client client(running.port());
    CHECK(client.ask("GET /echo" + kGet).body == "GET /echo ");
    CHECK(running.gateway.count("part") < 500);
}
