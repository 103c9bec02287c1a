/// Many clients that lose their server and return at once, each with a `sync` of its channels, on one epoll loop.
/// See README.md.
///
///   reconnect --port=PORT --tokens=FILE --syncs=FILE
///   reconnect --port=PORT --tokens=FILE --syncs=FILE --pid=SERVER
///
/// Both files have one line per client: its token, and the frame it resumes with. Prints "ready" when all are connected,
/// and a line of figures when all have returned after that. The clients retry without the delay of well-behaved ones, so
/// the server gets all of them in the first moment.
///
/// With `--pid` they connect once, to a running server: prints the line of figures, with the CPU time this cost the server,
/// and keeps the connections open until its input ends.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load_client.hpp"

namespace {

using cariosan::bench::client_frame;
using cariosan::bench::cpu_of;
using cariosan::bench::die;
using cariosan::bench::Options;
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

constexpr std::chrono::milliseconds kRetry{50};
constexpr std::chrono::seconds kPing{20};

enum class Phase : std::uint8_t { waiting, upgrading, greeted, synced };

struct Client {
    Phase phase = Phase::waiting;
    bool asked = false;  // for the upgrade
    int descriptor = -1;
    std::string rest;  // of an incomplete head or frame
    Time retry{};
};

class Herd {
  public:
    explicit Herd(const Options& options)
        : tokens_(cariosan::bench::lines_of(options.text("tokens", ""))),
          syncs_(cariosan::bench::lines_of(options.text("syncs", ""))),
          pid_(options.number("pid", 0)),
          clients_(tokens_.size()) {
        if (syncs_.size() != tokens_.size()) die("as many tokens as frames to resume with");
        address_.sin_family = AF_INET;
        address_.sin_port = htons(static_cast<std::uint16_t>(options.number("port", 8080)));
        ::inet_pton(AF_INET, "127.0.0.1", &address_.sin_addr);
    }

    void storm() {
        gather(clients_.size());
        report();
        std::fflush(stdout);
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        while (::poll(&input, 1, 0) == 0) turn();
    }

    void come_back() {
        gather(kAtFirst);
        std::printf("ready\n");
        std::fflush(stdout);
        // All of them lose it before any returns, because the server ends.
        while (synced_ > 0) turn();
        gather(clients_.size());
        report();
    }

  private:
    /// How many connect at a time in the beginning, which is not measured.
    static constexpr std::size_t kAtFirst = 64;

    void gather(std::size_t at_once) {
        first_accepted_ = {};
        dropped_ = 0;
        pages_ = 0;
        ready_.clear();
        done_.clear();
        const std::int64_t cpu_before = cpu_of(pid_);
        while (synced_ < clients_.size()) {
            const Time now = Clock::now();
            for (std::size_t i = 0; i < clients_.size() && under_way_ < at_once; ++i) {
                if (clients_[i].phase != Phase::waiting || clients_[i].retry > now) continue;
                connect(i);
                // Until the server is there, only one client tries, so that the herd does not slow down its start.
                if (first_accepted_ == Time{}) break;
            }
            turn();
        }
        cpu_ = cpu_of(pid_) - cpu_before;
    }

    void connect(std::size_t index) {
        Client& client = clients_[index];
        client.descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (client.descriptor < 0) die("no more descriptors");
        const int on = 1;
        ::setsockopt(client.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const int code = ::connect(client.descriptor, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
        client.phase = Phase::upgrading;
        ++under_way_;
        if (code != 0 && errno != EINPROGRESS) return lose(client);
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.u64 = index;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.descriptor, &event);
    }

    void lose(Client& client) {
        if (client.phase == Phase::synced) {
            --synced_;
        } else {
            --under_way_;
            if (client.asked) ++dropped_;
        }
        ::close(client.descriptor);
        client = Client{};
        client.retry = Clock::now() + kRetry;
    }

    void turn() {
        std::array<epoll_event, 512> events;
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 10);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            Client& client = clients_[event.data.u64];
            if (client.descriptor < 0) continue;
            if ((event.events & EPOLLERR) != 0) {
                lose(client);
                continue;
            }
            // The socket is connected once it is writable.
            if ((event.events & EPOLLOUT) != 0 && client.phase == Phase::upgrading && !client.asked) ask(event.data.u64);
            if ((event.events & (EPOLLIN | EPOLLHUP)) != 0) read(event.data.u64);
        }
        if (Clock::now() - pinged_ < kPing) return;
        pinged_ = Clock::now();
        for (const Client& client : clients_) {
            if (client.phase == Phase::synced) write(client, client_frame(0x89, ""));
        }
    }

