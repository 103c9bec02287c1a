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
/// list of those that have something to write when the turn ends. Used on that thread only.
///
/// An end has two steps, so that nothing is destroyed under the feet of its caller. `kill` closes the socket, at any
/// time; at the end of the turn `finish` is called once, and the object is destroyed.
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

    /// The poller says what the socket can do. Calls `writable` and `readable`, if that is waited for.
    void ready(Interest can);

    void kill() noexcept;
    bool dead() const noexcept { return dead_; }
    /// The place among the server's connections, for the connection that takes over, or to be given back.
    ConnectionPlaces::Place give_place() noexcept { return std::move(place_); }

  protected:
    virtual void readable() = 0;
    virtual void writable() = 0;

    IoThread& thread() const noexcept { return thread_; }
    int descriptor() const noexcept { return socket_.descriptor(); }
    /// Calls `readable` once, when there is something to read. Waiting already: nothing changes.
    void wait_readable();
    void wait_writable();
    void shut_down_sending() noexcept;
    /// Has `flush` called when the turn ends.
    void mark_dirty();
    /// One deadline at a time; a new one replaces the old.
    void arm(std::chrono::milliseconds delay);
    void disarm() noexcept;
    /// Leaves a dead shell behind.
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
    Interest watched_ = Interest::none;   ///< by the kernel: what is wanted, or more
    bool dirty_ = false;
    bool dead_ = false;
};

}  // namespace cariosan::transport
