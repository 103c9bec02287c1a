#include "unit/transport/fake_gateway.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "unit/transport/websocket_bytes.hpp"

namespace cariosan::test {

namespace {

/// Long enough to give up only on what never happens.
constexpr std::chrono::seconds kPatience(60);

struct FakeAdmission final : Admission {
    explicit FakeAdmission(std::string the_query) : query(std::move(the_query)) {}
    std::string_view subprotocol() const override { return "test.v1"; }
    std::string query;
};

std::string query_of(const HttpRequest& request) {
    const std::size_t mark = request.target.find('?');
    return mark == std::string::npos ? "" : request.target.substr(mark + 1);
}

class FakeSession final : public Session {
  public:
    FakeSession(FakeGateway& gateway, FakeLane& lane, SessionSink& sink, bool mirrors)
        : gateway_(gateway), lane_(lane), sink_(sink), mirrors_(mirrors) {
        lane_.sinks.push_back(&sink_);
        gateway_.note("open");
    }
    ~FakeSession() override { gateway_.note(closed_ ? "destroyed" : "destroyed unclosed"); }

    void receive(std::string_view text) override {
        check_entry();
        if (mirrors_) {
            sink_.send(text_frame(text));
        } else {
            obey(text);
        }
        inside_ = false;
    }
    void alive() override { enter("alive"); }
    void writable() override { enter("writable"); }
    void closing(std::uint16_t code, std::string_view reason) override {
        check_entry();
        gateway_.note("closing " + std::to_string(code) + (reason.empty() ? " by the client" : ""));
        inside_ = false;
    }
    void closed() override {
        closed_ = true;
        std::erase(lane_.sinks, &sink_);
        enter("closed");
    }

  private:
    void obey(std::string_view text) {
        const std::string word(text.substr(0, text.find(' ')));
        const std::string rest(text.size() > word.size() ? text.substr(word.size() + 1) : "");
        if (word == "echo") sink_.send(text_frame(rest));
        if (word == "all") gateway_.broadcast(text_frame(rest));
        if (word == "many") many(std::stoi(rest), rest.substr(rest.find(' ') + 1));
        if (word == "flood") flood(static_cast<std::size_t>(std::stoul(rest)));
        if (word == "burst") burst(std::stoi(rest));
        if (word == "backlog") sink_.send(text_frame(std::to_string(sink_.backlog())));
        if (word == "close") sink_.close(static_cast<std::uint16_t>(std::stoi(rest)), "as you wish");
        if (word == "cut") cut();
        if (word == "ping") sink_.ping();
        gateway_.note("receive " + (text.size() < 100 ? std::string(text) : word));
    }
    void many(int count, const std::string& text) {
        for (int i = 0; i < count; ++i) sink_.send(text_frame(text));
    }
    void flood(std::size_t until) {
        const FrameRef frame = text_frame(std::string(1000, 'f'));
        while (sink_.backlog() < until) sink_.send(frame);
    }
    void cut() {
        sink_.close(close_code::kGoingAway, "bye");
        sink_.close(close_code::kSlow, "now");
        if (sink_.backlog() > 0) gateway_.note("backlog kept");
    }
    void burst(int count) {
        many(count, std::string(1000, 'b'));
        sink_.send(text_frame("backlog " + std::to_string(sink_.backlog())));
    }
    /// Notes a sink that calls back into its session.
    void check_entry() {
        if (std::exchange(inside_, true)) gateway_.note("re-entered");
    }
    void enter(const char* what) {
        check_entry();
        gateway_.note(what);
        inside_ = false;
    }

    FakeGateway& gateway_;
    FakeLane& lane_;
    SessionSink& sink_;
    bool mirrors_;
    bool inside_ = false;
    bool closed_ = false;
};

}  // namespace

namespace {

/// Drops those that exceed the bound.
class FakeHolding final : public Holding {
  public:
    FakeHolding(FakeGateway& gateway, Held kind, std::function<void()> drop)
        : gateway_(gateway),
          held_(kind == Held::request ? gateway.held_requests : gateway.held_output),
          most_(kind == Held::request ? gateway.max_held_requests : gateway.max_held_output),
          drop_(std::move(drop)) {}
    ~FakeHolding() override { held_ -= bytes_; }

    void resize(std::size_t bytes) override {
        held_ += bytes - std::exchange(bytes_, bytes);
        if (held_ <= most_) return;
        gateway_.note("dropped");
        const auto drop = std::move(drop_);
        drop();
    }

