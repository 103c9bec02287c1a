#include "transport/connection.hpp"

#include <system_error>
#include <utility>

#include "transport/io_thread.hpp"

namespace cariosan::transport {

struct Connection::OnReadable {
    using allocator_type = HandlerAllocator<std::byte>;
    allocator_type get_allocator() const noexcept { return allocator_type(self->read_storage_); }
    void operator()(const std::error_code&) const {
        // Whatever the code, reading shows what happened.
        if (self->returned(self->reading_)) self->readable();
    }
    Connection* self;
};

/// Waiting to write happens under back-pressure only: no memory is set aside for it.
struct Connection::OnWritable {
    void operator()(const std::error_code&) const {
        if (self->returned(self->writing_)) self->writable();
    }
    Connection* self;
};

Connection::Connection(IoThread& thread, Socket socket, ConnectionPlaces::Place place) noexcept
    : thread_(thread), socket_(std::move(socket)), place_(std::move(place)) {}

bool Connection::returned(bool& waiting) noexcept {
    waiting = false;
    if (!dead_) return true;
    if (finished_ && !reading_ && !writing_) thread_.remove(*this);
    return false;
}

void Connection::wait_readable() {
    if (dead_ || reading_) return;
    reading_ = true;
    socket_.async_wait(Socket::wait_read, OnReadable{this});
}

void Connection::wait_writable() {
    if (dead_ || writing_) return;
    writing_ = true;
    socket_.async_wait(Socket::wait_write, OnWritable{this});
}

void Connection::shut_down_sending() noexcept {
    std::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
}

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
    std::error_code ignored;
    socket_.close(ignored);
    bury();
}

Socket Connection::release_socket() noexcept {
    Socket socket = std::move(socket_);
    bury();
    return socket;
}

}  // namespace cariosan::transport
