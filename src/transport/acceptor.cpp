#include "transport/acceptor.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <asio/ip/v6_only.hpp>
#include <asio/post.hpp>
#include <cerrno>
#include <algorithm>
#include <string>
#include <utility>

namespace cariosan::transport {

namespace {

constexpr int kPerWake = 64;  ///< the most connections to accept before the thread's other work gets its turn
constexpr std::chrono::milliseconds kPause(100);
constexpr std::chrono::milliseconds kWhileClosing(1);
constexpr std::size_t kClosedAtOnce = 8;
/// Connections that have been idle for less are not closed to make room: a new one needs time to send its request.
constexpr std::chrono::milliseconds kLeastIdle(1000);

bool is_readable(int descriptor) {
    pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, 0) > 0;
}

std::string text_of(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    }
    return address.to_string();
}

}  // namespace

Acceptor::Acceptor(ServerState& state, std::span<const std::unique_ptr<IoThread>> threads)
    : state_(state), threads_(threads), acceptor_(threads[0]->context()), pause_(threads[0]->context()) {}

std::error_code Acceptor::listen(const asio::ip::tcp::endpoint& endpoint) {
    std::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && endpoint.address().is_v6() && endpoint.address().is_unspecified()) {
        acceptor_.set_option(asio::ip::v6_only(false), error);  // "::" means IPv4 too
    }
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor_.native_non_blocking(true, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    return error;
}

void Acceptor::stop() {
    asio::post(acceptor_.get_executor(), [this] {
        std::error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
    });
}

void Acceptor::wait() {
    if (!acceptor_.is_open()) return;
    acceptor_.async_wait(asio::ip::tcp::acceptor::wait_read, [this](const std::error_code& error) {
        if (!error) accept_ready();
    });
}

void Acceptor::accept_ready() {
    for (int i = 0; i < kPerWake; ++i) {
        if (state_.places.full() && is_readable(acceptor_.native_handle()) && make_room()) return try_again_after(kWhileClosing);
        const Outcome outcome = accept_one();
        if (outcome == Outcome::exhausted) return back_off();
        starved_ = false;
        if (outcome == Outcome::none) break;
    }
    wait();
}

/// Closes the idlest connections, since new ones take precedence over them. False if none has been idle for long enough.
bool Acceptor::make_room() {
    const auto idle_since = [](const auto& thread) { return thread->idle_since(); };
    const auto idlest = std::ranges::min_element(threads_, {}, idle_since);
    const std::chrono::milliseconds before = (*idlest)->now() - kLeastIdle;
    if (idle_since(*idlest) > before) return false;
    (*idlest)->close_idlest(std::clamp<std::size_t>(state_.places.all() / 64, 1, kClosedAtOnce), before);
    return true;
}

/// Pauses accepting: without descriptors or memory the listening socket stays readable, so waiting for it would spin.
void Acceptor::back_off() {
    if (!std::exchange(starved_, true) && state_.options.log) {
        state_.options.log({LogLevel::error,
                            "transport.accept_failed",
                            {{"error", std::generic_category().message(errno)}}});
    }
    make_room();
    try_again_after(kPause);
}

void Acceptor::try_again_after(std::chrono::milliseconds pause) {
    pause_.expires_after(pause);
    pause_.async_wait([this](const std::error_code& error) {
        if (!error && acceptor_.is_open()) accept_ready();
    });
}

Acceptor::Outcome Acceptor::accept_one() {
    asio::ip::tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    const int descriptor =
        ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return Outcome::none;
        // The connection ended before it was accepted, or its network failed: continue with the next one.
        const bool passing = errno == ECONNABORTED || errno == EINTR || errno == EPROTO ||
                             errno == ENETDOWN || errno == EHOSTUNREACH || errno == ENETUNREACH ||
                             errno == EPERM;
        return passing ? Outcome::accepted : Outcome::exhausted;
    }
    peer.resize(size);
    hand_over(descriptor, text_of(peer.address()));
    return Outcome::accepted;
}

void Acceptor::hand_over(int descriptor, std::string remote_address) {
    const int on = 1;
    // Output is already coalesced at the end of a turn, so Nagle's algorithm would only delay it.
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto address = encoding::parse_ip_address(remote_address);
    auto taken = state_.places.take(address.value_or(encoding::IpAddress{}));
    if (!taken) {
        ::close(descriptor);
        return;
    }
    threads_[next_++ % threads_.size()]->adopt(descriptor, std::move(remote_address), std::move(*taken));
}

}  // namespace cariosan::transport
