// TLS with certificates that the test makes: requests, WebSockets, what is refused, and new certificates.
#include <doctest/doctest.h>

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/manual_clock.hpp"
#include "unit/transport/running_server.hpp"
#include "unit/transport/tls_client.hpp"

namespace cariosan::test {
namespace {

ServerOptions with_tls(const TlsFiles& files, ServerOptions options = {}) {
    options.tls_certificate_file = files.certificate();
    options.tls_key_file = files.key();
    return options;
}

struct TlsServer {
    explicit TlsServer(ServerOptions options = {}) : running(with_tls(files, std::move(options))) {}
    std::uint16_t port() const { return running.port(); }

    TlsFiles files;
    RunningServer running;
};

std::string upload(std::string_view target, const std::string& body) {
    return "POST " + std::string(target) + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string letters(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>('a' + i * i % 23));
    return text;
}

/// Why a server with these files does not start.
std::string start_fault(const std::string& certificate, const std::string& key) {
    FakeGateway gateway;
    ServerOptions options;
    options.port = 0;
    options.tls_certificate_file = certificate;
    options.tls_key_file = key;
    const auto started = Server::start(gateway, std::move(options));
    if (started) return {};
    CHECK(started.error().code == ErrorCode::misuse);
    return started.error().message;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("tls: consecutive requests on one connection, in both versions") {
    TlsServer server;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient client(server.port(), {.most = version, .protocols = "\x02h2\x08http/1.1"});
        REQUIRE(client.connected());
        CHECK(client.version() == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
        CHECK(client.protocol() == "http/1.1");
        for (int i = 0; i < 3; ++i) CHECK(client.ask("GET /echo" + kGet).body == "GET /echo ");
        CHECK(client.ask("GET /later" + kGet).body == "GET /later ");
        client.send("GET /echo HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        CHECK(client.read_response().status == 200);
        CHECK(client.ended());
        CHECK(client.told_the_end());
    }
}

TEST_CASE("tls: what is not safe enough, or another protocol, is refused") {
    TlsServer server;
    CHECK_FALSE(TlsClient(server.port(), {.most = TLS1_1_VERSION}).connected());
    CHECK_FALSE(TlsClient(server.port(), {.protocols = "\x02h2"}).connected());
    Client garbage(server.port());
    garbage.send(std::string("\x16\x03\x01\x00\x05hello", 10));
    CHECK((garbage.fill(7), garbage.take(1)) == "\x15");  // an alert
    Client plain(server.port());
    for (const char* method : {"GET", "POST", "DELETE"}) {
        Client client(server.port());
        const ClientResponse answer = client.ask(method + (" /echo" + kGet));
        CHECK(answer.status == 400);
        CHECK(answer.body == "This port speaks HTTPS, not HTTP.\n");
        CHECK(client.ended());
    }
    CHECK(TlsClient(server.port()).ask("GET /echo" + kGet).status == 200);
}

TEST_CASE("tls: large bodies in both directions, however they are read and split") {
    TlsServer server;
    TlsClient client(server.port());
    const std::string body = letters(900'000);
    CHECK((client.ask(upload("/echo", body)).body == "POST /echo " + body));
    CHECK(client.ask("GET /big/20000000" + kGet).body.size() == 20'000'000);
    CHECK(client.ask(upload("/take/3000000", letters(2'500'000))).body == "taken 2500000");
    const std::string request = upload("/echo", letters(300));
    for (const char octet : request) REQUIRE(client.send(std::string(1, octet)));
    CHECK(client.read_response().body == "POST /echo " + letters(300));
    client.update_keys();
    CHECK(client.ask("GET /echo" + kGet).status == 200);

    TlsClient slow(server.port(), {.receive_buffer = 4096});
    slow.send("GET /big/8000000" + kGet + "GET /echo" + kGet);
    CHECK(slow.read_response().body.size() == 8'000'000);
    CHECK(slow.read_response().status == 200);
}

TEST_CASE("tls: requests that arrive, and ends that come, while an answer is due") {
    TlsServer server;
    FakeGateway& gateway = server.running.gateway;
    TlsClient client(server.port());
    client.send("GET /hold" + kGet);
    REQUIRE(gateway.wait_for("/hold"));
    client.send("GET /echo" + kGet);
    while (gateway.held_requests == 0) std::this_thread::yield();  // it has been read, and waits
    gateway.release();
    CHECK(client.read_response().body == "released");
    CHECK(client.read_response().body == "GET /echo ");

    client.send("GET /hold" + kGet);
    REQUIRE(gateway.wait_for("/hold", 2));
    CHECK_FALSE(gateway.asker_gone());
    SUBCASE("only its sending side") {
        client.end_sending();
        while (!gateway.asker_gone()) std::this_thread::yield();
        gateway.release();
        CHECK(client.read_response().status == 200);
    }
    SUBCASE("the whole connection") {
        client.close();
        while (!gateway.asker_gone()) std::this_thread::yield();
        CHECK(gateway.asker_gone());
    }
}

TEST_CASE("tls: WebSockets talk, broadcast, and close") {
    ServerOptions options;
    options.threads = 2;
    TlsServer server(options);
    std::vector<std::unique_ptr<TlsClient>> clients;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(std::make_unique<TlsClient>(server.port()));
        REQUIRE(clients.back()->upgrade().status == 101);
    }
    REQUIRE(server.running.gateway.wait_for("open", 8));
    for (const char octet : client_text("echo byte by byte")) REQUIRE(clients[0]->send(std::string(1, octet)));
    CHECK(clients[0]->read_text() == "byte by byte");
    for (int i = 0; i < 100; ++i) server.running.gateway.broadcast(text_frame(std::to_string(i) + letters(300)), 2);
    int wrong = 0;
    for (const auto& client : clients) {
        for (int i = 0; i < 200; ++i) wrong += client->read_text() == std::to_string(i / 2) + letters(300) ? 0 : 1;
    }
    CHECK(wrong == 0);
    clients[1]->send(client_close(1000));
    CHECK(clients[1]->read_frame().close_code() == 1000);
    CHECK(clients[1]->ended());
    CHECK(clients[1]->told_the_end());
    clients[2]->send_text("close 4429");
    CHECK(clients[2]->read_frame().close_code() == 4429);
    clients[3]->send(frame_bytes(0x83, ""));
    CHECK(clients[3]->read_frame().close_code() == 1002);
    CHECK(clients[3]->ended());
}

TEST_CASE("tls: a slow reader gets everything, or nothing after the frame that was under way") {
    TlsServer server;
    TlsClient slow(server.port(), {.receive_buffer = 4096});
    slow.upgrade();
    slow.send_text("flood 20000000");
    REQUIRE(server.running.gateway.wait_for("receive flood 20000000"));
    slow.send_text("echo last");
    std::size_t frames = 0;
    std::string text;
    while ((text = slow.read_text()).size() == 1000) ++frames;
    CHECK(text == "last");
    CHECK(frames >= 20'000);

    TlsClient closed(server.port(), {.receive_buffer = 4096});
    closed.upgrade();
    closed.send_text("flood 20000000");
    REQUIRE(server.running.gateway.wait_for("receive flood 20000000", 2));
    closed.send_text("close 4008");
    ClientFrame frame;
    while ((frame = closed.read_frame()).payload.size() == 1000) {
    }
    CHECK(frame.close_code() == 4008);
}

TEST_CASE("tls: a handshake that does not go on ends in time, and takes no more room than others") {
    const auto clock = std::make_shared<ManualClock>();
    ServerOptions options;
    options.clock = clock;
    options.max_connections = 3;
    TlsServer server(options);
    Client silent(server.port());
    Client cut(server.port());
    cut.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
    std::atomic<bool> over = false;
    std::thread time([&] {
        while (!over) {
            clock->advance(std::chrono::milliseconds(200));
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    char byte = 0;
    CHECK(::recv(silent.descriptor(), &byte, 1, 0) == 0);
    CHECK(::recv(cut.descriptor(), &byte, 1, 0) == 0);
    over = true;
    time.join();
    // Room is made for one that speaks.
    std::vector<std::unique_ptr<Client>> idle;
    for (int i = 0; i < 3; ++i) idle.push_back(std::make_unique<Client>(server.port()));
    clock->advance(std::chrono::seconds(2));
    CHECK(TlsClient(server.port()).connected());
}

TEST_CASE("tls: a new certificate is used for new connections, a bad one is not") {
    TlsServer server;
    TlsClient before(server.port());
    const std::string first = before.fingerprint();
    CHECK(before.ask("GET /echo" + kGet).status == 200);
    server.files.issue();
    CHECK(TlsClient(server.port()).fingerprint() == first);
    REQUIRE(server.running.server->reload_tls());
    const std::string second = TlsClient(server.port()).fingerprint();
    CHECK(second != first);

    const std::string key = server.files.key();
    server.files.issue_key();
    CHECK(contains(server.running.server->reload_tls().error().message, "the TLS key " + key + " does not belong to the certificate"));
    server.files.folder().write("server.pem", "no certificate");
    CHECK(contains(server.running.server->reload_tls().error().message, "cannot use " + server.files.certificate() + " as the TLS certificate: "));
    CHECK(TlsClient(server.port()).fingerprint() == second);
    CHECK(before.ask("GET /echo" + kGet).status == 200);
    CHECK(before.fingerprint() == first);

    RunningServer plain;
    CHECK(plain.server->reload_tls());
}

TEST_CASE("tls: a server whose certificate or key cannot be used says why, and does not start") {
    const TlsFiles files;
    const TlsFiles others;
    CHECK(start_fault(files.certificate(), files.key()).empty());
    CHECK(start_fault(files.certificate(), "") == "TLS needs a certificate and its key: only one of them is set");
    CHECK(start_fault("", files.key()) == "TLS needs a certificate and its key: only one of them is set");
    const std::string missing = files.folder() / "none.pem";
    CHECK(start_fault(missing, files.key()) == "cannot use " + missing + " as the TLS certificate: No such file or directory");
    CHECK(start_fault(files.certificate(), missing) == "cannot use " + missing + " as the TLS key: No such file or directory");
    CHECK(start_fault(files.certificate(), others.key()) ==
          "the TLS key " + others.key() + " does not belong to the certificate " + files.certificate());
    CHECK(contains(start_fault(files.key(), files.key()), "cannot use " + files.key() + " as the TLS certificate: "));
    CHECK(contains(start_fault(files.certificate(), files.certificate()), "cannot use " + files.certificate() + " as the TLS key: "));
}

TEST_CASE("tls: stop closes idle connections and WebSockets in their usual way") {
    TlsServer server;
    TlsClient idle(server.port());
    CHECK(idle.ask("GET /echo" + kGet).status == 200);
    Client unfinished(server.port());
    TlsClient socket(server.port());
    socket.upgrade();
    REQUIRE(server.running.gateway.wait_for("open"));
    std::thread stopper([&] { server.running.server->stop(std::chrono::seconds(60)); });
    CHECK(idle.ended());
    CHECK(socket.read_frame().close_code() == 1001);
    socket.send(client_close(1001));
    CHECK(socket.ended());
    stopper.join();
    CHECK(unfinished.ended());
}

}  // namespace cariosan::test
