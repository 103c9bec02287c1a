/// An HTTP server on 127.0.0.1 whose responses a test writes byte by byte, so that it can fail in every way.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cariosan::test {

/// What the server does with one request.
struct StandInAnswer {
    std::string bytes{};      ///< sent as they are
    bool hang_up = false;     ///< afterwards the connection is closed
    bool reset = false;       ///< afterwards it is reset
    bool stay_silent = false; ///< otherwise, after `bytes`, nothing is sent until the client gives up
    std::chrono::milliseconds drip{};  ///< not 0: `bytes` are sent one by one, with this delay
};

inline std::string http_answer(const std::string& status, const std::string& body = "", const std::string& more = "") {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}

/// How bytes travel over an accepted connection. Does not own its socket.
class Wire {
  public:
    virtual ~Wire() = default;
    /// Waits; 0 or less when there is no more.
    virtual long read(char* bytes, std::size_t size) = 0;
    virtual void write(const std::string& bytes) = 0;
};

class PlainWire : public Wire {
  public:
    explicit PlainWire(int socket) : socket_(socket) {}
    long read(char* bytes, std::size_t size) override { return ::recv(socket_, bytes, size, 0); }
    void write(const std::string& bytes) override { ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  private:
    const int socket_;
};

/// Whether these bytes complete an HTTP/1.1 request with a length.
inline bool is_whole_request(const std::string& request) {
    const auto head_end = request.find("\r\n\r\n");
    const auto length_at = request.find("Content-Length: ");
    if (head_end == std::string::npos || length_at == std::string::npos) return false;
    return request.size() >= head_end + 4 + std::strtoul(request.c_str() + length_at + 16, nullptr, 10);
}

struct StandInOptions {
    /// Absent if the connection fails.
    std::function<std::unique_ptr<Wire>(int socket)> wire = [](int socket) { return std::make_unique<PlainWire>(socket); };
    std::string scheme = "http";
    std::function<bool(const std::string& read)> is_whole = is_whole_request;
};

/// Each connection has a thread; all end with the server.
class HttpStandIn {
  public:
    /// Called for every request, with head and body, on the thread of its connection.
    using Script = std::function<StandInAnswer(const std::string& request)>;

    explicit HttpStandIn(Script script, StandInOptions options = {})
        : script_(std::move(script)), options_(std::move(options)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("no socket to listen on");
        }
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~HttpStandIn() {
        ending_ = true;
        acceptor_.join();
        for (std::thread& thread : threads_) thread.join();
        ::close(listener_);
    }
    HttpStandIn(const HttpStandIn&) = delete;
    HttpStandIn& operator=(const HttpStandIn&) = delete;

    std::string url(const std::string& host = "127.0.0.1") const {
        return options_.scheme + "://" + host + ":" + std::to_string(port_) + "/hook";
    }
    int connections() const { return connections_; }
    std::vector<std::string> requests() const {
        const std::scoped_lock lock(mutex_);
        return requests_;
    }

  private:
    /// Waits for data; false once the server ends.
    bool readable(int socket) const {
        while (!ending_) {
            pollfd wanted{.fd = socket, .events = POLLIN, .revents = 0};
            if (::poll(&wanted, 1, 20) > 0) return true;
        }
        return false;
    }

    void accept_all() {
        while (readable(listener_)) {
            const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0) continue;
            ++connections_;
            threads_.emplace_back([this, socket] {
                if (const auto wire = options_.wire(socket)) {
                    while (serve_one(socket, *wire)) {
                    }
                }
                ::close(socket);
            });
        }
    }

    /// The next request with its body; empty when the connection ends.
    std::string read_request(int socket, Wire& wire) const {
        std::string request;
        while (readable(socket)) {
            char bytes[4096];
            const long count = wire.read(bytes, sizeof bytes);
            if (count <= 0) return {};
            request.append(bytes, static_cast<std::size_t>(count));
            if (options_.is_whole(request)) return request;
        }
        return {};
    }

    void write(Wire& wire, const StandInAnswer& answer) const {
        if (answer.drip.count() == 0) return wire.write(answer.bytes);
        for (const char byte : answer.bytes) {
            if (ending_) return;
            wire.write(std::string(1, byte));
            std::this_thread::sleep_for(answer.drip);
        }
    }

    bool serve_one(int socket, Wire& wire) {
        const std::string request = read_request(socket, wire);
        if (request.empty()) return false;
        {
            const std::scoped_lock lock(mutex_);
            requests_.push_back(request);
        }
        const StandInAnswer answer = script_(request);
        write(wire, answer);
        if (answer.reset) {
            const linger at_once{.l_onoff = 1, .l_linger = 0};
            ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        }
        if (answer.stay_silent) static_cast<void>(readable(socket));
        return !answer.hang_up && !answer.reset && !answer.stay_silent;
    }

    const Script script_;
    const StandInOptions options_;
    const int listener_;
    std::uint16_t port_ = 0;
    std::atomic<bool> ending_ = false;
    std::atomic<int> connections_ = 0;
    mutable std::mutex mutex_{};
    std::vector<std::string> requests_{};
    std::vector<std::thread> threads_{};  // only used by the acceptor until it has ended
    std::thread acceptor_{};
};

}  // namespace cariosan::test
