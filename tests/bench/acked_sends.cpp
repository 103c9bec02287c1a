/// Clients that each send the next message as soon as the last one is acknowledged, on one epoll loop. See README.md.
///
///   acked_sends --port=PORT --tokens=FILE --channels=FILE [--pid=SERVER] [--sends=N] [--warmup=N]
///
/// `tokens` has two lines per channel: the user who sends there, and one who only receives. All are connected. Prints one
/// line of figures: the rate, the latency from send to ack, and the server's CPU per send.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
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
#include <utility>
#include <vector>

#include "bench/load_client.hpp"

namespace {

using cariosan::bench::client_frame;
using cariosan::bench::cpu_of;
using cariosan::bench::die;
using cariosan::bench::lines_of;
using cariosan::bench::Options;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kContent = "Halo kak, pesanannya sudah saya kirim lewat kurir pagi ini ya. Mohon ditunggu!";

struct Client {
    int descriptor = -1;
    bool ready = false;
    std::string channel;  // where it sends; empty: it only receives
    std::string rest;     // of an incomplete frame
    Clock::time_point sent{};
};

class AckedSends {
  public:
    explicit AckedSends(const Options& options)
        : pid_(options.number("pid", 0)), port_(static_cast<std::uint16_t>(options.number("port", 8080))) {
        const auto tokens = lines_of(options.text("tokens", ""));
        auto channels = lines_of(options.text("channels", ""));
        if (tokens.size() != 2 * channels.size()) die("two tokens for each channel");
        clients_.resize(tokens.size());
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            if (i % 2 == 0) clients_[i].channel = std::move(channels[i / 2]);
            connect(i, tokens[i]);
        }
        while (ready_ < clients_.size()) turn();
    }

    void measure(std::int64_t warmup, std::int64_t sends) {
        run(warmup);
        latencies_.clear();
        created_ = 0;
        const std::int64_t cpu_before = cpu_of(pid_);
        const Clock::time_point start = Clock::now();
        run(sends);
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        const auto count = static_cast<double>(latencies_.size());
        const double cpu = static_cast<double>(cpu_of(pid_) - cpu_before) / 1000 / count;
        std::sort(latencies_.begin(), latencies_.end());
        std::printf(
            "{\"senders\":%zu,\"sends\":%zu,\"seconds\":%.3f,\"sends_per_second\":%.0f,\"cpu_us_per_send\":%.1f,"
            "\"frames_per_send\":%.2f,\"p50_us\":%.0f,\"p99_us\":%.0f}\n",
            clients_.size() / 2, latencies_.size(), seconds, count / seconds, pid_ == 0 ? 0 : cpu,
            static_cast<double>(created_) / count, percentile(50), percentile(99));
    }

  private:
    void connect(std::size_t index, const std::string& token) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
        Client& client = clients_[index];
        client.descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
        if (client.descriptor < 0 ||
            ::connect(client.descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            die("cannot connect");
        }
        const int on = 1;
        ::setsockopt(client.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        write(client, cariosan::bench::upgrade_request("/v1/ws", token));
        // Byte by byte, so that frames after the head are left for the loop.
        std::string head;
        for (char c = 0; !head.ends_with("\r\n\r\n"); head.push_back(c)) {
            if (::recv(client.descriptor, &c, 1, 0) != 1) die("no answer to the upgrade: " + head);
        }
        if (!head.starts_with("HTTP/1.1 101")) die("refused: " + head);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = index;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.descriptor, &event);
    }

    /// Until this many more are acknowledged and none is in flight.
    void run(std::int64_t sends) {
        to_send_ = sends;
        for (Client& client : clients_) {
            if (!client.channel.empty()) send_next(client);
        }
        while (under_way_ > 0) turn();
    }

    void send_next(Client& client) {
        if (to_send_ == 0) return;
        --to_send_;
        ++under_way_;
        // Keys are ordered by time, like those of the SDKs.
        const std::string number = std::to_string(kFirstNumber + sent_++);
        std::string frame = R"({"type":"message.send","id":1,"data":{"channel":")" + client.channel + R"(","content":")";
        frame.append(kContent).append(R"(","idempotency_key":")").append(run_).append(number).append("\"}}");
        client.sent = Clock::now();
        write(client, client_frame(0x81, frame));
    }

    static void write(const Client& client, std::string_view bytes) {
        const ssize_t sent = ::send(client.descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 || static_cast<std::size_t>(sent) != bytes.size()) die("the server closed a connection");
    }

    void turn() {
        std::array<epoll_event, 256> events;
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) read(clients_[events[static_cast<std::size_t>(i)].data.u64]);
    }

    void read(Client& client) {
        const ssize_t got = ::recv(client.descriptor, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) die("the server closed a connection");
        client.rest.append(buffer_.data(), static_cast<std::size_t>(got));
        const std::string all = std::move(client.rest);
        client.rest = std::string(cariosan::bench::take_frames(
            all, [&](std::uint8_t, std::string_view payload) { take(client, payload); }));
    }

    void take(Client& client, std::string_view payload) {
        if (payload.starts_with("{\"type\":\"message.created\"")) {
            ++created_;
        } else if (payload.starts_with("{\"type\":\"ack\"")) {
            latencies_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - client.sent).count());
            --under_way_;
            send_next(client);
        } else if (payload.starts_with("{\"type\":\"connection.ready\"")) {
            client.ready = true;
            ++ready_;
        } else if (payload.starts_with("{\"type\":\"error\"")) {
            die("an error instead of an ack: " + std::string(payload));
        }
    }

    double percentile(std::size_t percent) const {
        return latencies_.empty() ? 0 : latencies_[(latencies_.size() - 1) * percent / 100];
    }

    static constexpr std::int64_t kFirstNumber = 100'000'000;  // so that all have the same number of digits

    const std::int64_t pid_;  // of the server
    const std::uint16_t port_;
    const std::string run_ = std::to_string(std::chrono::system_clock::now().time_since_epoch().count()) + "-";
    int epoll_ = ::epoll_create1(0);
    std::vector<Client> clients_;
    std::array<char, 64 * 1024> buffer_{};
    std::size_t ready_ = 0;
    std::int64_t to_send_ = 0;
    std::int64_t sent_ = 0;
    std::int64_t under_way_ = 0;
    std::int64_t created_ = 0;  // frames that notified somebody of a message
    std::vector<double> latencies_;
};

}  // namespace

int main(int argc, char** argv) {
    const Options options(argc, argv);
    AckedSends load(options);
    load.measure(options.number("warmup", 2'000), options.number("sends", 20'000));
}
