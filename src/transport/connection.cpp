#include "transport/connection.hpp"

#include <sys/socket.h>

#include <utility>

#include "transport/io_thread.hpp"

namespace cariosan::transport {

Connection::Connection(IoThread& thread, Socket socket, ConnectionPlaces::Place place) noexcept
    : thread_(thread), place_(std::move(place)), socket_(std::move(socket)) {}

void Connection::ready(Interest can) {
    if (dead_) return;
    // Stop watching what nobody waits for: it would be reported again and again.
    watch(without(watched_, without(can, wanted_)));
    const Interest may = can & wanted_;
    wanted_ = without(wanted_, may);
    if (includes(may, Interest::write)) writable();
    if (!dead_ && includes(may, Interest::read)) readable();
    // A socket is writable most of the time, so stop watching for that. Keep watching for reads: most connections wait again at
    // once.
    if (!dead_ && !includes(wanted_, Interest::write)) watch(without(watched_, Interest::write));
}

void Connection::watch(Interest interest) noexcept {
    if (!thread_.poller().watch(descriptor(), *this, watched_, interest)) return kill();
    watched_ = interest;
}

void Connection::wait_for(Interest interest) {
    if (dead_) return;
    wanted_ = wanted_ | interest;
    watch(watched_ | interest);
}

void Connection::wait_readable() { wait_for(Interest::read); }

void Connection::wait_writable() { wait_for(Interest::write); }

void Connection::shut_down_sending() noexcept { socket_.shut_down_sending(); }

void Connection::mark_dirty() {
    if (dead_ || std::exchange(dirty_, true)) return;
    thread_.add_dirty(*this);
}

void Connection::arm(std::chrono::milliseconds delay) {
    if (!dead_) thread_.arm(*this, delay);
}

void Connection::disarm() noexcept { thread_.disarm(*this); }

void Connection::bury() noexcept {
    dead_ = true;
    disarm();
    thread_.bury(*this);
}

void Connection::kill() noexcept {
    if (dead_) return;
    socket_.close();
    bury();
}

Socket Connection::release_socket() noexcept {
    if (!dead_) watch(Interest::none);
    Socket socket = std::move(socket_);
    if (!dead_) bury();
    return socket;
}

}  // namespace cariosan::transport
