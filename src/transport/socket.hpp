#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "transport/socket_io.hpp"
#include "transport/tls/tls_stream.hpp"

namespace cariosan::transport {

/// Owns an open non-blocking socket and closes it when destroyed. What is read and written is plain, or encrypted if TLS was started:
/// the only place that knows. A plain connection pays one comparison per call for that.
class Socket {
  public:
    explicit Socket(int descriptor) noexcept : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), tls_(std::move(other.tls_)) {}
    Socket& operator=(Socket&&) = delete;
    ~Socket() { close(); }

    /// Before anything is read or written. Throws `std::bad_alloc`.
    void start_tls(std::shared_ptr<const TlsContext> context) { tls_ = std::make_unique<TlsStream>(std::move(context), descriptor_); }

    int descriptor() const noexcept { return descriptor_; }
    void close() noexcept {
        tls_.reset();
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

    /// `bytes` 0 without `blocked` or `failed`: the peer has closed its sending side.
    IoResult receive(std::span<char> into) noexcept { return tls_ ? tls_->receive(into) : receive_some(descriptor_, into); }
    /// Sends as much as the socket accepts now. If `blocked`, call again with what is left once the socket is writable, even if
    /// nothing is left.
    IoResult send(std::span<iovec> parts) noexcept { return tls_ ? tls_->send(parts) : send_some(descriptor_, parts); }
    IoResult send(std::span<const char> bytes) noexcept {
        if (!tls_) return send_some(descriptor_, bytes);
        const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
        return tls_->send(std::span(&part, 1));
    }
    /// What can be read now. Bytes that had to be read to see that are appended to `early`.
    Peek look(std::string& early) { return tls_ ? tls_->peek(early) : peek(descriptor_); }
    /// Nothing more is sent.
    void shut_down_sending() noexcept {
        if (tls_) tls_->end();
        ::shutdown(descriptor_, SHUT_WR);
    }

  private:
    int descriptor_;
    std::unique_ptr<TlsStream> tls_;
};

}  // namespace cariosan::transport
