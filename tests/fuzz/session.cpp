// A WebSocket session on a real engine: each line of the input is a frame from the client.
#include <algorithm>
#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/http.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/json/json_reader.hpp"

namespace {

using namespace cariosan;

template <class T>
T must(Result<T> result) {
    if (!result) std::abort();
    return std::move(*result);
}

class Sink final : public SessionSink {
  public:
    void send(const FrameRef& frame) override {
        if (closed) std::abort();
        for (const std::string_view payload : payloads(*frame)) {
            protocol::JsonDocument document;
            if (!document.parse(payload) || !document.root().is_object()) std::abort();
            if (payload.starts_with(R"({"type":"pong","id":"the end")")) ended = true;
            if (payload.starts_with(R"({"type":"connection.ready")")) ready = true;
        }
    }
    void ping() override {}
    std::size_t backlog() const override { return 0; }
    void close(std::uint16_t, std::string_view) override { closed = true; }

    bool ready = false;
    bool ended = false;
    bool closed = false;
};

/// One engine for all inputs; each input gets new sessions.
class World {
  public:
    World() {
        EngineOptions options;
        options.storage = must(open_sqlite({.path = ":memory:"}));
        options.crypto = openssl_crypto();
        options.rates.enabled = false;
        engine_ = must(Engine::open(std::move(options)));
        GatewayOptions gateway_options;
        gateway_options.jwt_secret = std::string(32, 's');
        gateway_ = must(Gateway::create(*engine_, std::move(gateway_options)));
        lane_ = gateway_->make_lane([this] {
            const std::lock_guard lock(mutex_);
            awake_ = true;
            wakened_.notify_one();
        });
        const WorkspaceId workspace = must(engine_->run(Caller::host(), CreateWorkspace{.name = "w"})).id;
        const Caller backend = Caller::backend(workspace);
        const User user = must(engine_->run(backend, UpsertUser{.external_id = "u", .name = "U"}));
        must(engine_->run(backend, CreateChannel{.external_id = "c", .member_external_ids = {"u"}}));
        token_ = gateway_->issue_token(workspace, user, std::chrono::hours(1));
    }
    ~World() {
        lane_.reset();
        gateway_.reset();
    }

    void converse(std::string_view input) {
        Sink sink;
        const auto session = gateway_->open_session(*lane_, admit(), sink);
        run_until([&] { return sink.ready || sink.closed; });
        while (!input.empty()) {
            const std::string_view line = input.substr(0, input.find('\n'));
            input.remove_prefix(std::min(input.size(), line.size() + 1));
            session->receive(line);
        }
        session->receive(R"({"type":"ping","id":"the end"})");
        run_until([&] { return sink.ended || sink.closed; });
        session->closed();
    }

  private:
    std::unique_ptr<Admission> admit() {
        HttpRequest request;
        request.method = "GET";
        request.target = "/v1/ws";
        request.headers.push_back({"Sec-WebSocket-Protocol", "cariosan.jwt." + token_});
        std::unique_ptr<Admission> admission;
        bool answered = false;
        gateway_->admit(*lane_, request, [&](UpgradeOutcome outcome) {
            admission = std::move(outcome.admission);
            answered = true;
        });
        run_until([&] { return answered; });
        if (!admission) std::abort();
        return admission;
    }
    void run_until(const std::function<bool()>& condition) {
        while (!condition()) {
            {
                std::unique_lock lock(mutex_);
                wakened_.wait(lock, [this] { return awake_; });
                awake_ = false;
            }
            lane_->run();
        }
    }

    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Gateway> gateway_;
    std::unique_ptr<Lane> lane_;
    std::string token_;
    std::mutex mutex_;
    std::condition_variable wakened_;
    bool awake_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static World world;
    world.converse({reinterpret_cast<const char*>(data), size});
    return 0;
}
