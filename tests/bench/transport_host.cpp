/// The transport alone: our server with a gateway that only sends each text it receives to everyone. Compared with
/// `bare_fanout` it shows what the transport costs; compared with the real server, what the engine costs.
///
///     transport_host [threads [certificate key]]   prints its port; "memory" on its input prints the bytes in use on the heap;
///                                      serves until its input ends
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <cariosan/asio/server.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <vector>

using namespace cariosan;

namespace {

/// A text frame from the server.
FrameRef text_frame(std::string_view payload) {
    std::string bytes = "\x81";
    if (payload.size() < 126) {
        bytes.push_back(static_cast<char>(payload.size()));
    } else {
        bytes.push_back(126);
        bytes.push_back(static_cast<char>(payload.size() >> 8 & 0xff));
        bytes.push_back(static_cast<char>(payload.size() & 0xff));
    }
    return std::make_shared<const Frame>(Frame{bytes.append(payload)});
}

class HostLane;

/// Passes a frame to every lane.
class Lanes {
  public:
    void add(HostLane* lane);
    void remove(HostLane* lane);
    void broadcast(const FrameRef& frame);

  private:
    std::mutex mutex_;
    std::vector<HostLane*> lanes_;
};

/// Nothing is counted, and nothing is dropped.
class HostHolding final : public Holding {
    void resize(std::size_t) override {}
};

class HostLane final : public Lane {
  public:
    HostLane(Lanes& lanes, std::function<void()> wake) : lanes_(lanes), wake_(std::move(wake)) {
        lanes_.add(this);
    }
    ~HostLane() override { lanes_.remove(this); }

    void push(const FrameRef& frame) {
        {
            const std::lock_guard lock(mutex_);
            frames_.push_back(frame);
        }
        wake_();
    }
    std::unique_ptr<Holding> hold(Held, std::function<void()>) override {
        return std::make_unique<HostHolding>();
    }
    std::size_t bound(Held) const override { return SIZE_MAX; }
    void run() override {
        {
            const std::lock_guard lock(mutex_);
            taken_.swap(frames_);
        }
        for (const FrameRef& frame : taken_) {
            for (SessionSink* sink : sinks) sink->send(frame);
        }
        taken_.clear();
    }
    void tick() override {}
    void stop_waiting() override {}

    Lanes& lanes() noexcept { return lanes_; }
    std::vector<SessionSink*> sinks;

  private:
    Lanes& lanes_;
    std::function<void()> wake_;
    std::mutex mutex_;
    std::vector<FrameRef> frames_;
    std::vector<FrameRef> taken_;
};

void Lanes::add(HostLane* lane) {
    const std::lock_guard lock(mutex_);
    lanes_.push_back(lane);
}
void Lanes::remove(HostLane* lane) {
    const std::lock_guard lock(mutex_);
    std::erase(lanes_, lane);
}
void Lanes::broadcast(const FrameRef& frame) {
    const std::lock_guard lock(mutex_);
    for (HostLane* lane : lanes_) lane->push(frame);
}

class HostSession final : public Session {
  public:
    HostSession(HostLane& lane, SessionSink& sink) : lane_(lane), sink_(sink) {
        lane_.sinks.push_back(&sink_);
    }
    void receive(std::string_view text) override { lane_.lanes().broadcast(text_frame(text)); }
    void alive() override {}
    void writable() override {}
    void closing(std::uint16_t, std::string_view) override {}
    void closed() override { std::erase(lane_.sinks, &sink_); }

  private:
    HostLane& lane_;
    SessionSink& sink_;
};

struct HostAdmission final : Admission {
    std::string_view subprotocol() const override { return {}; }
};

class HostGateway final : public Gateway {
  public:
    std::unique_ptr<Lane> make_lane(std::function<void()> wake) override {
        return std::make_unique<HostLane>(lanes_, std::move(wake));
    }
    void begin(Lane&, HttpRequest, std::function<void(RequestOutcome)> done) override {
        done({.pending = nullptr, .response = {.body = "{}"}});
    }
    HttpResponse refuse(const Error&, const HttpRequest&, std::optional<int>) override { return {.status = 400}; }
    void admit(Lane&, const HttpRequest&, std::function<void(UpgradeOutcome)> done) override {
        done(UpgradeOutcome{.admission = std::make_unique<HostAdmission>(), .refusal = {}});
    }
    std::unique_ptr<Session> open_session(Lane& lane, std::unique_ptr<Admission>,
                                          SessionSink& sink) override {
        return std::make_unique<HostSession>(static_cast<HostLane&>(lane), sink);
    }
    std::string issue_token(WorkspaceId, const User&, std::chrono::seconds) override { return {}; }
    void call(const Caller&, std::string_view, std::string_view,
              std::function<void(Result<std::string>)>) override {}
    Result<std::string> run(const Caller&, std::string_view, std::string_view) override { return std::string(); }
    std::string encode(const Event&) override { return {}; }
    std::string metrics() const override { return {}; }
    void drain(std::chrono::milliseconds) override {}

  private:
    Lanes lanes_;
};

}  // namespace

int main(int argc, char** argv) {
    const rlimit files{.rlim_cur = 100'000, .rlim_max = 100'000};
    ::setrlimit(RLIMIT_NOFILE, &files);
    HostGateway gateway;
    ServerOptions options;
    options.port = 0;
    options.max_connections_per_address = options.max_connections;  // all load comes from one
    options.threads = argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 1;
    if (argc > 3) {
        options.tls_certificate_file = argv[2];
        options.tls_key_file = argv[3];
    }
    Result<std::unique_ptr<Server>> server = Server::start(gateway, options);
    if (!server) {
        std::fprintf(stderr, "%s\n", server.error().message.c_str());
        return 1;
    }
    std::printf("%d\n", (*server)->port());
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
        if (line != "memory") continue;
        const struct mallinfo2 heap = ::mallinfo2();
        std::printf("%zu\n", heap.uordblks + heap.hblkhd);
        std::fflush(stdout);
    }
}