  private:
    FakeGateway& gateway_;
    std::atomic<std::size_t>& held_;
    const std::atomic<std::size_t>& most_;
    std::function<void()> drop_;
    std::size_t bytes_ = 0;
};

class FakePending final : public PendingRequest {
  public:
    FakePending(FakeGateway& gateway, FakeLane& lane, HttpRequest head)
        : gateway_(gateway), lane_(lane), head_(std::move(head)) {}

    void finish(std::string body, std::function<void(HttpResponse)> respond) override {
        head_.body = std::move(body);
        gateway_.answer(lane_, head_, std::move(respond));
    }
    HttpResponse refuse(const Error& error, std::optional<int> status) override {
        return gateway_.refuse(error, head_, status);
    }

  private:
    FakeGateway& gateway_;
    FakeLane& lane_;
    HttpRequest head_;
};

/// Takes a body in parts. Notes each, and the end.
class FakeTaker final : public PendingRequest {
  public:
    FakeTaker(FakeGateway& gateway, FakeLane& lane, HttpRequest head)
        : gateway_(gateway), lane_(lane), head_(std::move(head)), most_(std::stoul(head_.target.substr(6))) {}
    ~FakeTaker() override { gateway_.note(finished_ ? "taker finished" : "taker gave up"); }

    std::optional<std::uint64_t> part_bytes() const override { return most_; }
    void receive(std::string part, std::function<void(PartTaken)> taken) override {
        bytes_ += part.size();
        gateway_.note("took");
        PartTaken answer;
        if (part.ends_with('!')) answer.response = HttpResponse{.status = 507, .headers = {}, .body = "no room"};
        if (++parts_ % 3 != 0) return taken(std::move(answer));
        lane_.post([taken = std::move(taken), answer = std::move(answer)] { taken(answer); });
    }
    void finish(std::string body, std::function<void(HttpResponse)> respond) override {
        finished_ = true;
        respond({.status = 200, .headers = {}, .body = "taken " + std::to_string(bytes_ + body.size())});
    }
    HttpResponse refuse(const Error& error, std::optional<int> status) override {
        return gateway_.refuse(error, head_, status);
    }

  private:
    FakeGateway& gateway_;
    FakeLane& lane_;
    HttpRequest head_;
    std::uint64_t most_;
    std::uint64_t bytes_ = 0;
    int parts_ = 0;
    bool finished_ = false;
};

}  // namespace

FrameRef text_frame(std::string_view payload) {
    return std::make_shared<const Frame>(Frame{frame_bytes(0x81, payload, false)});
}

FakeLane::~FakeLane() { gateway_.forget(this); }

void FakeLane::post(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        work_.push_back(std::move(work));
    }
    wake_();
}

void FakeLane::run() {
    std::vector<std::function<void()>> work;
    {
        const std::lock_guard lock(mutex_);
        work.swap(work_);
    }
    for (const auto& one : work) one();
}

std::unique_ptr<Holding> FakeLane::hold(Held kind, std::function<void()> drop) {
    return std::make_unique<FakeHolding>(gateway_, kind, std::move(drop));
}

std::size_t FakeLane::bound(Held kind) const {
    return kind == Held::request ? gateway_.max_held_requests : gateway_.max_held_output;
}

void FakeLane::tick() { ++gateway_.ticks; }

std::unique_ptr<Lane> FakeGateway::make_lane(std::function<void()> wake) {
    auto lane = std::make_unique<FakeLane>(*this, std::move(wake));
    const std::lock_guard lock(mutex_);
    lanes_.push_back(lane.get());
    ++lanes_alive;
    return lane;
}

void FakeGateway::forget(FakeLane* lane) {
    const std::lock_guard lock(mutex_);
    std::erase(lanes_, lane);
    std::erase_if(waiting_, [lane](const Waiting& waiting) { return waiting.lane == lane; });
    --lanes_alive;
}

void FakeGateway::begin(Lane& lane, HttpRequest head, std::function<void(RequestOutcome)> done) {
    auto& fake = static_cast<FakeLane&>(lane);
    if (!head.body.empty()) note("a body before its time");
    if (head.target.starts_with("/deny")) {
        note(head.target);
        const auto deny = [done = std::move(done)] {
            done({.pending = nullptr, .response = {.status = 401, .body = "denied"}});
        };
        if (head.target == "/deny/later") return fake.post(deny);
        return deny();
    }
    if (head.method == "GET" || head.method == "HEAD") {
        return answer(fake, head, [done = std::move(done)](HttpResponse response) {
            done({.pending = nullptr, .response = std::move(response)});
        });
    }
    const auto let_in = [this, &fake, head, done = std::move(done)] {
        if (head.target.starts_with("/take/")) return done({.pending = std::make_unique<FakeTaker>(*this, fake, head)});
        done({.pending = std::make_unique<FakePending>(*this, fake, head)});
    };
    if (head.target != "/judge") return let_in();
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back({&fake, let_in});
    }
    note("judging");
}

