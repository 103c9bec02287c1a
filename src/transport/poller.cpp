#include "transport/poller.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "transport/connection.hpp"

namespace cariosan::transport {

namespace {

std::uint32_t events_of(Interest interest) noexcept {
    std::uint32_t events = 0;
    if (includes(interest, Interest::read)) events |= EPOLLIN;
    if (includes(interest, Interest::write)) events |= EPOLLOUT;
    return events;
}

/// Errors and hang-ups count as both: the read or write that follows finds the end of the connection.
Interest interest_of(std::uint32_t events) noexcept {
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) return Interest::both;
    Interest ready = Interest::none;
    if ((events & EPOLLIN) != 0) ready = ready | Interest::read;
    if ((events & EPOLLOUT) != 0) ready = ready | Interest::write;
    return ready;
}

int open_set() {
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    return set;
}

}  // namespace

Poller::Poller(asio::io_context& context) : set_(context, open_set()) {}

bool Poller::watch(int descriptor, Connection& connection, Interest before, Interest after) noexcept {
    if (before == after) return true;
    epoll_event event{};
    event.events = events_of(after);
    event.data.ptr = &connection;
    const int change = after == Interest::none    ? EPOLL_CTL_DEL
                       : before == Interest::none ? EPOLL_CTL_ADD
                                                  : EPOLL_CTL_MOD;
    return ::epoll_ctl(set_.native_handle(), change, descriptor, &event) == 0;
}

void Poller::wait() {
    set_.async_wait(asio::posix::descriptor_base::wait_read, [this](const std::error_code& error) {
        if (error) return;
        report();
        wait();
    });
}

void Poller::report() {
    std::array<epoll_event, kMostEvents> events;
    const int count = ::epoll_wait(set_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        static_cast<Connection*>(event.data.ptr)->ready(interest_of(event.events));
    }
}

}  // namespace cariosan::transport
