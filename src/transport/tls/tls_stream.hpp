#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "transport/socket_io.hpp"
#include "transport/tls/tls_context.hpp"

namespace cariosan::transport {

/// The server's side of TLS on one non-blocking socket, with the same calls as a plain socket. The handshake takes place within
/// `receive`. Used on the connection's thread.
///
/// What `send` accepts has been encrypted, and cannot be taken back: if the socket does not take all of it, the rest waits here, at
/// most a few records, and nothing more is accepted until it is gone.
class TlsStream {
  public:
    /// Throws `std::bad_alloc`.
    TlsStream(std::shared_ptr<const TlsContext> context, int descriptor);
    ~TlsStream();
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    /// `into` has room for a record, 16 KiB, so that nothing stays behind that the kernel does not report. A client that speaks
    /// plain HTTP is told so; that fails.
    IoResult receive(std::span<char> into) noexcept;
    /// `blocked` as long as the socket has not taken everything, although `bytes` may say that everything was accepted: call again,
    /// with what is left or nothing, once the socket is writable. Fails before the handshake is complete.
    IoResult send(std::span<const iovec> parts) noexcept;
    /// Looks whether the peer has sent more, or has closed. To see that, it must read: bytes are appended to `early`.
    Peek peek(std::string& early);
    /// Tells the peer that nothing more follows, if the socket takes it.
    void end() noexcept;

    /// For `TlsContext`.
    static bio_method_st* make_wire();

  private:
    struct Wire;

    bool flush() noexcept;
    bool speaks_plain_http(Peek first, char byte) noexcept;
    IoResult refused(int result, IoResult total) noexcept;

    std::shared_ptr<const TlsContext> context_;
    ssl_st* ssl_;
    std::string out_;       ///< encrypted, and not yet taken by the socket
    std::size_t sent_ = 0;  ///< bytes of it
    const int descriptor_;
    bool greeted_ = false;  ///< the first byte was one of TLS
};

}  // namespace cariosan::transport
