// A chat inside a server that is not ours: a web shop on Boost.Beast serves its pages, and the chat under /v1, from one process and
// one port. Open the two addresses that it prints.
//
//   cariosan-mount chat.db [PORT]

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <array>
#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "http_connection.hpp"
#include "shop_page.hpp"

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using namespace cariosan;

namespace {

constexpr const char* kChannel = "order_1";

/// The shop's workspace with its two customers, made at the first start.
WorkspaceId open_workspace(Engine& engine) {
    const auto page = engine.run(Caller::host(), ListWorkspaces{}).or_throw();
    if (!page.items.empty()) return page.items.front().id;
    const WorkspaceCredentials shop = engine.run(Caller::host(), CreateWorkspace{.name = "Shop"}).or_throw();
    std::printf("the backend's key, shown once: %s:%s\n", shop.api_key.c_str(), shop.api_secret.c_str());
    const Caller backend = Caller::backend(shop.id);
    engine.run(backend, UpsertUser{.external_id = "alice", .name = "Alice"}).or_throw();
    engine.run(backend, UpsertUser{.external_id = "budi", .name = "Budi"}).or_throw();
    engine.run(backend, CreateChannel{.external_id = kChannel, .name = "Order #1", .member_external_ids = {"alice", "budi"}}).or_throw();
    return shop.id;
}

HttpConnection::Response shop_page(const HttpConnection::Request& request) {
    HttpConnection::Response response;
    const bool is_page = request.target() == "/" || request.target().starts_with("/?");
    response.result(is_page ? http::status::ok : http::status::not_found);
    response.set(http::field::content_type, is_page ? "text/html; charset=utf-8" : "text/plain");
    response.body() = is_page ? kShopPage : "There is no such page.\n";
    return response;
}

/// 256 random bits in hexadecimal.
std::string new_secret() {
    std::array<std::uint8_t, 32> bytes{};
    openssl_crypto()->random(bytes);
    std::string text;
    for (const std::uint8_t byte : bytes) {
        constexpr const char* digits = "0123456789abcdef";
        text += {digits[byte / 16], digits[byte % 16]};
    }
    return text;
}

/// The shop's server: one thread, which is also the chat's one lane.
class ShopServer {
  public:
    ShopServer(Gateway& gateway, unsigned short port)
        : gateway_(gateway), acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), port)) {}

    ~ShopServer() {
        const std::lock_guard lock(mutex_);
        woken_ = true;  // the context ends before the lane
    }
    ShopServer(const ShopServer&) = delete;
    ShopServer& operator=(const ShopServer&) = delete;

    unsigned short port() const { return acceptor_.local_endpoint().port(); }

    /// Serves until SIGINT or SIGTERM.
    void run() {
        accept();
        tick();
        signals_.async_wait([this](boost::system::error_code, int) { stop(); });
        context_.run();
    }

  private:
    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
            if (!acceptor_.is_open()) return;
            if (!error) std::make_shared<HttpConnection>(gateway_, *lane_, shop_, std::move(socket))->next();
            accept();
        });
    }

    void tick() {
        timer_.expires_after(std::chrono::seconds(1));
        timer_.async_wait([this](boost::system::error_code error) {
            if (error) return;
            lane_->tick();
            tick();
        });
    }

    /// From any thread: the lane has work.
    void wake() {
        const std::lock_guard lock(mutex_);
        if (std::exchange(woken_, true)) return;
        asio::post(context_, [this] {
            {
                const std::lock_guard taken(mutex_);
                woken_ = false;
            }
            lane_->run();
        });
    }

    /// Everyone is asked to come back, and gets a moment to hear it.
    void stop() {
        acceptor_.close();
        gateway_.drain(std::chrono::seconds(1));
        lane_->stop_waiting();
        timer_.expires_after(std::chrono::milliseconds(500));
        timer_.async_wait([this](boost::system::error_code) { context_.stop(); });
    }

    Gateway& gateway_;
    std::mutex mutex_;
    bool woken_ = false;
    const HttpConnection::Shop shop_ = shop_page;
    // The context owns the connections, whose sessions belong to the lane: it goes first.
    std::unique_ptr<Lane> lane_ = gateway_.make_lane([this] { wake(); });
    asio::io_context context_{1};
    tcp::acceptor acceptor_;
    asio::steady_timer timer_{context_};
    asio::signal_set signals_{context_, SIGINT, SIGTERM};
};

void serve(const std::string& database, unsigned short port) {
    auto storage = open_sqlite({.path = database}).or_throw();
    auto engine = Engine::open({.storage = std::move(storage), .crypto = openssl_crypto()}).or_throw();
    const WorkspaceId shop = open_workspace(*engine);
    // A real shop keeps this secret: a new one signs everyone out.
    auto gateway = Gateway::create(*engine, {.jwt_secret = new_secret()}).or_throw();
    ShopServer server(*gateway, port);
    for (const char* name : {"alice", "budi"}) {
        const User user = engine->run(Caller::backend(shop), GetUser{.user = name}).or_throw();
        const std::string token = gateway->issue_token(shop, user, std::chrono::hours(24));
        std::printf("%s: http://localhost:%u/?channel=%s#%s\n", user.name.c_str(), unsigned{server.port()}, kChannel, token.c_str());
    }
    std::fflush(stdout);
    server.run();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        serve(argc > 1 ? argv[1] : "chat.db", static_cast<unsigned short>(argc > 2 ? std::atoi(argv[2]) : 8081));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
