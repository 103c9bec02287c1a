#include <algorithm>
#include <asio/ip/tcp.hpp>
#include <cariosan/asio/server.hpp>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "transport/acceptor.hpp"
#include "transport/descriptors.hpp"
#include "transport/io_thread.hpp"

namespace cariosan {

namespace {

constexpr std::size_t kMaxThreads = 64;  // the most lanes of a gateway
constexpr std::size_t kMaxDefaultThreads = 16;
constexpr std::size_t kDescriptorsOfAThread = 3;  // used by its event loop

class AsioServer final : public Server {
  public:
    AsioServer(Gateway& gateway, ServerOptions options, encoding::IpRanges trusted_proxies, std::size_t refused)
        : state_(gateway, std::move(options), std::move(trusted_proxies), refused) {}
    ~AsioServer() override { stop(std::chrono::milliseconds(0)); }

    std::error_code open(const asio::ip::tcp::endpoint& endpoint, std::size_t threads) {
        for (std::size_t i = 0; i < threads; ++i)
            threads_.push_back(std::make_unique<transport::IoThread>(state_));
        acceptor_ = std::make_unique<transport::Acceptor>(state_, threads_);
        if (const std::error_code error = acceptor_->listen(endpoint)) return error;
        acceptor_->start();
        for (const auto& thread : threads_) thread->start();
        return {};
    }

    std::uint16_t port() const override { return acceptor_->port(); }

    Result<Done> reload_tls() override {
        const ServerOptions& options = state_.options;
        if (options.tls_certificate_file.empty()) return Done{};
        auto loaded = transport::TlsContext::load(options.tls_certificate_file, options.tls_key_file);
        if (!loaded) return std::move(loaded).error();
        state_.tls.set(*std::move(loaded));
        return Done{};
    }

    void stop(std::chrono::milliseconds deadline) override {
        const std::lock_guard lock(stop_mutex_);
        const auto at = std::chrono::steady_clock::now() + deadline;
        if (acceptor_) acceptor_->stop();
        for (const auto& thread : threads_) thread->stop(at);
        for (const auto& thread : threads_) thread->join();
    }

  private:
    transport::ServerState state_;
    std::vector<std::unique_ptr<transport::IoThread>> threads_;
    std::unique_ptr<transport::Acceptor>
        acceptor_;  // declared after the threads: its socket must close before their contexts are destroyed
    std::mutex stop_mutex_;
};

Result<Done> check(const ServerOptions& options) {
    if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
        return Error(ErrorCode::misuse, "TLS needs a certificate and its key: only one of them is set");
    }
    const auto positive = [](std::chrono::milliseconds time) { return time.count() > 0; };
    if (options.threads > kMaxThreads) return Error(ErrorCode::misuse, "a server has at most 64 threads");
    if (options.max_connections == 0 || options.max_connections_per_address == 0 || options.max_head_bytes == 0 || options.max_head_fields == 0 ||
        options.max_message_bytes == 0) {
        return Error(ErrorCode::misuse, "a limit of the server is zero");
    }
    if (!positive(options.head_timeout) || !positive(options.request_timeout) ||
        !positive(options.write_timeout) || !positive(options.keep_alive_timeout) ||
        !positive(options.message_timeout) || !positive(options.close_timeout)) {
        return Error(ErrorCode::misuse, "a timeout of the server is zero or negative");
    }
    return Done{};
}

/// The address as given, or the first one that the name resolves to.
asio::ip::tcp::endpoint resolve(const ServerOptions& options, std::error_code& error) {
    const asio::ip::address address = asio::ip::make_address(options.host, error);
    if (!error) return {address, options.port};
    asio::io_context context;
    asio::ip::tcp::resolver resolver(context);
    const auto found = resolver.resolve(options.host, std::to_string(options.port), error);
    return found.empty() ? asio::ip::tcp::endpoint() : found.begin()->endpoint();
}

/// Lowers `options.max_connections` to the number of available descriptors.
Result<transport::DescriptorShare> share_out(ServerOptions& options, std::size_t threads) {
    const transport::DescriptorShare share = transport::share_descriptors(threads * kDescriptorsOfAThread + 1);
    if (share.connections == 0) {
        return Error(ErrorCode::unavailable, "a limit of " + std::to_string(share.limit) +
                                                 " open files leaves none for connections; raise it (ulimit -n)");
    }
    if (share.connections < options.max_connections && options.log) {
        options.log({LogLevel::info,
                     "transport.connections_limited",
                     {{"connections", static_cast<std::int64_t>(share.connections)},
                      {"open_files", static_cast<std::int64_t>(share.limit)}}});
    }
    options.max_connections = std::min(options.max_connections, share.connections);
    return share;
}

Error cannot_listen(const ServerOptions& options, const std::string& reason) {
    return Error(ErrorCode::unavailable, "cannot listen on " + options.host + " port " +
                                             std::to_string(options.port) + ": " + reason);
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Gateway& gateway, ServerOptions options) {
    if (Result<Done> checked = check(options); !checked) return std::move(checked).error();
    auto trusted_proxies = encoding::IpRanges::parse(options.trusted_proxies);
    if (!trusted_proxies) return std::move(trusted_proxies).error();
    if (!options.clock) options.clock = system_clock();
    std::size_t threads = options.threads;
    if (threads == 0)
        threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxDefaultThreads);
    try {
        std::error_code error;
        const asio::ip::tcp::endpoint endpoint = resolve(options, error);
        if (error) return cannot_listen(options, error.message());
        const auto share = share_out(options, threads);
        if (!share) return cannot_listen(options, share.error().message);
        auto server = std::make_unique<AsioServer>(gateway, options, std::move(*trusted_proxies), share->refused);
        if (auto loaded = server->reload_tls(); !loaded) return std::move(loaded).error();
        error = server->open(endpoint, threads);
        if (error) return cannot_listen(options, error.message());
        return std::unique_ptr<Server>(std::move(server));
    } catch (const std::system_error& failure) {  // no descriptors for an event loop, or no more threads
        return cannot_listen(options, failure.what());
    }
}

}  // namespace cariosan
