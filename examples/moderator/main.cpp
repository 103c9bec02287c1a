// A host's own moderation: every text is judged by a service of the host before it is stored. Here the service is a thread that
// takes its time, as a classifier over the network would.
//
//   cariosan-moderator

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/engine.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>

using namespace cariosan;

namespace {

/// What the service thinks of a text.
ModerationVerdict judged(const std::string& text) {
    using Kind = ModerationVerdict::Kind;
    if (text.find("transfer first") != std::string::npos) return {.kind = Kind::refuse, .reason = "asks for money in advance"};
    if (text.find("meet me") != std::string::npos) return {.kind = Kind::flag, .reason = "arranges a meeting"};
    constexpr std::string_view rude = "donkey";
    if (const auto at = text.find(rude); at != std::string::npos) {
        return {.kind = Kind::change, .text = std::string(text).replace(at, rude.size(), "friend")};
    }
    return {};
}

/// Judges on a thread of its own, so that `judge` returns at once and others need not wait.
class SlowModerator final : public Moderator {
  public:
    ~SlowModerator() override {
        {
            const std::lock_guard lock(mutex_);
            ends_ = true;
        }
        waiting_.notify_one();
        thread_.join();
    }

    void judge(ModerationDraft draft, std::function<void(ModerationVerdict)> done) override {
        {
            const std::lock_guard lock(mutex_);
            drafts_.push_back({std::move(draft), std::move(done)});
        }
        waiting_.notify_one();
    }

  private:
    struct Waiting {
        ModerationDraft draft;
        std::function<void(ModerationVerdict)> done;
    };

    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            waiting_.wait(lock, [this] { return ends_ || !drafts_.empty(); });
            if (ends_) return;  // the engine no longer waits for the rest
            Waiting next = std::move(drafts_.front());
            drafts_.pop_front();
            lock.unlock();
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            next.done(judged(next.draft.text));
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable waiting_;
    std::deque<Waiting> drafts_;  // bounded by `EngineOptions::max_moderator_drafts`
    bool ends_ = false;
    std::thread thread_{[this] { work(); }};
};

void chat() {
    auto storage = open_sqlite({.path = ":memory:"}).or_throw();
    auto engine = Engine::open({.storage = std::move(storage), .crypto = openssl_crypto(),
                                .moderator = std::make_shared<SlowModerator>(),
                                .moderator_late = LateVerdict::refuse}).or_throw();
    const WorkspaceId shop = engine->run(Caller::host(), CreateWorkspace{.name = "Shop"}).or_throw().id;
    const Caller backend = Caller::backend(shop);
    engine->run(backend, UpsertUser{.external_id = "alice", .name = "Alice"}).or_throw();
    engine->run(backend, CreateChannel{.external_id = "order_1", .member_external_ids = {"alice"}}).or_throw();

    for (const char* text : {"Is it still there?", "You donkey", "Please transfer first", "Then meet me at the station"}) {
        const auto sent = engine->run(Caller::user(shop, "alice"), SendMessage{.channel = "order_1", .content = text});
        if (sent) {
            std::printf("%-28s stored as: %s\n", text, sent->content.c_str());
        } else {
            const ErrorDetail* reason = sent.error().detail("reason");
            std::printf("%-28s refused: %s\n", text, reason ? std::get<std::string>(reason->value).c_str() : sent.error().message.c_str());
        }
    }
    for (const ModerationRecord& record : engine->run(backend, ListModerationActions{}).or_throw().items) {
        std::printf("log: %s, because: %s\n", std::string(to_string(record.action)).c_str(), record.excerpt.c_str());
    }
}

}  // namespace

int main() {
    try {
        chat();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
