/// A gateway without an engine, which chooses responses by the request, for tests of the transport.
#pragma once

#include <atomic>
#include <cariosan/http.hpp>
#include <cariosan/session.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::test {

class FakeGateway;

/// Runs posted tasks on the I/O thread, and knows its sessions.
class FakeLane final : public Lane {
  public:
    FakeLane(FakeGateway& gateway, std::function<void()> wake) : gateway_(gateway), wake_(std::move(wake)) {}
    ~FakeLane() override;

    std::unique_ptr<Holding> hold(Held kind, std::function<void()> drop) override;
    std::size_t bound(Held kind) const override;
    void run() override;
    void tick() override;
    void stop_waiting() override {}

    /// Call from any thread.
    void post(std::function<void()> work);

    std::vector<SessionSink*> sinks;  ///< of open sessions; only used on the lane's thread

  private:
    FakeGateway& gateway_;
    std::function<void()> wake_;
    std::mutex mutex_;
    std::vector<std::function<void()>> work_;
};

/// Requests, by path:
///   /echo    200, "<METHOD> <target> <body>"
///   /later   the same, from the lane, in a later turn
///   /hold    is not answered until `release`
///   /big/N   a body of N bytes
///   /parts/N a body of N parts of 70,000 bytes, every third from a later turn; /broken/N breaks off before its end
///   /twice   answers twice; the second is "wrong"
///   /sized/N/M like /parts/N, but says that the body has M bytes
///   /take/N  takes a body of at most N bytes in parts, every third in a later turn: "taken <bytes>"; a part that ends with "!" is
///            answered 507 at once
/// All methods but GET wait for the body. Decided by the head alone:
///   /deny…   401 at once; /deny/later from a later turn
///   /judge   waits for the body only after `release`
/// and GET /v1/ws with a query: "deny" 401, "later" admitted in a later turn, "shout" sends "hello" when it opens,
/// "no" closes with 4429 when it opens.
/// A session answers texts by their first word:
///   echo X        X
///   all X         X to all sessions of all lanes
///   many N X      N frames X
///   flood N       frames of 1,000 bytes until N bytes are in the backlog
///   burst N       N frames of 1,000 bytes in one turn, then how many bytes were in the backlog then
///   backlog       the backlog in bytes
///   close CODE    closes
///   ping          sends a protocol ping
///   cut           closes with 1001, then wants the bytes back; notes "backlog kept" if there are some left
/// Notes everything it receives in `seen`. If anything but the session closes a connection, that is
/// "closing CODE", with " by the client" if the client did.
class FakeGateway final : public Gateway {
  public:
    std::unique_ptr<Lane> make_lane(std::function<void()> wake) override;
    void begin(Lane& lane, HttpRequest head, std::function<void(RequestOutcome)> done) override;
    HttpResponse refuse(const Error& error, const HttpRequest& head, std::optional<int> status) override;
    void admit(Lane& lane, const HttpRequest& request, std::function<void(UpgradeOutcome)> done) override;
    std::unique_ptr<Session> open_session(Lane& lane, std::unique_ptr<Admission> admission,
                                          SessionSink& sink) override;
    std::string issue_token(WorkspaceId, const User&, std::chrono::seconds) override { return {}; }
    void call(const Caller&, std::string_view, std::string_view,
              std::function<void(Result<std::string>)>) override {}
    Result<std::string> run(const Caller&, std::string_view, std::string_view) override {
        return std::string();
    }
    std::string encode(const Event&) override { return {}; }
    std::string metrics() const override { return {}; }
    void drain(std::chrono::milliseconds) override {}

    /// Notes an event and wakes waiting threads.
    void note(std::string what);
    /// Waits until `what` was noted `times` times. False if that does not happen.
    bool wait_for(const std::string& what, int times = 1);
    int count(const std::string& what);
    /// Answers the requests to /hold, from another thread.
    void release();
    /// Whether anybody still waits for the last /hold.
    bool asker_gone() {
        const std::lock_guard lock(mutex_);
        return asker_.expired();
    }
    /// Sends a frame to all sessions, from another thread.
    void broadcast(const FrameRef& frame, int times = 1);
    void forget(FakeLane* lane);
    /// Answers a complete request.
    void answer(FakeLane& lane, const HttpRequest& request, std::function<void(HttpResponse)> respond);

    /// What connections hold of each kind, and how much they may hold before all of it is dropped.
    std::atomic<std::size_t> held_requests{0};
    std::atomic<std::size_t> held_output{0};
    std::atomic<std::size_t> max_held_requests{SIZE_MAX};
    std::atomic<std::size_t> max_held_output{SIZE_MAX};
    std::atomic<int> ticks{0};
    std::atomic<int> lanes_alive{0};

  private:
    /// Answers waiting for `release`.
    struct Waiting {
        FakeLane* lane;
        std::function<void()> answer;
    };

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, int> seen_;
    std::vector<Waiting> waiting_;
    std::weak_ptr<Waiter> asker_;
    std::vector<FakeLane*> lanes_;
};

/// A text frame from a server.
FrameRef text_frame(std::string_view payload);

}  // namespace cariosan::test
