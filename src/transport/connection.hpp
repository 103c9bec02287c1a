#pragma once

#include <asio/basic_stream_socket.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "transport/connection_places.hpp"
#include "transport/handler_storage.hpp"
#include "transport/timer_wheel.hpp"

namespace cariosan::transport {

class IoThread;

/// Not the type-erased executor: smaller, and without a virtual call per operation.
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

/// What HTTP and WebSocket connections share: a socket that belongs to one I/O thread, one deadline, and a place in the
/// list of those that have something to write when the turn ends. Used on that thread only.
///
/// An end has three steps, so that nothing is destroyed under the feet of its caller. `kill` closes the socket, at any
/// time; at the end of the turn `finish` is called once; the object is destroyed when the event loop has given back
/// its last operation.
class Connection : public TimerNode {
  public:
    Connection(IoThread& thread, Socket socket, ConnectionPlaces::Place place) noexcept;
    virtual ~Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// The turn ends: what was queued during it goes out.
    virtual void flush() = 0;
    /// The deadline has passed.
    virtual void expired() = 0;
    /// The server stops: nothing new is begun, what is being done may end.
    virtual void drain() = 0;
    /// The connection is dead and the turn is over.
    virtual void finish() {}

    void kill() noexcept;
    bool dead() const noexcept { return dead_; }
    /// The place among the server's connections, for the connection that takes over, or to be given back.
    ConnectionPlaces::Place give_place() noexcept { return std::move(place_); }

  protected:
    virtual void readable() = 0;
    virtual void writable() = 0;

    IoThread& thread() const noexcept { return thread_; }
    int descriptor() noexcept { return socket_.native_handle(); }
    /// Calls `readable` once, when there is something to read. Waiting already: nothing changes.
    void wait_readable();
    void wait_writable();
    void shut_down_sending() noexcept;
    /// Has `flush` called when the turn ends.
    void mark_dirty();
    /// One deadline at a time; a new one replaces the old.
    void arm(std::chrono::milliseconds delay);
    void disarm() noexcept;
    /// Leaves a dead shell behind. There must be no operation waiting.
    Socket release_socket() noexcept;

  private:
    friend class IoThread;
    struct OnReadable;
    struct OnWritable;

    /// An operation came back; true if the connection is still alive.
    bool returned(bool& waiting) noexcept;
    void bury() noexcept;

    HandlerStorage read_storage_;  // first, so that the rest is next to what derived classes use most
    IoThread& thread_;
    Socket socket_;
    ConnectionPlaces::Place place_;
    std::uint32_t index_ = 0;  ///< in the thread's list
    bool reading_ = false;
    bool writing_ = false;
    bool dirty_ = false;
    bool dead_ = false;
    bool finished_ = false;
};

}  // namespace cariosan::transport
