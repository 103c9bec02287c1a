#include "transport/socket_io.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

namespace cariosan::transport {

namespace {

IoResult result_of(ssize_t count, std::size_t wanted) noexcept {
    if (count >= 0) {
        const auto bytes = static_cast<std::size_t>(count);
        return {.bytes = bytes, .blocked = bytes < wanted};
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {.blocked = true};
    return {.failed = true};
}

}  // namespace

IoResult receive_some(int descriptor, std::span<char> into) noexcept {
    ssize_t count = 0;
    do {
        count = ::recv(descriptor, into.data(), into.size(), MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);
    return result_of(count, 0);
}

Peek peek(int descriptor, char* first) noexcept {
    char byte = 0;
    ssize_t count = 0;
    do {
        count = ::recv(descriptor, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    } while (count < 0 && errno == EINTR);
    if (count > 0 && first != nullptr) *first = byte;
    if (count > 0) return Peek::bytes;
    if (count == 0) return Peek::end;
    return errno == EAGAIN || errno == EWOULDBLOCK ? Peek::nothing : Peek::failed;
}

IoResult send_some(int descriptor, std::span<const char> bytes) noexcept {
    ssize_t count = 0;
    do {
        count = ::send(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    return result_of(count, bytes.size());
}

IoResult send_some(int descriptor, std::span<iovec> parts) noexcept {
    std::size_t wanted = 0;
    for (const iovec& part : parts) wanted += part.iov_len;
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    ssize_t count = 0;
    do {
        count = ::sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    return result_of(count, wanted);
}

std::size_t unacknowledged(int descriptor) noexcept {
    int bytes = 0;
    if (::ioctl(descriptor, SIOCOUTQ, &bytes) != 0 || bytes < 0) return 0;
    return static_cast<std::size_t>(bytes);
}

}  // namespace cariosan::transport
