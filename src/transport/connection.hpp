#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include "transport/connection_places.hpp"
#include "transport/poller.hpp"
#include "transport/socket.hpp"
#include "transport/timer_wheel.hpp"

namespace cariosan::transport {

class IoThread;

/// What HTTP and WebSocket connections share: a socket that belongs to one I/O thread, one deadline, and a place in the
/// list of connections to flush at the end of the turn. Used only on that thread.
///
/// A connection ends in two steps, so that it is never destroyed while one of its functions is running. `kill` closes the socket
/// at any time; at the end of the turn `finish` is called once, and the object is destroyed.
class Connection : public TimerNode {
  public:
    Connection(IoThread& thread, Socket socket, ConnectionPlaces::Place place) noexcept;
    virtual ~Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// The turn ends: sends what was queued during it.
    virtual void flush() = 0;
    /// The deadline has passed.
    virtual void expired() = 0;
    /// The server is stopping: starts nothing new, but lets work in progress finish.
    virtual void drain() = 0;
    /// The connection is dead and the turn is over.
    virtual void finish() {}

    /// Called by the poller with what the socket can do. Calls `writable` and `readable` if the connection waits for that.
    void ready(Interest can);

    void kill() noexcept;
    bool dead() const noexcept { return dead_; }
    /// Gives up the place among the server's connections, to a connection that takes over or to be released.
    ConnectionPlaces::Place give_place() noexcept { return std::move(place_); }

  protected:
    virtual void readable() = 0;
    virtual void writable() = 0;

    IoThread& thread() const noexcept { return thread_; }
    int descriptor() const noexcept { return socket_.descriptor(); }
    Socket& socket() noexcept { return socket_; }
    /// Has `readable` called once, when there is something to read. Repeating it has no effect.
    void wait_readable();
    void wait_writable();
    void shut_down_sending() noexcept;
    /// Has `flush` called at the end of the turn.
    void mark_dirty();
    /// Sets the deadline, replacing the previous one.
    void arm(std::chrono::milliseconds delay);
    void disarm() noexcept;
    /// The connection is dead afterwards.
    Socket release_socket() noexcept;

  private:
    friend class IoThread;

    void wait_for(Interest interest);
    void watch(Interest interest) noexcept;
    void bury() noexcept;

    IoThread& thread_;
    ConnectionPlaces::Place place_;
    Socket socket_;
    std::uint32_t index_ = 0;             ///< in the thread's list
    Interest wanted_ = Interest::none;    ///< waited for by this connection
    Interest watched_ = Interest::none;   ///< watched by the kernel: at least what is wanted
    bool dirty_ = false;
    bool dead_ = false;
};

}  // namespace cariosan::transport
