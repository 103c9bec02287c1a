// The queue of the readers: searches wait separately, rates are checked before it, and nothing is read for
// callers who are gone.
#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "engine/engine_impl.hpp"
#include "unit/engine/gate_storage.hpp"

using namespace cariosan;

namespace {

/// Stands still, so that no bucket refills.
class StoppedClock final : public Clock {
  public:
    Timestamp now() override { return {1'700'000'000'000}; }
    std::chrono::milliseconds elapsed() override { return std::chrono::milliseconds(1000); }
};

/// The default rates, and a clock that stands still.
struct MeteredShop : Shop {
    MeteredShop() : Shop(stopped(), true) {
        user = engine->run(Caller::backend(workspace), GetUser{.user = "alice"}).value().id;
    }
    static EngineOptions stopped() {
        EngineOptions options;
        options.clock = std::make_shared<StoppedClock>();
        return options;
    }
    Caller by_id() const { return Caller::user(workspace, user); }
    UserId user;
};

/// Counts answers by their outcome.
struct Answers {
    template <class C>
    void ask(Engine& engine, const Caller& caller, C command) {
        engine.submit(caller, std::move(command), [this](const auto& answer) { count(answer ? nullptr : &answer.error()); });
    }
    std::function<void(Result<Outcome>)> counting() {
        return [this](const Result<Outcome>& answer) { count(answer ? nullptr : &answer.error()); };
    }
    void count(const Error* error) {
        if (error == nullptr) {
            ++good;
        } else {
            ++(error->code == ErrorCode::unavailable ? unavailable : other);
        }
    }
    void wait_for(int all) const {
        while (good + unavailable + other < all) std::this_thread::yield();
    }
    std::atomic<int> good{0};
    std::atomic<int> unavailable{0};
    std::atomic<int> other{0};
};

ErrorCode code(const Result<Outcome>& result) {
    REQUIRE_FALSE(result.ok());
    return result.error().code;
}

}  // namespace

TEST_CASE("reads and sends do not wait for searches, of which sixteen may wait") {
    Shop shop;
    Answers searches;
    shop.read_gate->shut(ReadGate::Place::search);
    searches.ask(*shop.engine, shop.alice(), SearchMessages{.q = "word"});
    shop.read_gate->wait_until_reached();
    for (int i = 0; i < 16; ++i) searches.ask(*shop.engine, shop.alice(), SearchMessages{.q = "word"});
    const auto refused = shop.engine->run_any(shop.alice(), SearchMessages{.q = "word"});
    CHECK(code(refused) == ErrorCode::unavailable);
    CHECK(refused.error().message == "too many searches are waiting: at most 16");
    CHECK(refused.error().retryable);
    CHECK(refused.error().detail("retry_after_ms") != nullptr);
    CHECK(shop.engine->metrics().commands_refused == 1);

    for (int i = 0; i < 50; ++i) {
        CHECK(shop.engine->run(shop.alice(), Shop::message("x")).ok());
        CHECK(shop.engine->run(shop.alice(), ListMessages{.channel = "order_1"}).ok());
    }
    CHECK(searches.good + searches.unavailable + searches.other == 0);
    shop.read_gate->open();
    searches.wait_for(17);
}

TEST_CASE("close does not wait for searches that have not begun") {
    Shop shop;
    Answers searches;
    shop.read_gate->shut(ReadGate::Place::search);
    for (int i = 0; i < 5; ++i) searches.ask(*shop.engine, shop.alice(), SearchMessages{.q = "word"});
    shop.read_gate->wait_until_reached();
    std::thread closing([&] { CHECK(shop.engine->close(std::chrono::minutes(1)).ok()); });
    searches.wait_for(4);
    CHECK(searches.unavailable == 4);
    shop.read_gate->open();
    closing.join();
    searches.wait_for(5);
}

TEST_CASE("the rate is checked before a command waits for a reader") {
    MeteredShop shop;
    Answers reads;
    shop.read_gate->shut(ReadGate::Place::begin);
    for (int i = 0; i < 40; ++i) reads.ask(*shop.engine, shop.by_id(), GetMe{});
    CHECK(shop.engine->metrics().queued_commands == 40);
    const auto refused = shop.engine->run_any(shop.by_id(), GetMe{});
    CHECK(code(refused) == ErrorCode::rate_limited);
    CHECK(refused.error().detail("retry_after_ms") != nullptr);
    CHECK(shop.engine->metrics().queued_commands == 40);
    shop.read_gate->open();
    reads.wait_for(40);
    CHECK(reads.good == 40);
}

