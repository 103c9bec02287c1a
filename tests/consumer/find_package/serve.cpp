#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/asio/server.hpp>
#include <cariosan/http.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

namespace {

int failed(const char* step, const cariosan::Error& error) {
    std::fprintf(stderr, "%s: %s\n", step, error.message.c_str());
    return 1;
}

}  // namespace

/// Starts the transport on a free port and stops it: everything an embedding host links is there.
int main() {
    auto storage = cariosan::open_sqlite({.path = ":memory:", .clock = nullptr, .fail_step = nullptr});
    if (!storage) return failed("open_sqlite", storage.error());

    cariosan::EngineOptions options;
    options.storage = std::move(*storage);
    options.crypto = cariosan::openssl_crypto();
    auto engine = cariosan::Engine::open(std::move(options));
    if (!engine) return failed("Engine::open", engine.error());

    cariosan::GatewayOptions gateway_options;
    gateway_options.jwt_secret = std::string(32, 's');
    auto gateway = cariosan::Gateway::create(**engine, std::move(gateway_options));
    if (!gateway) return failed("Gateway::create", gateway.error());

    cariosan::ServerOptions server_options;
    server_options.port = 0;
    server_options.threads = 1;
    auto server = cariosan::Server::start(**gateway, std::move(server_options));
    if (!server) return failed("Server::start", server.error());

    const bool listening = (*server)->port() != 0;
    (*server)->stop(std::chrono::seconds(1));
    return listening ? 0 : 1;
}