    void ask(std::size_t index) {
        if (first_accepted_ == Time{}) first_accepted_ = Clock::now();
        clients_[index].asked = true;
        write(clients_[index], cariosan::bench::upgrade_request("/v1/ws", tokens_[index]));
    }

    /// Small enough for the socket's buffer; a lost connection shows when it is read.
    static void write(const Client& client, std::string_view bytes) {
        [[maybe_unused]] const ssize_t sent = ::send(client.descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }

    void read(std::size_t index) {
        Client& client = clients_[index];
        while (true) {
            const ssize_t got = ::recv(client.descriptor, buffer_.data(), buffer_.size(), 0);
            if (got < 0 && errno == EAGAIN) return;
            if (got <= 0) return lose(client);
            client.rest.append(buffer_.data(), static_cast<std::size_t>(got));
            if (client.phase == Phase::upgrading && !take_head(client)) {
                if (client.descriptor < 0) return;
                continue;
            }
            const std::string all = std::move(client.rest);
            client.rest = std::string(cariosan::bench::take_frames(
                all, [&](std::uint8_t, std::string_view payload) { take(index, payload); }));
        }
    }

    bool take_head(Client& client) {
        const std::size_t end = client.rest.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        if (!client.rest.starts_with("HTTP/1.1 101")) {
            lose(client);
            return false;
        }
        client.rest.erase(0, end + 4);
        client.phase = Phase::greeted;
        return true;
    }

    void take(std::size_t index, std::string_view payload) {
        Client& client = clients_[index];
        if (payload.starts_with("{\"type\":\"connection.ready\"")) {
            ready_.push_back(Clock::now());
            write(client, client_frame(0x81, syncs_[index]));
        } else if (payload.starts_with("{\"type\":\"sync.done\"") && client.phase == Phase::greeted) {
            done_.push_back(Clock::now());
            client.phase = Phase::synced;
            --under_way_;
            ++synced_;
        } else if (payload.starts_with("{\"type\":\"channel.sync\"")) {
            ++pages_;
        } else if (payload.starts_with("{\"type\":\"error\"")) {
            die("an error instead of a sync: " + std::string(payload));
        }
    }

    void report() {
        const auto after = [&](Time time) { return std::chrono::duration<double>(time - first_accepted_).count(); };
        std::printf(
            "{\"clients\":%zu,\"last_ready_s\":%.2f,\"median_done_s\":%.2f,\"last_done_s\":%.2f,\"dropped\":%lld,"
            "\"pages\":%lld,\"cpu_us_per_client\":%.1f}\n",
            clients_.size(), after(ready_.back()), after(done_[done_.size() / 2]), after(done_.back()),
            static_cast<long long>(dropped_), static_cast<long long>(pages_), static_cast<double>(cpu_) / 1000 / static_cast<double>(clients_.size()));
    }

    const std::vector<std::string> tokens_;
    const std::vector<std::string> syncs_;
    const std::int64_t pid_;  // of the server
    std::vector<Client> clients_;
    sockaddr_in address_{};
    int epoll_ = ::epoll_create1(0);
    std::array<char, 256 * 1024> buffer_{};
    std::size_t under_way_ = 0;
    std::size_t synced_ = 0;
    std::int64_t dropped_ = 0;  // accepted, and then closed before they were done
    std::int64_t cpu_ = 0;    // of the server while they connected, in nanoseconds
    std::int64_t pages_ = 0;  // of channels that had changed
    Time first_accepted_{};
    std::vector<Time> ready_;
    std::vector<Time> done_;
    Time pinged_ = Clock::now();
};

}  // namespace

int main(int argc, char** argv) {
    const rlimit files{.rlim_cur = 100'000, .rlim_max = 100'000};
    ::setrlimit(RLIMIT_NOFILE, &files);
    const Options options(argc, argv);
    Herd herd(options);
    if (options.number("pid", 0) == 0) {
        herd.come_back();
    } else {
        herd.storm();
    }
}
