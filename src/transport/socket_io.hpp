/// Direct reads and writes on a non-blocking socket, as they are on the wire.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace cariosan::transport {

/// The result of one call.
struct IoResult {
    std::size_t bytes = 0;
    bool blocked = false;  ///< the socket has nothing to read, or did not take everything, for now
    bool failed = false;   ///< the connection is unusable
};

/// `bytes` 0 without `blocked` or `failed`: the peer has closed its sending side.
IoResult receive_some(int descriptor, std::span<char> into) noexcept;

/// What can be read from a socket now: bytes, the end, or nothing yet. Consumes nothing; `first` gets the
/// first byte.
enum class Peek : std::uint8_t { nothing, bytes, end, failed };
Peek peek(int descriptor, char* first = nullptr) noexcept;

/// Sends as much as the socket accepts now.
IoResult send_some(int descriptor, std::span<iovec> parts) noexcept;
IoResult send_some(int descriptor, std::span<const char> bytes) noexcept;

/// The bytes sent that the peer has not acknowledged yet.
std::size_t unacknowledged(int descriptor) noexcept;

}  // namespace cariosan::transport