void FakeGateway::answer(FakeLane& fake, const HttpRequest& request, std::function<void(HttpResponse)> respond) {
    HttpResponse response;
    response.headers = {{"X-Peer", request.remote_address}};
    response.body = request.method + " " + request.target + " " + request.body;
    if (request.target == "/hold") {
        {
            const std::lock_guard lock(mutex_);
            waiting_.push_back({&fake, [respond = std::move(respond)] {
                                    respond({.status = 200, .body = "released"});
                                }});
            asker_ = request.asker.value();
        }
        return note(request.target);  // after releasing it, because a waiting test continues at once
    }
    note(request.target);
    if (request.target == "/later") {
        return fake.post([respond, response] { respond(response); });
    }
    if (request.target.starts_with("/big/"))
        response.body = std::string(std::stoul(request.target.substr(5)), 'b');
    const bool sized = request.target.starts_with("/sized/");
    if (sized) response.length = std::stoul(request.target.substr(request.target.rfind('/') + 1));
    if (sized || request.target.starts_with("/parts/") || request.target.starts_with("/broken/")) {
        const bool broken = request.target.starts_with("/broken/");
        auto left = std::make_shared<int>(std::stoi(request.target.substr(broken ? 8 : 7)));
        response.body = "first";
        response.next_part = [this, &fake, left, broken](std::function<void(BodyPart)> done) {
            note("part");
            BodyPart part = std::optional<std::string>();
            if (*left > 0) {
                part = std::optional(std::string(70'000, 'p'));
            } else if (broken) {
                part = Error(ErrorCode::unavailable, "broken");
            }
            if (--*left % 3 == 0) return fake.post([done, part] { done(part); });
            done(part);
        };
    }
    respond(response);
    if (request.target == "/twice") {
        response.body = "wrong";
        respond(response);
    }
}

HttpResponse FakeGateway::refuse(const Error& error, const HttpRequest& head, std::optional<int> status) {
    note("refused: " + error.message);
    HttpResponse response;
    if (const auto origin = head.header("Origin")) response.headers.push_back({"X-Origin", std::string(*origin)});
    response.body = to_string(error.code);
    switch (error.code) {
        case ErrorCode::payload_too_large: response.status = 413; break;
        case ErrorCode::headers_too_large: response.status = 431; break;
        case ErrorCode::unavailable: response.status = 503; break;
        case ErrorCode::rate_limited: response.status = 429; break;
        default: response.status = 400; break;
    }
    if (status) response.status = *status;
    return response;
}

void FakeGateway::admit(Lane& lane, const HttpRequest& request, std::function<void(UpgradeOutcome)> done) {
    const std::string query = query_of(request);
    if (query == "deny") {
        UpgradeOutcome outcome;
        outcome.refusal.status = 401;
        outcome.refusal.body = "no";
        return done(std::move(outcome));
    }
    const auto admitted = [done = std::move(done), query] {
        done(UpgradeOutcome{.admission = std::make_unique<FakeAdmission>(query), .refusal = {}});
    };
    if (query == "later") return static_cast<FakeLane&>(lane).post(admitted);
    admitted();
}

std::unique_ptr<Session> FakeGateway::open_session(Lane& lane, std::unique_ptr<Admission> admission,
                                                   SessionSink& sink) {
    const std::string query = static_cast<FakeAdmission&>(*admission).query;
    auto session = std::make_unique<FakeSession>(*this, static_cast<FakeLane&>(lane), sink, query == "mirror");
    if (query == "shout") sink.send(text_frame("hello"));
    if (query == "no") sink.close(4429, "too many");
    return session;
}

void FakeGateway::note(std::string what) {
    const std::lock_guard lock(mutex_);
    ++seen_[std::move(what)];
    changed_.notify_all();
}

bool FakeGateway::wait_for(const std::string& what, int times) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return seen_[what] >= times; });
}

int FakeGateway::count(const std::string& what) {
    const std::lock_guard lock(mutex_);
    return seen_[what];
}

void FakeGateway::release() {
    std::vector<Waiting> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(waiting_);
    }
    for (Waiting& one : waiting) one.lane->post(std::move(one.answer));
}

void FakeGateway::broadcast(const FrameRef& frame, int times) {
    const std::lock_guard lock(mutex_);
    for (FakeLane* lane : lanes_) {
        lane->post([lane, frame, times] {
            for (SessionSink* sink : lane->sinks) {
                for (int i = 0; i < times; ++i) sink->send(frame);
            }
        });
    }
}

}  // namespace cariosan::test
