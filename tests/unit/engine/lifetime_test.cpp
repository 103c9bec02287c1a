// Who may poll, what is still answered at the end, and what a forked child may do.
#include <cariosan/engine.hpp>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <deque>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "unit/engine/gate_storage.hpp"

using namespace cariosan;

namespace {

template <class T>
ErrorCode failure_of(const Result<T>& result) {
    REQUIRE_FALSE(result.ok());
    return result.error().code;
}

}  // namespace

TEST_CASE("one thread polls at a time, and a callback must not poll") {
    EngineOptions options;
    options.callbacks_by_poll = true;
    Shop shop(std::move(options));
    std::promise<void> entered;
    std::promise<void> go_on;
    std::atomic<int> ran{0};
    Result<std::size_t> nested = std::size_t{0};
    shop.engine->submit(shop.alice(), Shop::message("1"), [&](const Result<Message>&) {
        nested = shop.engine->poll();
        entered.set_value();
        go_on.get_future().wait();
        ++ran;
    });
    shop.engine->submit(shop.alice(), Shop::message("2"), [&](const Result<Message>&) { ++ran; });
    std::thread poller([&] {
        while (ran != 2) CHECK(shop.engine->poll().ok());
    });
    entered.get_future().wait();
    while (shop.engine->metrics().queued_commands != 0) std::this_thread::yield();
    CHECK(failure_of(shop.engine->poll()) == ErrorCode::misuse);
    CHECK(failure_of(nested) == ErrorCode::misuse);
    CHECK(ran == 0);
    go_on.set_value();
    poller.join();
    CHECK(shop.engine->poll().ok());
}

TEST_CASE("closing waits for the polling thread, and the remaining callbacks run in order") {
    EngineOptions options;
    options.callbacks_by_poll = true;
    Shop shop(std::move(options));
    std::promise<void> entered;
    std::promise<void> go_on;
    std::vector<int> order;
    const auto submit = [&](int number, std::function<void()> before) {
        shop.engine->submit(shop.alice(), Shop::message("x"), [&order, number, before](const Result<Message>&) {
            if (before) before();
            order.push_back(number);
        });
    };
    submit(1, [&] {
        entered.set_value();
        go_on.get_future().wait();
    });
    submit(2, nullptr);
    std::thread poller([&] {
        Result<std::size_t> ran = shop.engine->poll(1);
        while (ran.ok() && *ran == 0) ran = shop.engine->poll(1);
    });
    entered.get_future().wait();
    while (shop.engine->metrics().queued_commands != 0) std::this_thread::yield();
    std::thread closer([&] { CHECK(shop.engine->close().ok()); });
    while (shop.engine->run(shop.alice(), GetMe{}).ok()) std::this_thread::yield();
    CHECK(order.empty());
    go_on.set_value();
    poller.join();
    closer.join();
    CHECK(order == std::vector<int>{1, 2});
    CHECK(shop.engine->poll().value() == 0);
}

TEST_CASE("only an engine without a callback thread can be polled") {
    Shop shop;
    CHECK(failure_of(shop.engine->poll()) == ErrorCode::misuse);
}

TEST_CASE("what is submitted after closing is answered at once") {
    for (const bool by_poll : {false, true}) {
        EngineOptions options;
        options.callbacks_by_poll = by_poll;
        Shop shop(std::move(options));
        REQUIRE(shop.engine->close().ok());
        std::vector<ErrorCode> answers;
        const auto submit = [&](auto&& self, int more) -> void {
            shop.engine->submit(shop.alice(), GetMe{}, [&, more](const Result<Me>& me) {
                answers.push_back(failure_of(me));
                if (more > 0) self(self, more - 1);
            });
        };
        submit(submit, 1);
        CHECK(answers == std::vector{ErrorCode::unavailable, ErrorCode::unavailable});
        CHECK(shop.engine->close().ok());
    }
}

