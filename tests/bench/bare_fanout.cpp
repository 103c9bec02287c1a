/// The limit for a fan-out: an epoll loop that answers each client frame by sending one prebuilt frame to every connection,
/// gathered and directly. It keeps no state, so its cost is that of the kernel.
///
///     bare_fanout [payload bytes]      prints its port, serves until its input ends
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kMostAtOnce = 256;  // frames per system call

struct Fanout {
    int epoll = ::epoll_create1(0);
    int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    std::vector<int> open;      // connections past their handshake
    std::vector<bool> greeted;  // by descriptor
    std::string frames;         // the frame, repeated
    std::size_t frame_size = 0;
    std::array<char, 64 * 1024> buffer;

    void watch(int descriptor) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = descriptor;
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
    }

    void build_frame(std::size_t payload) {
        std::string frame = "\x81";
        if (payload < 126) {
            frame.push_back(static_cast<char>(payload));
        } else {
            frame.push_back(126);
            frame.push_back(static_cast<char>(payload >> 8 & 0xff));
            frame.push_back(static_cast<char>(payload & 0xff));
        }
        frame.append(payload, 'x');
        frame_size = frame.size();
        for (std::size_t i = 0; i < kMostAtOnce; ++i) frames += frame;
    }

    int listen() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(listener, 4096) != 0) {
            std::perror("listen");
            std::exit(1);
        }
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
        watch(listener);
        return ntohs(address.sin_port);
    }

    void accept_all() {
        int descriptor = -1;
        while ((descriptor = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0) {
            const int on = 1;
            ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            if (greeted.size() <= static_cast<std::size_t>(descriptor)) {
                greeted.resize(static_cast<std::size_t>(descriptor) + 1);
            }
            greeted[static_cast<std::size_t>(descriptor)] = false;
            watch(descriptor);
        }
    }

    /// Reads, and returns how many frames arrived. Trusts its client to send whole frames with payloads under 64 KiB.
    std::size_t read(int descriptor) {
        const ssize_t got = ::recv(descriptor, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            ::close(descriptor);
            std::erase(open, descriptor);
            return 0;
        }
        if (!greeted[static_cast<std::size_t>(descriptor)]) {
            greeted[static_cast<std::size_t>(descriptor)] = true;
            constexpr std::string_view answer =
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
            ::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL);
            open.push_back(descriptor);
            return 0;
        }
        std::size_t count = 0;
        for (std::size_t at = 0; at + 6 <= static_cast<std::size_t>(got); ++count) {
            const auto byte = [&](std::size_t i) {
                return static_cast<std::size_t>(static_cast<std::uint8_t>(buffer[i]));
            };
            const std::size_t length = byte(at + 1) & 0x7f;
            at += length < 126 ? 6 + length : 8 + (byte(at + 2) << 8 | byte(at + 3));
        }
        return count;
    }

    void send_all(std::size_t count) {
        for (; count > 0; count -= std::min(count, kMostAtOnce)) {
            const std::size_t bytes = std::min(count, kMostAtOnce) * frame_size;
            for (const int descriptor : open) {
                if (::send(descriptor, frames.data(), bytes, MSG_NOSIGNAL) != static_cast<ssize_t>(bytes)) {
                    std::fputs("a client does not keep up: the figure is worth nothing\n", stderr);
                }
            }
        }
    }

    void run() {
        std::array<epoll_event, 128> events;
        watch(STDIN_FILENO);
        while (true) {
            const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
            std::size_t count = 0;
            for (int i = 0; i < ready; ++i) {
                const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
                if (descriptor == STDIN_FILENO) return;
                if (descriptor == listener) {
                    accept_all();
                } else {
                    count += read(descriptor);
                }
            }
            send_all(count);
        }
    }
};

}  // namespace

int main(int argc, char** argv) {
    Fanout fanout;
    fanout.build_frame(argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 200);
    const rlimit files{.rlim_cur = 100'000, .rlim_max = 100'000};
    ::setrlimit(RLIMIT_NOFILE, &files);
    std::printf("%d\n", fanout.listen());
    std::fflush(stdout);
    fanout.run();
}
