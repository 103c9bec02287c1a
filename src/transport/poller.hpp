#pragma once

#include <array>
#include <asio/io_context.hpp>
#include <asio/posix/basic_stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>

namespace cariosan::transport {

class Connection;

/// What a connection waits for; values may be combined.
enum class Interest : std::uint8_t { none = 0, read = 1, write = 2, both = 3 };
constexpr Interest operator|(Interest a, Interest b) noexcept {
    return static_cast<Interest>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr Interest operator&(Interest a, Interest b) noexcept {
    return static_cast<Interest>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}
constexpr Interest without(Interest a, Interest b) noexcept {
    return static_cast<Interest>(static_cast<unsigned>(a) & ~static_cast<unsigned>(b));
}
constexpr bool includes(Interest all, Interest one) noexcept { return (all & one) != Interest::none; }

/// Reports which sockets of one I/O thread are readable or writable: a separate epoll set, which the thread's event loop
/// sees as one descriptor.
///
/// The event loop's own set would cost every connection 300 bytes for operations, and a system call after each message to wait
/// again. Here a socket that waits to read stays in the set, level-triggered, so reading a message and waiting for the next one
/// changes nothing in the kernel. The entry is changed only when it reports something that nobody waits for.
///
/// Calls `Connection::ready` for each ready socket. A connection must not be destroyed within these calls, but may be removed
/// from the set.
class Poller {
  public:
    explicit Poller(asio::io_context& context);

    /// Starts reporting. The context must run on one thread.
    void start() { wait(); }

    /// Changes what the kernel watches for this socket, from `before` to `after`. With `none` the socket is not in the set.
    /// False if the kernel has no room for it.
    bool watch(int descriptor, Connection& connection, Interest before, Interest after) noexcept;

  private:
    /// Per turn; the rest is reported in the next one.
    static constexpr std::size_t kMostEvents = 128;

    void wait();
    void report();

    asio::posix::basic_stream_descriptor<asio::io_context::executor_type> set_;
};

}  // namespace cariosan::transport