TEST_CASE("a command submitted while the engine closes does not wait for earlier callbacks") {
    for (const bool by_poll : {false, true}) {
        EngineOptions options;
        options.callbacks_by_poll = by_poll;
        Shop shop(std::move(options));
        std::promise<void> entered;
        std::promise<void> go_on;
        shop.engine->submit(shop.alice(), GetMe{}, [&](const Result<Me>&) {
            entered.set_value();
            go_on.get_future().wait();
        });
        std::thread closer([&] { CHECK(shop.engine->close().ok()); });
        entered.get_future().wait();
        while (shop.engine->run(shop.alice(), GetMe{}).ok()) std::this_thread::yield();
        // However fast they are submitted, the number of callbacks left for the end does not grow.
        int answers = 0;
        for (int each = 0; each < 1'000; ++each) {
            shop.engine->submit(shop.alice(), GetMe{}, [&](const Result<Me>& me) {
                answers += failure_of(me) == ErrorCode::unavailable ? 1 : 0;
            });
        }
        CHECK(answers == 1'000);
        go_on.set_value();
        closer.join();
        CHECK(answers == 1'000);
    }
}

TEST_CASE("a host that leaves its answers waiting is refused, and served again once it has taken them") {
    EngineOptions options;
    options.callbacks_by_poll = true;
    options.max_queued_commands = 4;
    options.reader_threads = 1;
    Shop shop(std::move(options));
    int answered = 0;
    const auto answer = [&](const Result<Me>& me) { answered += me.ok() ? 1 : 0; };
    // The only reader passes this answer on after those before it.
    const auto submit_and_wait = [&] {
        shop.engine->submit(shop.alice(), GetMe{}, answer);
        CHECK(shop.engine->run(shop.alice(), GetMe{}).ok());
    };
    for (int each = 0; each < 4; ++each) submit_and_wait();
    Result<Me> refused = Me{};
    shop.engine->submit(shop.alice(), GetMe{}, [&](const Result<Me>& me) { refused = me; });
    CHECK(failure_of(refused) == ErrorCode::unavailable);
    CHECK(refused.error().message == "too many answers are waiting for their callbacks: at most 4");
    CHECK(shop.engine->metrics().commands_refused == 1);
    CHECK(answered == 0);
    CHECK(shop.engine->run(shop.alice(), GetMe{}).ok());  // needs no callback
    CHECK(shop.engine->poll().value() == 4);
    submit_and_wait();
    CHECK(shop.engine->poll().value() == 1);
    CHECK(answered == 5);
}

TEST_CASE("every command of many threads that submit during close is answered once") {
    for (const bool by_poll : {false, true}) {
        EngineOptions options;
        options.callbacks_by_poll = by_poll;
        Shop shop(std::move(options));
        std::deque<std::atomic<int>> answers;
        std::atomic<std::size_t> submitted{0};
        std::atomic<bool> closed{false};
        std::thread host([&] {
            for (int after = 0; after < 10; after += closed ? 1 : 0) {
                auto& answer = answers.emplace_back(0);
                shop.engine->submit(shop.alice(), GetMe{}, [&answer](const Result<Me>&) { ++answer; });
                ++submitted;
            }
        });
        while (submitted < 100) std::this_thread::yield();
        REQUIRE(shop.engine->close().ok());
        closed = true;
        host.join();
        CHECK(std::ranges::all_of(answers, [](const std::atomic<int>& each) { return each == 1; }));
    }
}

namespace {

/// Calls everything in `Engine` as a forked child. Returns the call that was not refused, or nothing.
std::string not_refused_in_child(Shop& shop, Result<Subscription>& subscription) {
    Engine& engine = *shop.engine;
    const auto forked = [](const auto& result) { return !result.ok() && result.error().code == ErrorCode::forked; };
    if (!forked(engine.run(shop.alice(), GetMe{}))) return "run";
    bool called = false;
    engine.submit(shop.alice(), GetMe{}, [&](const Result<Me>& me) { called = forked(me); });
    if (!called) return "submit";
    if (!forked(engine.subscribe(shop.workspace, [](const EventRef&) {}))) return "subscribe";
    *subscription = Subscription();
    if (!forked(engine.poll())) return "poll";
    if (!engine.epoch().empty()) return "epoch";
    if (!forked(engine.rotate_epoch())) return "rotate_epoch";
    if (!forked(engine.backup("/nowhere"))) return "backup";
    if (!forked(engine.check())) return "check";
    const Metrics metrics = engine.metrics();
    if (metrics.commands != 0 || metrics.commits != 0) return "metrics";
    if (!forked(engine.close())) return "close";
    return {};
}

}  // namespace

TEST_CASE("after a fork the child is refused and changes nothing, whatever the parent is doing") {
    Shop shop;
    std::promise<void> entered;
    std::promise<void> go_on;
    // A callback is running, so the child finds locks held by a thread that it does not have.
    Result<Subscription> subscription = shop.engine->subscribe(shop.workspace, [&](const EventRef&) {
        entered.set_value();
        go_on.get_future().wait();
    });
    REQUIRE(shop.engine->run(shop.alice(), Shop::message("x")).ok());
    entered.get_future().wait();
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(60);  // ends a child that waits for such a lock
        const std::string failed = not_refused_in_child(shop, subscription);
        if (!failed.empty()) std::fprintf(stderr, "not refused in the child: %s\n", failed.c_str());
        ::_exit(failed.empty() ? 0 : 1);
    }
    go_on.set_value();
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    *subscription = Subscription();
    CHECK(shop.engine->run(shop.alice(), Shop::message("the parent goes on")).ok());
}
