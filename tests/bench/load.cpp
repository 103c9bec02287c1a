/// A load generator: many WebSocket connections on one epoll loop. See README.md.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load_client.hpp"

namespace {

using cariosan::bench::client_frame;
using cariosan::bench::die;
using cariosan::bench::Options;

using Time = std::chrono::steady_clock::time_point;

struct Connection {
    int descriptor = -1;
    SSL* ssl = nullptr;  ///< with TLS; lives as long as the process
    std::string rest;  // of an incomplete frame
};

/// Enough of a compressed message to tell what it is.
class Beginning {
  public:
    Beginning() {
        if (::inflateInit2(&stream_, -15) != Z_OK) die("no zlib");
    }
    ~Beginning() { ::inflateEnd(&stream_); }
    Beginning(const Beginning&) = delete;
    Beginning& operator=(const Beginning&) = delete;

    /// The same message to many connections is looked at once, lest the generator is slower than the server, whose batches then
    /// become smaller than those of plain messages.
    std::string_view of(std::string_view compressed) {
        if (compressed == last_) return begins_;
        last_ = compressed;
        return begins_ = inflated(compressed);
    }

  private:
    std::string_view inflated(std::string_view compressed) {
        ::inflateReset(&stream_);
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
        stream_.avail_in = static_cast<uInt>(compressed.size());
        stream_.next_out = text_.data();
        stream_.avail_out = static_cast<uInt>(text_.size());
        ::inflate(&stream_, Z_SYNC_FLUSH);
        return {reinterpret_cast<const char*>(text_.data()), text_.size() - stream_.avail_out};
    }

    z_stream stream_{};
    std::array<Bytef, 64> text_{};
    std::string last_;
    std::string_view begins_;
};

class Load {
  public:
    explicit Load(const Options& options) : options_(options), count_(options.text("count", "")) {}

    void connect_all() {
        std::vector<std::string> tokens;
        if (const std::string path = options_.text("tokens", ""); !path.empty()) tokens = cariosan::bench::lines_of(path);
        const auto wanted = static_cast<std::size_t>(options_.number(
            "connections", static_cast<std::int64_t>(std::max<std::size_t>(tokens.size(), 1))));
        const std::vector<std::int64_t> ports = options_.numbers("port", "8080");
        for (std::size_t i = 0; i < wanted; ++i) {
            const auto port = static_cast<std::uint16_t>(ports[i % ports.size()]);
            connections_.push_back(connect(port, tokens.empty() ? "" : tokens[i % tokens.size()]));
            epoll_event event{};
            event.events = EPOLLIN | EPOLLET;
            event.data.u64 = i;
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_.back().descriptor, &event);
        }
        // Before that a server may not know yet which channels the connection gets.
        while (!tokens.empty() && ready_ < static_cast<std::int64_t>(wanted)) poll(-1);
    }

    /// Sends `broadcasts` texts with `in-flight` of them in progress, and reports.
    void measure() {
        const std::int64_t warmup = options_.number("warmup", 100);
        const std::int64_t broadcasts = options_.number("broadcasts", 1000);
        in_flight_ = options_.number("in-flight", 1);
        rate_ = options_.number("rate", 0);
        run_until(warmup);
        completions_.clear();
        const std::vector<std::int64_t> pids = options_.numbers("pid", "");
        const std::int64_t cpu_before = cpu_of(pids);
        const std::int64_t delivered_before = delivered_;
        const std::int64_t bytes_before = delivered_bytes_;
        const Time start = std::chrono::steady_clock::now();
        run_until(warmup + broadcasts);
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const auto delivered = static_cast<double>(delivered_ - delivered_before);
        const auto cpu = static_cast<double>(cpu_of(pids) - cpu_before);
        std::sort(completions_.begin(), completions_.end());
        std::printf(
            "{\"connections\":%zu,\"in_flight\":%lld,\"broadcasts\":%lld,\"delivered\":%.0f,\"seconds\":%.3f,"
            "\"deliveries_per_second\":%.0f,\"cpu_ns_per_delivery\":%.0f,\"bytes_per_delivery\":%.0f,\"p50_us\":%.0f,\"p99_us\":%.0f}\n",
            connections_.size(), static_cast<long long>(in_flight_), static_cast<long long>(broadcasts),
            delivered, seconds, delivered / seconds, cpu / delivered,
            static_cast<double>(delivered_bytes_ - bytes_before) / delivered, percentile(50),
            percentile(99));
    }

