#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "unit/transport/running_server.hpp"

using namespace cariosan;
using namespace cariosan::test;

TEST_CASE("websocket: opens, talks, and closes when the client does") {
    RunningServer running;
    Client client(running.port());
    const ClientResponse response = client.upgrade();
    CHECK(response.status == 101);
    CHECK(response.head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
    CHECK(response.head.find("Sec-WebSocket-Protocol: test.v1\r\n") != std::string::npos);
    client.send_text("echo hello");
    CHECK(client.read_text() == "hello");
    client.send(client_close(1000, "bye"));
    CHECK(client.read_frame().close_code() == 1000);
    CHECK(client.ended());
    CHECK(running.gateway.wait_for("destroyed"));
    CHECK(running.gateway.count("closed") == 1);
    CHECK(running.gateway.count("closing 1000 by the client") == 1);
}

TEST_CASE("websocket: data that comes with the request, and what the session sends at once") {
    RunningServer running;
    Client eager(running.port());
    CHECK(eager.upgrade("later", client_text("echo early") + client_text("echo bird")).status == 101);
    CHECK(eager.read_text() == "early");
    CHECK(eager.read_text() == "bird");
    Client shouted(running.port());
    CHECK(shouted.upgrade("shout").status == 101);
    CHECK(shouted.read_text() == "hello");
    Client unwanted(running.port());
    CHECK(unwanted.upgrade("no").status == 101);
    CHECK(unwanted.read_frame().close_code() == 4429);
}

TEST_CASE("websocket: refused handshakes are plain HTTP, and the connection continues") {
    RunningServer running;
    Client client(running.port());
    CHECK(client.upgrade("deny").status == 401);
    const ClientResponse plain = client.ask("GET /v1/ws" + kGet);
    CHECK(plain.status == 426);
    CHECK(plain.head.find("Upgrade: websocket\r\n") != std::string::npos);
    CHECK(plain.head.find("Connection: Upgrade\r\n") != std::string::npos);
    CHECK(plain.head.find("Sec-WebSocket-Version: 13\r\n") != std::string::npos);
    CHECK(client
              .ask("GET /v1/ws HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                   "Sec-WebSocket-Version: 13\r\n\r\n")
              .status == 400);
    CHECK(client.ask("POST /v1/ws" + kGet).body == "POST /v1/ws ");  // no upgrade, so the gateway answers
    CHECK(client.upgrade().status == 101);
    CHECK(running.gateway.count("open") == 1);
}

TEST_CASE("websocket: a ping by the session is sent in its turn, and the pong counts as a sign of life") {
    RunningServer running;
    Client client(running.port());
    client.upgrade();
    client.send_text("echo before");
    client.send_text("ping");
    client.send_text("echo after");
    CHECK(client.read_text() == "before");
    const ClientFrame ping = client.read_frame();
    CHECK(ping.opcode == 9);
    CHECK(ping.payload.empty());
    CHECK(client.read_text() == "after");
    client.send(frame_bytes(0x8a, ""));
    CHECK(running.gateway.wait_for("alive", 1));
}

TEST_CASE("websocket: frames split anywhere, fragments, pings between them") {
    RunningServer running;
    Client client(running.port());
    client.upgrade();
    const std::string bytes = frame_bytes(0x01, "echo a") + frame_bytes(0x89, "ping") +
                              frame_bytes(0x00, "b") + frame_bytes(0x80, "c") + client_text("echo next");
    for (const char c : bytes) client.send(std::string(1, c));
    const ClientFrame pong = client.read_frame();
    CHECK(pong.opcode == 10);
    CHECK(pong.payload == "ping");
    CHECK(client.read_text() == "abc");
    CHECK(client.read_text() == "next");
    CHECK(running.gateway.count("alive") == 1);
    client.send(frame_bytes(0x8a, "unasked"));
    CHECK(running.gateway.wait_for("alive", 2));
    const std::string large(60'000, 'l');
    client.send_text("echo " + large);
    CHECK(client.read_text() == large);
}

TEST_CASE("websocket: the server closes, and waits for the peer") {
    RunningServer running;
    Client client(running.port());
    client.upgrade();
    client.send_text("close 4403");
    const ClientFrame frame = client.read_frame();
    CHECK(frame.close_code() == 4403);
    CHECK(frame.payload.substr(2) == "as you wish");
    client.send_text("echo too late");
    client.send(client_close(4403));
    CHECK(client.ended());
    CHECK(running.gateway.wait_for("destroyed"));
    CHECK(running.gateway.count("receive echo too late") == 0);
}

TEST_CASE("websocket: a peer that does not answer the close is disconnected") {
    ServerOptions options;
    options.close_timeout = std::chrono::milliseconds(50);
    RunningServer running(options);
    Client client(running.port());
    client.upgrade();
    client.send_text("close 4400");
    CHECK(client.read_frame().close_code() == 4400);
    CHECK(client.ended());
}

TEST_CASE("websocket: violations are answered with their code") {
    ServerOptions options;
    options.max_message_bytes = 1000;
    RunningServer running(options);
    const auto code_for = [&](const std::string& bytes) {
        Client client(running.port());
        client.upgrade();
        client.send(bytes);
        const int code = client.read_frame().close_code();
        CHECK(client.ended());
        return code;
    };
    CHECK(code_for(frame_bytes(0x81, "not masked", false)) == 1002);
    CHECK(code_for(frame_bytes(0xc1, "x")) == 1002);
    CHECK(code_for(frame_bytes(0x82, "binary")) == 1003);
    CHECK(code_for(client_text("\xff")) == 1007);
    CHECK(code_for(client_text(std::string(1001, 'x'))) == 1009);
    CHECK(code_for(client_text("close 4400") + frame_bytes(0x82, "")) == 4400);
    CHECK(running.gateway.wait_for("destroyed", 6));
    // The session learns why, unless it closed the connection itself.
    CHECK(running.gateway.count("closing 1002") == 2);
    for (const char* reason : {"closing 1003", "closing 1007", "closing 1009"}) CHECK(running.gateway.count(reason) == 1);
    CHECK(running.gateway.count("closing 4400") == 0);
    CHECK(running.gateway.count("re-entered") == 0);
}

TEST_CASE("websocket: a message that is never finished") {
    ServerOptions options;
    options.message_timeout = std::chrono::milliseconds(50);
    RunningServer running(options);
    for (const std::string& part :
         {frame_bytes(0x01, "first"), client_text("cut").substr(0, 7), std::string("\x81")}) {
        Client client(running.port());
        client.upgrade();
        client.send(part);
        CHECK(client.read_frame().close_code() == 4408);
    }
    Client idle(running.port());
    idle.upgrade();
    Client later(running.port());
    later.upgrade();
    later.send(frame_bytes(0x01, "first"));
    CHECK(later.read_frame().close_code() == 4408);
    idle.send_text("echo idle is no fault");
    CHECK(idle.read_text() == "idle is no fault");
}

TEST_CASE("websocket: clients that vanish") {
    RunningServer running;
    {
        Client end(running.port());
        end.upgrade();
        end.end_sending();
        CHECK(end.ended());
        Client closed(running.port());
        closed.upgrade();
        closed.close();
        Client reset(running.port());
        reset.upgrade();
        reset.send_text("flood 100000");
        reset.reset();
    }
    CHECK(running.gateway.wait_for("closed", 3));
}

TEST_CASE("websocket: a broadcast reaches everyone on every thread, in order") {
    ServerOptions options;
    options.threads = 3;
    RunningServer running(options);
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 30; ++i) {
        clients.push_back(std::make_unique<Client>(running.port()));
        clients.back()->upgrade();
    }
    REQUIRE(running.gateway.wait_for("open", 30));
    std::thread sender([&] {
        for (int i = 0; i < 200; ++i) running.gateway.broadcast(text_frame(std::to_string(i)), 1 + i % 3);
    });
    bool in_order = true;
    for (const auto& client : clients) {
        for (int i = 0; i < 200; ++i) {
            for (int times = 0; times <= i % 3; ++times) in_order &= client->read_text() == std::to_string(i);
        }
    }
    CHECK(in_order);
    sender.join();
}

TEST_CASE("websocket: an answer does not overtake what was queued before it") {
    RunningServer running;
    Client client(running.port());
    client.upgrade();
    client.send(client_text("many 3 event") + client_text("echo ack") + client_text("many 2 event"));
    for (int i = 0; i < 3; ++i) CHECK(client.read_text() == "event");
    CHECK(client.read_text() == "ack");
    for (int i = 0; i < 2; ++i) CHECK(client.read_text() == "event");
}

TEST_CASE("websocket: a slow reader's backlog grows, is reported, and drains") {
    RunningServer running;
    Client client(running.port(), 4096);
    client.upgrade();
    client.send_text("flood 500000");
    REQUIRE(running.gateway.wait_for("receive flood 500000"));
    client.send_text("flood 900000");
    REQUIRE(running.gateway.wait_for("receive flood 900000"));
    client.send_text("flood 20000000");  // more than the system's buffers hold
    REQUIRE(running.gateway.wait_for("receive flood 20000000"));
    client.send_text("backlog");
    REQUIRE(running.gateway.wait_for("receive backlog"));
    const int before = running.gateway.count("writable");
    std::string text;
    std::size_t frames = 0;
    for (; (text = client.read_text()).size() == 1000; ++frames) {
    }
    CHECK(std::stoul(text) > 256 * 1024);
    CHECK(frames >= 20'000);
    CHECK(running.gateway.wait_for("writable", before + 1));
    client.send_text("backlog");
    CHECK(client.read_text() == "0");
    CHECK(running.gateway.count("writable") == before + 1);
}

TEST_CASE("websocket: a client that reads is not slow, however much is sent in one turn") {
    RunningServer running;
    Client client(running.port());
    client.upgrade();
    client.send_text("burst 600");
    for (int i = 0; i < 600; ++i) CHECK(client.read_text().size() == 1000);
    const std::string last = client.read_text();
    REQUIRE(last.starts_with("backlog "));
    CHECK(std::stoul(last.substr(8)) < 600 * 1004);
}

TEST_CASE("websocket: what was sent before a close arrives before it, even with a backlog") {
    RunningServer running;
    Client client(running.port(), 4096);
    client.upgrade();
    const std::string text(1000, 'f');
    client.send(client_text("many 20000 " + text) + client_text("close 4401") + client_text("many 1 " + text));
    REQUIRE(running.gateway.wait_for("receive close 4401"));
    std::size_t frames = 0;
    ClientFrame frame = client.read_frame();
    for (; frame.opcode == 1; ++frames) frame = client.read_frame();
    CHECK(frames == 20'000);
    CHECK(frame.close_code() == 4401);
}

TEST_CASE("websocket: a client that is too slow does not get its backlog") {
    RunningServer running;
    Client client(running.port(), 4096);
    REQUIRE(client.upgrade().status == 101);
    client.send_text("flood 8000000");
    client.send_text("close 4008");
    REQUIRE(running.gateway.wait_for("receive close 4008"));
    std::size_t received = 0;
    ClientFrame frame = client.read_frame();
    for (; frame.opcode == 1; frame = client.read_frame()) received += frame.payload.size();
    CHECK(frame.close_code() == 4008);
    CHECK(received < 8'000'000);  // what the sockets had accepted, and the rest of one frame
}

TEST_CASE("websocket: a closing connection is cut when its memory is needed") {
    RunningServer running;
    Client client(running.port(), 4096);
    REQUIRE(client.upgrade().status == 101);
    client.send_text("flood 8000000");
    client.send_text("cut");
    CHECK(running.gateway.wait_for("closed"));  // without a byte being read
    CHECK(running.gateway.count("backlog kept") == 0);
}

TEST_CASE("websocket: a flood of pings is answered, but not queued") {
    RunningServer running;
    Client client(running.port(), 4096);
    client.upgrade();
    client.send_text("flood 10000000");
    REQUIRE(running.gateway.wait_for("receive flood 10000000"));
    for (int i = 0; i < 10'000; ++i) client.send(frame_bytes(0x89, std::to_string(i)));
    REQUIRE(running.gateway.wait_for("alive", 10'000));
    client.send_text("backlog");
    REQUIRE(running.gateway.wait_for("receive backlog"));
    std::string last_pong;
    std::string backlog;
    int pongs = 0;
    while (last_pong != "9999" || backlog.empty()) {
        const ClientFrame frame = client.read_frame();
        REQUIRE(frame.opcode != 0);
        if (frame.opcode == 10) {
            last_pong = frame.payload;
            ++pongs;
        } else if (frame.payload.size() < 1000) {
            backlog = frame.payload;
        }
    }
    CHECK(pongs == 1);
    CHECK(std::stoul(backlog) < 11'000'000);
}

TEST_CASE("websocket: stop closes with 1001 and waits for the answer") {
    ServerOptions options;
    options.threads = 2;
    RunningServer running(options);
    Client client(running.port());
    client.upgrade();
    Client other(running.port());
    other.upgrade();
    std::thread stopper([&] { running.server->stop(std::chrono::seconds(60)); });
    CHECK(client.read_frame().close_code() == 1001);
    client.send(client_close(1001));
    CHECK(client.ended());
    CHECK(other.read_frame().close_code() == 1001);
    other.close();
    stopper.join();
    CHECK(running.gateway.count("destroyed") == 2);
}

TEST_CASE("websocket: stop cuts clients that do not answer") {
    RunningServer running;
    Client client(running.port());
    client.upgrade();
    REQUIRE(running.gateway.wait_for("open"));
    running.server->stop(std::chrono::milliseconds(20));
    CHECK(running.gateway.count("destroyed") == 1);
    CHECK(client.read_frame().close_code() == 1001);
    CHECK(client.ended());
}

TEST_CASE("websocket: many clients open, talk and vanish while the server stops") {
    ServerOptions options;
    options.threads = 2;
    RunningServer running(options);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            try {
                for (int i = 0; i < 40; ++i) {
                    Client client(running.port());
                    if (client.upgrade(i % 2 == 0 ? "later" : "").status != 101) continue;
                    client.send_text("all " + std::to_string(t));
                    client.send_text("echo done");
                    std::string text;
                    while ((text = client.read_text()) != "done" && text.size() < 5) {
                    }
                    if (i % 3 == 0) client.reset();
                }
            } catch (const std::exception&) {
                // The server has stopped.
            }
        });
    }
    CHECK(running.gateway.wait_for("receive echo done", 60));
    running.server->stop(std::chrono::milliseconds(10));
    for (std::thread& thread : threads) thread.join();
}