TEST_CASE("searches, writes and reads have separate buckets, charged once") {
    MeteredShop shop;
    for (int i = 0; i < 4; ++i) {
        // Whether the index exists already does not matter.
        const auto found = shop.engine->run_any(shop.by_id(), SearchMessages{.q = "word"});
        CHECK((found.ok() || code(found) == ErrorCode::unavailable));
    }
    CHECK(code(shop.engine->run_any(shop.by_id(), SearchMessages{.q = "word"})) == ErrorCode::rate_limited);
    for (int i = 0; i < 120; ++i) CHECK(shop.engine->run(shop.by_id(), MarkRead{.channel = "order_1"}).ok());
    CHECK(code(shop.engine->run_any(shop.by_id(), MarkRead{.channel = "order_1"})) == ErrorCode::rate_limited);
    for (int i = 0; i < 40; ++i) CHECK(shop.engine->run(shop.by_id(), GetMe{}).ok());
    CHECK(code(shop.engine->run_any(shop.by_id(), GetMe{})) == ErrorCode::rate_limited);
}

TEST_CASE("however a user is named, the bucket is the same") {
    MeteredShop shop;
    for (int i = 0; i < 20; ++i) {
        CHECK(shop.engine->run(shop.by_id(), GetMe{}).ok());
        CHECK(shop.engine->run(shop.alice(), GetMe{}).ok());
    }
    CHECK(code(shop.engine->run_any(shop.by_id(), GetMe{})) == ErrorCode::rate_limited);
    CHECK(code(shop.engine->run_any(shop.alice(), GetMe{})) == ErrorCode::rate_limited);
    CHECK(code(shop.engine->run_any(Caller::user(shop.workspace, shop.user.to_string()), GetMe{})) == ErrorCode::rate_limited);

    // Somebody whose external id equals the id of another user, who was deleted.
    const UserId nobody = UserId::parse("0198a000-0000-7000-8000-000000000001").value();
    shop.backend().upsert(nobody.to_string());
    CHECK(code(shop.engine->run_any(Caller::user(shop.workspace, nobody), GetMe{})) == ErrorCode::unauthorized);
    CHECK(shop.engine->run(Caller::user(shop.workspace, nobody.to_string()), GetMe{}).ok());
}

TEST_CASE("a repeated send is answered when the rate is used up") {
    MeteredShop shop;
    SendMessage send = Shop::message("once");
    send.idempotency_key = "key";
    const Message first = shop.engine->run(shop.by_id(), send).value();
    for (int i = 0; i < 59; ++i) CHECK(shop.engine->run(shop.by_id(), Shop::message("x")).ok());
    CHECK(code(shop.engine->run_any(shop.by_id(), Shop::message("x"))) == ErrorCode::rate_limited);
    CHECK(shop.engine->run(shop.by_id(), send).value().id == first.id);
}

TEST_CASE("a read without a caller is not begun, and a write continues") {
    Shop shop;
    Answers answers;
    auto asker = std::make_shared<int>();
    const auto submit = [&](Command command) {
        engine::EngineImpl::of(*shop.engine)
            .submit(shop.alice(), std::move(command),
                    {engine::Completion::Where::callback_thread, answers.counting(), {}, asker});
    };
    shop.read_gate->shut(ReadGate::Place::begin);
    // Both readers are at the gate; new commands wait behind them.
    Answers first;
    for (int i = 0; i < 2; ++i) {
        first.ask(*shop.engine, shop.alice(), GetMe{});
        shop.read_gate->wait_until_reached(i + 1);
    }
    for (int i = 0; i < 10; ++i) submit(GetMe{});
    submit(Shop::message("stored all the same"));
    asker.reset();
    shop.read_gate->open();
    answers.wait_for(11);
    CHECK(answers.unavailable == 10);
    CHECK(answers.good == 1);
    CHECK(shop.engine->metrics().commands_abandoned == 10);
    CHECK(shop.history() == std::vector<std::string>{"stored all the same"});
    first.wait_for(2);
}
