#include "line_socket.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace cariosan::server {

namespace {

/// The address of a socket. A path of more than the kernel's 107 bytes is reached through a descriptor of its folder.
struct Address {
    sockaddr_un value{};
    Descriptor folder;
};

std::optional<Address> address_of(const std::string& path) {
    Address address;
    std::string name = path;
    if (name.size() >= sizeof(address.value.sun_path)) {
        const std::filesystem::path whole(path);
        const std::string folder = whole.has_parent_path() ? whole.parent_path().string() : ".";
        address.folder = Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!address.folder) return std::nullopt;
        name = "/proc/self/fd/" + std::to_string(address.folder.get()) + "/" + whole.filename().string();
    }
    if (name.size() >= sizeof(address.value.sun_path)) {
        errno = ENAMETOOLONG;
        return std::nullopt;
    }
    address.value.sun_family = AF_UNIX;
    std::memcpy(address.value.sun_path, name.c_str(), name.size() + 1);
    return address;
}

const sockaddr* generic(const Address& address) { return reinterpret_cast<const sockaddr*>(&address.value); }

}  // namespace

std::optional<std::string> LineSocket::read_line(std::size_t max_bytes) {
    std::size_t searched = 0;
    while (true) {
        const std::size_t end = buffer_.find('\n', searched);
        if (end != std::string::npos) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            if (line.size() > max_bytes) return std::nullopt;
            return line;
        }
        if (buffer_.size() > max_bytes) return std::nullopt;
        searched = buffer_.size();
        std::array<char, 65'536> part{};
        const ssize_t count = ::recv(descriptor_.get(), part.data(), part.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::nullopt;
        buffer_.append(part.data(), static_cast<std::size_t>(count));
    }
}

bool LineSocket::write_line(std::string_view line) {
    const std::string whole = std::string(line) + "\n";
    std::string_view rest = whole;
    while (!rest.empty()) {
        const ssize_t count = ::send(descriptor_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

bool LineSocket::peer_is_gone() const {
    pollfd state{descriptor_.get(), POLLRDHUP, 0};
    return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

std::optional<unsigned> LineSocket::peer_user() const {
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (::getsockopt(descriptor_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
    return peer.uid;
}

void LineSocket::set_read_timeout(int seconds) {
    const timeval timeout{seconds, 0};
    ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
}

void LineSocket::shut_down() { ::shutdown(descriptor_.get(), SHUT_RDWR); }

Result<Descriptor> listen_at(const std::string& path) {
    constexpr int kBacklog = 16;
    const auto failed = [&path](const char* what) {
        return Error(ErrorCode::unavailable,
                     std::string("cannot ") + what + " " + path + ": " + std::strerror(errno));
    };
    Descriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!descriptor) return failed("make");
    const auto address = address_of(path);
    if (!address) return failed("reach");
    ::unlink(path.c_str());
    // The file gets the mode of the socket, so there is no moment at which other users could connect.
    if (::fchmod(descriptor.get(), S_IRUSR | S_IWUSR) != 0) return failed("protect");
    if (::bind(descriptor.get(), generic(*address), sizeof(address->value)) != 0) return failed("make");
    if (::listen(descriptor.get(), kBacklog) != 0) return failed("listen at");
    return descriptor;
}

LineSocket connect_to(const std::string& path) {
    Descriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = address_of(path);
    if (!descriptor || !address) return {};
    if (::connect(descriptor.get(), generic(*address), sizeof(address->value)) != 0) return {};
    return LineSocket(std::move(descriptor));
}

}  // namespace cariosan::server
