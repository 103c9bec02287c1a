/// A blocking client on a real socket, which sends exactly the given bytes.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "unit/transport/websocket_bytes.hpp"

namespace cariosan::test {

struct ClientResponse {
    int status = 0;
    std::string head;
    std::string body;
};

/// A frame from the server; opcode 0: the connection was closed instead.
struct ClientFrame {
    int opcode = 0;
    std::string payload;
    bool compressed = false;  ///< the bit RSV1 of its first byte

    int close_code() const {
        if (opcode != 8 || payload.size() < 2) return 0;
        return static_cast<std::uint8_t>(payload[0]) << 8 | static_cast<std::uint8_t>(payload[1]);
    }
};

class Client {
  public:
    /// `receive_buffer` 0: the system's choice. A different `from`, one of the many loopback addresses, makes it
    /// another client.
    explicit Client(std::uint16_t port, int receive_buffer = 0, const char* from = "127.0.0.1")
        : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (socket_ < 0) throw std::runtime_error("socket");
        const timeval patience{.tv_sec = 60, .tv_usec = 0};  // ends a test that would hang
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (receive_buffer != 0) {
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        }
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        ::inet_pton(AF_INET, from, &address.sin_addr);
        if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            ::close(socket_);
            throw std::runtime_error("bind");
        }
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            ::close(socket_);
            throw std::runtime_error("connect");
        }
    }
    virtual ~Client() { close(); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void close() {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }
    /// Closes with a reset instead of the usual way.
    void reset() {
        const linger now{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }
    virtual void end_sending() { ::shutdown(socket_, SHUT_WR); }

    /// False if the server no longer accepts data.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = write_some(bytes);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// Reads until there are `count` bytes. False if the connection ends first.
    bool fill(std::size_t count) {
        while (input_.size() < count) {
            char buffer[65536];
            const ssize_t got = read_some(buffer, sizeof buffer);
            if (got <= 0) return false;
            input_.append(buffer, static_cast<std::size_t>(got));
        }
        return true;
    }
    /// Whether the server ends the connection without sending another byte.
    bool ended() { return !fill(1); }

    std::string take(std::size_t count) {
        if (!fill(count)) throw std::runtime_error("the connection ended");
        std::string taken = input_.substr(0, count);
        input_.erase(0, count);
        return taken;
    }

    std::string read_head() {
        std::size_t end = 0;
        while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
            if (!fill(input_.size() + 1)) return {};
        }
        return take(end + 4);
    }
    ClientResponse read_response(bool without_body = false) {
        ClientResponse response;
        response.head = read_head();
        if (response.head.size() < 12) return response;
        response.status = std::stoi(response.head.substr(9, 3));
        const std::size_t length = response.head.find("Content-Length: ");
        if (length != std::string::npos && !without_body) {
            response.body = take(static_cast<std::size_t>(std::stoul(response.head.substr(length + 16))));
        }
        return response;
    }
    ClientResponse ask(std::string_view request) {
        send(request);
        return read_response();
    }

    /// Opens a WebSocket; `more` is sent along with the request, whose head also has the `fields`.
    ClientResponse upgrade(std::string_view query = "", std::string_view more = "", std::string_view fields = "") {
        std::string request = "GET /v1/ws";
        if (!query.empty()) request.append("?").append(query);
        request.append(
            " HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n");
        send(request.append(fields).append("\r\n").append(more));
        return read_response();
    }

    ClientFrame read_frame() {
        if (!fill(2)) return {};
        std::size_t header = 2;
        std::uint64_t length = static_cast<std::uint8_t>(input_[1]);
        if (length >= 126) {
            const std::size_t extended = length == 126 ? 2 : 8;
            header += extended;
            if (!fill(header)) return {};
            length = 0;
            for (std::size_t i = 0; i < extended; ++i)
                length = length << 8 | static_cast<std::uint8_t>(input_[2 + i]);
        }
        if (!fill(header + length)) return {};
        const std::string frame = take(header + static_cast<std::size_t>(length));
        const auto first = static_cast<std::uint8_t>(frame[0]);
        return {first & 0xf, frame.substr(header), (first & 0x40) != 0};
    }
    std::string read_text() {
        const ClientFrame frame = read_frame();
        return frame.opcode == 1 ? frame.payload : "opcode " + std::to_string(frame.opcode);
    }
    bool send_text(std::string_view text) { return send(client_text(text)); }

    std::size_t buffered() const { return input_.size(); }
    int descriptor() const { return socket_; }

  protected:
    virtual ssize_t write_some(std::string_view bytes) { return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    virtual ssize_t read_some(char* into, std::size_t size) { return ::recv(socket_, into, size, 0); }

  private:
    int socket_;
    std::string input_;
};

}  // namespace cariosan::test
