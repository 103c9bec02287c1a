/// HTTP/1.1 and WebSocket over standalone Asio. Target `cariosan::transport`.
#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cariosan {

struct ServerOptions {
    std::string host = "127.0.0.1";  ///< an address to listen on
    std::uint16_t port = 8080;       ///< 0: any free one, see `Server::port`
    std::size_t threads = 0;         ///< I/O threads, each with its own event loop; 0: one per core, at most 16
    /// Never more than the process may have open files (RLIMIT_NOFILE), less a reserve for the database and outgoing
    /// connections. Beyond, a connection that has waited for a request for a second or longer makes room, the idlest first; if
    /// there is none, new ones are answered 503 and closed.
    std::size_t max_connections = 100'000;
    /// Of one client: an address of version 4, or a /64 of version 6. Beyond, new ones are answered 429 and closed.
    std::size_t max_connections_per_address = 256;
    /// Addresses or CIDR ranges that may have more, for they bring the connections of many. `misuse` if one is neither.
    std::vector<std::string> trusted_proxies{};
    std::size_t max_head_bytes = 16 * 1024;  ///< of a request; beyond: 431
    std::size_t max_head_fields = 64;
    std::size_t max_body_bytes = 1 << 20;    ///< beyond: 413, before it is read
    std::size_t max_message_bytes = 64 * 1024;  ///< of a WebSocket message; beyond: close 1009, before it is allocated
    /// Whether messages are compressed for clients that offer it (`permessage-deflate`, RFC 7692), and theirs accepted. Without
    /// context takeover, so that each message is compressed once per I/O thread, however many receive it.
    bool compression = true;
    /// PEM files: the server's certificate followed by those between it and its root, and its key. If they are set, both together,
    /// the port speaks HTTPS and secure WebSockets only, by TLS 1.2 or later; a handshake has the time of a head. `misuse` if they
    /// cannot be used.
    std::string tls_certificate_file{};
    std::string tls_key_file{};
    std::chrono::milliseconds head_timeout = std::chrono::seconds(10);  ///< beyond: 408
    /// From the first byte of a request to its last, the time in which its head is judged included; beyond: 408.
    std::chrono::milliseconds request_timeout = std::chrono::seconds(60);
    /// In such a time a client takes at least 16 KiB of an answer, or all of it; else its connection is closed.
    std::chrono::milliseconds write_timeout = std::chrono::seconds(30);
    /// Between two requests of a connection; announced in `Keep-Alive`. Longer than proxies keep theirs, which must be the first
    /// to close.
    std::chrono::milliseconds keep_alive_timeout = std::chrono::seconds(75);
    std::chrono::milliseconds message_timeout = std::chrono::seconds(30);  ///< of an incomplete WebSocket message
    std::chrono::milliseconds close_timeout = std::chrono::seconds(10);
    LogSink log{};
    std::shared_ptr<Clock> clock{};  ///< of all these deadlines but that of `Server::stop`; null: `system_clock`
};

/// A running server. Owns its I/O threads. All calls from any thread but its own.
class Server {
  public:
    /// Listens and starts. `unavailable` with the reason if the address cannot be bound. The gateway must outlive it.
    static Result<std::unique_ptr<Server>> start(Gateway& gateway, ServerOptions options);
    /// Like `stop` with a deadline of zero.
    virtual ~Server() = default;

    /// The port listened on.
    virtual std::uint16_t port() const = 0;

    /// Reads the certificate and its key again, for new connections; open ones are not affected. Blocks while it reads. If they
    /// cannot be used, the previous ones stay, and the error says why. Does nothing without TLS.
    virtual Result<Done> reload_tls() = 0;

    /// Stops accepting, finishes requests that are being answered, closes WebSocket connections with 1001, and ends the
    /// threads. What is still open at the deadline is cut.
    virtual void stop(std::chrono::milliseconds deadline) = 0;
};

}  // namespace cariosan
