#pragma once

#include <doctest/doctest.h>

#include <cariosan/asio/server.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include "unit/transport/client.hpp"
#include "unit/transport/fake_gateway.hpp"

namespace cariosan::test {

/// A server on a free loopback port, with a fake gateway.
struct RunningServer {
    explicit RunningServer(ServerOptions options = {}) {
        options.port = 0;
        if (options.threads == 0) options.threads = 1;
        Result<std::unique_ptr<Server>> started = Server::start(gateway, std::move(options));
        REQUIRE(started.ok());
        server = std::move(*started);
    }
    ~RunningServer() {
        server.reset();
        CHECK(gateway.lanes_alive == 0);
        CHECK(gateway.count("re-entered") == 0);
        CHECK(gateway.count("destroyed unclosed") == 0);
        CHECK(gateway.count("open") == gateway.count("closed"));
        CHECK(gateway.count("open") == gateway.count("destroyed"));
    }
    std::uint16_t port() const { return server->port(); }

    FakeGateway gateway;
    std::unique_ptr<Server> server;
};

inline const std::string kGet = " HTTP/1.1\r\nHost: test\r\n\r\n";

}  // namespace cariosan::test
