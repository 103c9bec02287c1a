/// Reading and writing a non-blocking socket, directly. The one place that knows that a connection is plain TCP.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace cariosan::transport {

/// What one call did.
struct IoResult {
    std::size_t bytes = 0;
    bool blocked = false;  ///< the socket had nothing, or took less than all, for now
    bool failed = false;   ///< the connection is of no more use
};

/// `bytes` 0 without `blocked` or `failed`: the peer will send no more.
IoResult receive_some(int descriptor, std::span<char> into) noexcept;

/// What a socket has to be read: bytes, the end, or nothing yet. Takes nothing.
enum class Peek : std::uint8_t { nothing, bytes, end, failed };
Peek peek(int descriptor) noexcept;

/// Sends as much as the socket takes now.
IoResult send_some(int descriptor, std::span<iovec> parts) noexcept;
IoResult send_some(int descriptor, std::span<const char> bytes) noexcept;

/// How much of what was sent has not been acknowledged by the peer yet.
std::size_t unacknowledged(int descriptor) noexcept;

}  // namespace cariosan::transport
