#include <doctest/doctest.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <atomic>
#include <string>

#include "transport/websocket/websocket_connection.hpp"
#include "unit/transport/running_server.hpp"

using namespace cariosan;
using namespace cariosan::test;

namespace {

/// How often the kernel was asked to change what it watches on a socket.
std::atomic<int> socket_watch_changes{0};

bool is_socket(int descriptor) {
    struct stat status {};
    return ::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

/// Replaces the C library's function in the whole program.
extern "C" int epoll_ctl(int set, int change, int descriptor, epoll_event* event) noexcept {
    if (is_socket(descriptor)) ++socket_watch_changes;
    return static_cast<int>(::syscall(SYS_epoll_ctl, set, change, descriptor, event));
}

TEST_CASE("poller: messages on a WebSocket do not change what the kernel watches") {
    RunningServer running;
    Client client(running.port());
    REQUIRE(client.upgrade().status == 101);
    client.send_text("echo first");
    CHECK(client.read_text() == "first");
    const int before = socket_watch_changes;
    CHECK(before > 0);
    for (int i = 0; i < 50; ++i) {
        client.send_text("echo again");
        CHECK(client.read_text() == "again");
    }
    CHECK(socket_watch_changes == before);
}

TEST_CASE("poller: requests on an HTTP connection do not either") {
    RunningServer running;
    Client client(running.port());
    CHECK(client.ask("GET /one" + kGet).status == 200);
    const int before = socket_watch_changes;
    for (int i = 0; i < 50; ++i) CHECK(client.ask("GET /more" + kGet).status == 200);
    CHECK(socket_watch_changes == before);
}

TEST_CASE("poller: data behind a long request is reported once, and read when its turn comes") {
    RunningServer running;
    Client client(running.port());
    client.send("GET /hold" + kGet);
    REQUIRE(running.gateway.wait_for("/hold"));
    const int before = socket_watch_changes;
    client.send("GET /behind" + kGet);
    Client other(running.port());
    for (int i = 0; i < 20; ++i) CHECK(other.ask("GET /other" + kGet).status == 200);
    // The other's arrival, and the report that nobody reads this now.
    CHECK(socket_watch_changes <= before + 3);
    running.gateway.release();
    CHECK(client.read_response().status == 200);
    CHECK(client.read_response().body == "GET /behind ");
}

/// Together with what the event loop keeps per socket, it used to be 550 bytes.
TEST_CASE("poller: an idle WebSocket is small") { CHECK(sizeof(transport::WebSocketConnection) <= 208); }