    /// Keeps the connections open, reading and pinging, until its input ends.
    void idle() {
        std::printf("ready\n");
        std::fflush(stdout);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = UINT64_MAX;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, STDIN_FILENO, &event);
        Time last_ping = std::chrono::steady_clock::now();
        while (!input_ended_) {
            poll(1000);
            if (std::chrono::steady_clock::now() - last_ping < std::chrono::seconds(25)) continue;
            last_ping = std::chrono::steady_clock::now();
            for (Connection& connection : connections_) write(connection, client_frame(0x89, ""));
        }
    }

  private:
    static std::int64_t cpu_of(const std::vector<std::int64_t>& pids) {
        std::int64_t total = 0;
        for (const std::int64_t pid : pids) total += cariosan::bench::cpu_of(pid);
        return total;
    }

    Connection connect(std::uint16_t port, const std::string& token) const {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        if (::inet_pton(AF_INET, options_.text("host", "127.0.0.1").c_str(), &address.sin_addr) != 1)
            die("bad host");
        const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
        if (descriptor < 0 ||
            ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            die("cannot connect");
        }
        const int on = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::string request = cariosan::bench::upgrade_request(options_.text("path", "/v1/ws"), token, options_.given.contains("deflate"));
        Connection made{descriptor, nullptr, {}};
        if (options_.given.contains("tls")) {
            made.ssl = SSL_new(tls_);
            if (SSL_set_fd(made.ssl, descriptor) != 1 || SSL_connect(made.ssl) != 1) die("no TLS");
        }
        write(made, request);
        // Byte by byte, so that frames after the head are left for the loop.
        std::string head;
        for (char c = 0; !head.ends_with("\r\n\r\n"); head.push_back(c)) {
            const ssize_t got = made.ssl != nullptr ? SSL_read(made.ssl, &c, 1) : ::recv(descriptor, &c, 1, 0);
            if (got != 1) die("no answer to the upgrade: " + head);
        }
        if (made.ssl != nullptr) ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
        if (!head.starts_with("HTTP/1.1 101")) die("refused: " + head);
        return made;
    }

    void run_until(std::int64_t broadcasts) {
        const auto members = static_cast<std::int64_t>(connections_.size());
        const Time start = std::chrono::steady_clock::now();
        const std::int64_t first = sent_;
        while (delivered_ < broadcasts * members) {
            std::int64_t allowed = std::min(broadcasts, delivered_ / members + in_flight_);
            if (rate_ > 0) {
                const double seconds =
                    std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
                allowed = std::min(
                    broadcasts, first + 1 + static_cast<std::int64_t>(seconds * static_cast<double>(rate_)));
            }
            while (sent_ < allowed) send_next();
            poll(rate_ > 0 ? 1 : -1);
            const Time now = std::chrono::steady_clock::now();
            for (; completed_ < delivered_ / members; ++completed_, sent_at_.pop_front()) {
                completions_.push_back(
                    std::chrono::duration<double, std::micro>(now - sent_at_.front()).count());
            }
        }
    }

    void send_next() {
        std::string text = options_.text("message", std::string(200, 'x'));
        if (const std::size_t at = text.find("{n}"); at != std::string::npos) {
            text.replace(at, 3, run_ + std::to_string(sent_));
        }
        const auto senders = static_cast<std::size_t>(options_.number("senders", 1));
        write(connections_[static_cast<std::size_t>(sent_) % std::min(senders, connections_.size())],
              client_frame(0x81, text));
        sent_at_.push_back(std::chrono::steady_clock::now());
        ++sent_;
    }

    static void write(Connection& connection, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = connection.ssl != nullptr ? SSL_write(connection.ssl, bytes.data(), static_cast<int>(bytes.size()))
                                                           : ::send(connection.descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) die("the server closed a connection");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    void poll(int timeout_ms) {
        std::array<epoll_event, 256> events;
        const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
        for (int i = 0; i < ready; ++i) {
            const std::uint64_t index = events[static_cast<std::size_t>(i)].data.u64;
            if (index == UINT64_MAX) {
                input_ended_ = ::read(STDIN_FILENO, buffer_.data(), buffer_.size()) <= 0;
            } else {
                read(connections_[index]);
            }
        }
    }

    ssize_t receive(const Connection& connection) {
        if (connection.ssl == nullptr) return ::recv(connection.descriptor, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        const int got = SSL_read(connection.ssl, buffer_.data(), static_cast<int>(buffer_.size()));
        if (got <= 0) errno = SSL_get_error(connection.ssl, got) == SSL_ERROR_WANT_READ ? EAGAIN : EIO;
        return got;
    }

    void read(Connection& connection) {
        while (true) {
            const ssize_t got = receive(connection);
            if (got < 0 && errno == EAGAIN) return;
            if (got <= 0) die("the server closed a connection");
            std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got));
            if (connection.rest.empty()) {
                connection.rest = std::string(take_frames(bytes));
            } else {
                const std::string all = connection.rest.append(bytes);
                connection.rest = std::string(take_frames(all));
            }
            // A record of TLS ends before the buffer does.
            if (connection.ssl == nullptr && static_cast<std::size_t>(got) < buffer_.size()) return;
        }
    }

    /// Counts complete frames, and returns the rest.
    std::string_view take_frames(std::string_view bytes) {
        return cariosan::bench::take_frames(bytes, [&](std::uint8_t first, std::string_view payload) {
            if (first == 0x88) die("the server sent a close frame: " + std::string(payload.substr(2)));
            if (first != 0x81 && first != 0xc1) return;
            const std::string_view text = first == 0xc1 ? beginning_.of(payload) : payload;
            if (text.starts_with(R"({"type":"connection.ready")")) ++ready_;
            if (!text.starts_with(count_)) return;
            ++delivered_;
            delivered_bytes_ += static_cast<std::int64_t>(payload.size());
        });
    }

    double percentile(std::size_t percent) const {
        return completions_.empty() ? 0 : completions_[(completions_.size() - 1) * percent / 100];
    }

    const Options& options_;
    const std::string count_;
    const std::string run_ =
        std::to_string(std::chrono::system_clock::now().time_since_epoch().count()) + "-";
    int epoll_ = ::epoll_create1(0);
    SSL_CTX* const tls_ = SSL_CTX_new(TLS_client_method());
    std::vector<Connection> connections_;
    std::array<char, 256 * 1024> buffer_{};
    std::deque<Time> sent_at_;
    std::vector<double> completions_;
    std::int64_t in_flight_ = 1;
    std::int64_t rate_ = 0;
    std::int64_t sent_ = 0;
    std::int64_t ready_ = 0;
    Beginning beginning_;
    std::int64_t delivered_ = 0;
    std::int64_t delivered_bytes_ = 0;  ///< of the payloads
    std::int64_t completed_ = 0;
    bool input_ended_ = false;
};

}  // namespace

int main(int argc, char** argv) {
    const rlimit files{.rlim_cur = 100'000, .rlim_max = 100'000};
    ::setrlimit(RLIMIT_NOFILE, &files);
    const Options options(argc, argv);
    Load load(options);
    load.connect_all();
    options.given.contains("idle") ? load.idle() : load.measure();
}
