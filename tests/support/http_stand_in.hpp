/// An HTTP server on 127.0.0.1 whose answers a test writes byte by byte, so that it can fail in every way.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
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
    bool hang_up = false;     ///< then the connection is closed
    bool reset = false;       ///< then it is reset
    bool stay_silent = false; ///< else, and after `bytes`, nothing is sent until the other side gives up
};

inline std::string http_answer(const std::string& status, const std::string& body = "", const std::string& more = "") {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}

/// Each connection has a thread; all end with the server.
class HttpStandIn {
  public:
    /// Called for every request, head and body, on the thread of its connection.
    using Script = std::function<StandInAnswer(const std::string& request)>;

    explicit HttpStandIn(Script script) : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
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
        return "http://" + host + ":" + std::to_string(port_) + "/hook";
    }
    int connections() const { return connections_; }
    std::vector<std::string> requests() const {
        const std::scoped_lock lock(mutex_);
        return requests_;
    }

  private:
    /// Waits for something to read; false once the server ends.
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
                while (serve_one(socket)) {
                }
                ::close(socket);
            });
        }
    }

    /// The next request with its body; empty when the connection ends.
    std::string read_request(int socket) const {
        std::string request;
        while (readable(socket)) {
            char bytes[4096];
            const auto count = ::recv(socket, bytes, sizeof bytes, 0);
            if (count <= 0) return {};
            request.append(bytes, static_cast<std::size_t>(count));
            const auto head_end = request.find("\r\n\r\n");
            const auto length_at = request.find("Content-Length: ");
            if (head_end == std::string::npos || length_at == std::string::npos) continue;
            if (request.size() >= head_end + 4 + std::strtoul(request.c_str() + length_at + 16, nullptr, 10)) return request;
        }
        return {};
    }

    bool serve_one(int socket) {
        const std::string request = read_request(socket);
        if (request.empty()) return false;
        {
            const std::scoped_lock lock(mutex_);
            requests_.push_back(request);
        }
        const StandInAnswer answer = script_(request);
        ::send(socket, answer.bytes.data(), answer.bytes.size(), MSG_NOSIGNAL);
        if (answer.reset) {
            const linger at_once{.l_onoff = 1, .l_linger = 0};
            ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        }
        if (answer.stay_silent) static_cast<void>(readable(socket));
        return !answer.hang_up && !answer.reset && !answer.stay_silent;
    }

    const Script script_;
    const int listener_;
    std::uint16_t port_ = 0;
    std::atomic<bool> ending_ = false;
    std::atomic<int> connections_ = 0;
    mutable std::mutex mutex_{};
    std::vector<std::string> requests_{};
    std::vector<std::thread> threads_{};  // of the acceptor until it has ended
    std::thread acceptor_{};
};

}  // namespace cariosan::test
