#include <cariosan/engine.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "unit/engine/gate_storage.hpp"

using namespace cariosan;
using namespace std::chrono_literals;

namespace {

template <class T>
ErrorCode code_of(const Result<T>& result) {
    REQUIRE_FALSE(result.ok());
    return result.error().code;
}

}  // namespace

TEST_CASE("open refuses invalid options") {
    CHECK(code_of(Engine::open({})) == ErrorCode::misuse);
    const auto open_with = [](auto change) {
        EngineOptions options;
        options.storage = open_sqlite({.path = ":memory:"}).value();
        options.crypto = openssl_crypto();
        change(options);
        return Engine::open(std::move(options));
    };
    CHECK(open_with([](EngineOptions&) {}).ok());
    CHECK(code_of(open_with([](EngineOptions& o) { o.crypto = nullptr; })) == ErrorCode::misuse);
    CHECK(code_of(open_with([](EngineOptions& o) { o.reader_threads = 0; })) == ErrorCode::misuse);
    CHECK(code_of(open_with([](EngineOptions& o) { o.reader_threads = 65; })) == ErrorCode::misuse);
    CHECK(code_of(open_with([](EngineOptions& o) { o.max_batch = 0; })) == ErrorCode::misuse);
    CHECK(code_of(open_with([](EngineOptions& o) { o.max_queued_commands = 0; })) == ErrorCode::misuse);
    CHECK(code_of(open_with([](EngineOptions& o) { o.moderator_deadline = 0ms; })) == ErrorCode::misuse);
    CHECK(code_of(open_with([](EngineOptions& o) { o.moderator_deadline = 60'001ms; })) == ErrorCode::misuse);
    CHECK(code_of(open_with([](EngineOptions& o) { o.max_moderator_drafts = 0; })) == ErrorCode::misuse);
}

TEST_CASE("a conversation from beginning to end") {
    Shop shop;
    const Result<Message> sent = shop.engine->run(shop.alice(), Shop::message("Halo!"));
    REQUIRE(sent.ok());
    CHECK(sent->seq == 1);
    CHECK(sent->user.external_id == "alice");
    CHECK(shop.history() == std::vector<std::string>{"Halo!"});
    const Result<Me> budi = shop.engine->run(Caller::user(shop.workspace, "budi"), GetMe{});
    CHECK(budi.value().unread_total == 1);
}

TEST_CASE("one caller's sends keep their order, and many are committed at once") {
    Shop shop;
    const std::size_t before = shop.gate->batches().size();
    shop.gate->shut();
    constexpr int kSends = 600;
    std::latch done(kSends);
    std::vector<std::int64_t> seqs(kSends);
    for (int i = 0; i < kSends; ++i) {
        shop.engine->submit(shop.alice(), Shop::message(std::to_string(i)), [&, i](Result<Message> sent) {
            seqs[static_cast<std::size_t>(i)] = sent.value().seq;
            done.count_down();
        });
    }
    // All but the first few wait behind the commit at the gate.
    shop.gate->wait_until_reached();
    while (shop.engine->metrics().queued_commands != kSends) std::this_thread::yield();
    shop.gate->open();
    done.wait();
    for (int i = 0; i < kSends; ++i) CHECK(seqs[static_cast<std::size_t>(i)] == i + 1);
    const auto batches = shop.gate->batches();
    CHECK(std::ranges::all_of(batches, [](std::size_t size) { return size <= 256; }));
    CHECK(batches.size() - before < kSends / 2);
}

TEST_CASE("callbacks may submit but not wait") {
    Shop shop;
    std::promise<ErrorCode> ran;
    std::promise<ErrorCode> closed;
    std::promise<std::int64_t> submitted;
    shop.engine->submit(shop.alice(), Shop::message("1"), [&](Result<Message>) {
        ran.set_value(code_of(shop.engine->run(shop.alice(), Shop::message("2"))));
        closed.set_value(code_of(shop.engine->close()));
        shop.engine->submit(shop.alice(), Shop::message("3"),
                            [&](Result<Message> sent) { submitted.set_value(sent.value().seq); });
    });
    CHECK(ran.get_future().get() == ErrorCode::would_block);
    CHECK(closed.get_future().get() == ErrorCode::misuse);
    CHECK(submitted.get_future().get() == 2);
}

TEST_CASE("a full queue refuses at once, and accepts again when there is room") {
    EngineOptions options;
    options.max_queued_commands = 10;
    Shop shop(std::move(options));
    shop.gate->shut();
    std::atomic<int> answered{0};
    for (int i = 0; i < 10; ++i) {
        shop.engine->submit(shop.alice(), Shop::message("x"), [&](Result<Message> sent) {
            CHECK(sent.ok());
            ++answered;
        });
    }
    const auto refused = shop.engine->run(shop.alice(), Shop::message("one too many"));
    CHECK(code_of(refused) == ErrorCode::unavailable);
    CHECK(refused.error().message == "too many commands are waiting: at most 10");
    CHECK(refused.error().retryable);
    CHECK(shop.engine->metrics().commands_refused == 1);
    shop.gate->open();
    while (answered != 10) std::this_thread::yield();
    CHECK(shop.engine->run(shop.alice(), Shop::message("again")).ok());
}

TEST_CASE("a failed commit fails its commands and publishes no event, and the engine continues") {
    Shop shop;
    std::vector<std::int64_t> revs;
    std::promise<void> second;
    const auto subscription = shop.engine->subscribe(shop.workspace, [&](const EventRef& event) {
        revs.push_back(event->rev);
        second.set_value();
    });
    shop.gate->fail_next(Error(ErrorCode::unavailable, "the disk is full"));
    CHECK(code_of(shop.engine->run(shop.alice(), Shop::message("lost"))) == ErrorCode::unavailable);
    CHECK(shop.engine->metrics().commit_failures == 1);
    CHECK(shop.engine->run(shop.alice(), Shop::message("kept")).value().seq == 1);
    second.get_future().wait();
    CHECK(revs.size() == 1);
    CHECK(shop.history() == std::vector<std::string>{"kept"});
}

TEST_CASE("a send that could not be stored does not count for the flood rule") {
    Shop shop;
    UpdateWorkspace moderated;
    moderated.moderation = ModerationPatch{.enabled = true};
    REQUIRE(shop.engine->run(Caller::backend(shop.workspace), moderated).ok());
    const auto send = [&] { return shop.engine->run(shop.alice(), Shop::message("beli")); };
    for (int i = 0; i < 9; ++i) {
        shop.gate->fail_next(Error(ErrorCode::unavailable, "the disk is full"));
        CHECK(code_of(send()) == ErrorCode::unavailable);
    }
    for (int i = 0; i < 3; ++i) CHECK(send().ok());
    CHECK(code_of(send()) == ErrorCode::message_rejected);
}

TEST_CASE("a commit with an unknown outcome makes subscribers compare") {
    Shop shop;
    std::promise<EventsLost> lost;
    const auto subscription = shop.engine->subscribe(
        shop.workspace, [&](const EventRef& event) { lost.set_value(std::get<EventsLost>(event->body)); });
    shop.gate->fail_next(Error(ErrorCode::unavailable, "the connection broke").with("outcome", "unknown"));
    CHECK(code_of(shop.engine->run(shop.alice(), Shop::message("?"))) == ErrorCode::unavailable);
    const EventsLost report = lost.get_future().get();
    CHECK_FALSE(report.all);
    CHECK(report.channels == std::vector{shop.channel});
}

TEST_CASE("close commits what waits and answers each command exactly once") {
    Shop shop;
    shop.gate->shut();
    std::atomic<int> stored{0};
    std::atomic<int> refused{0};
    for (int i = 0; i < 50; ++i) {
        shop.engine->submit(shop.alice(), Shop::message("x"), [&](Result<Message> sent) { ++(sent ? stored : refused); });
    }
    shop.gate->wait_until_reached();
    std::thread opener([&] {
        // Refused from the moment `close` begins.
        while (shop.engine->run(shop.alice(), GetMe{}).ok()) std::this_thread::yield();
        shop.gate->open();
    });
    CHECK(shop.engine->close().ok());
    opener.join();
    CHECK(stored == 50);
    CHECK(refused == 0);
    CHECK(code_of(shop.engine->run(shop.alice(), Shop::message("late"))) == ErrorCode::unavailable);
    CHECK(code_of(shop.engine->check()) == ErrorCode::unavailable);
    CHECK(code_of(shop.engine->rotate_epoch()) == ErrorCode::unavailable);
    CHECK(shop.engine->close().ok());
}

TEST_CASE("close answers what still waits at its deadline") {
    Shop shop;
    shop.gate->shut();
    std::atomic<int> stored{0};
    std::atomic<int> refused{0};
    const auto count = [&](Result<Message> sent) { ++(sent ? stored : refused); };
    shop.engine->submit(shop.alice(), Shop::message("being committed"), count);
    shop.gate->wait_until_reached();
    for (int i = 0; i < 20; ++i) shop.engine->submit(shop.alice(), Shop::message("waits"), count);
    std::thread opener([&] {
        while (shop.engine->run(shop.alice(), GetMe{}).ok()) std::this_thread::yield();
        std::this_thread::sleep_for(50ms);  // past the deadline; no check depends on this time
        shop.gate->open();
    });
    CHECK(shop.engine->close(0ms).ok());
    opener.join();
    CHECK(stored + refused == 21);
    CHECK(stored >= 1);
}

TEST_CASE("a subscription receives the commits of its workspace in order") {
    Shop shop;
    std::vector<std::int64_t> revs;
    std::promise<void> last;
    auto subscription = shop.engine->subscribe(shop.workspace, [&](const EventRef& event) {
        CHECK(event->channel == shop.channel);
        revs.push_back(event->rev);
        if (revs.size() == 100) last.set_value();
    });
    REQUIRE(subscription.ok());
    const auto other = shop.engine->run(Caller::host(), CreateWorkspace{.name = "Other"});
    for (int i = 0; i < 100; ++i) CHECK(shop.engine->run(shop.alice(), Shop::message("x")).ok());
    last.get_future().wait();
    for (std::size_t i = 1; i < revs.size(); ++i) CHECK(revs[i] == revs[i - 1] + 1);
    *subscription = Subscription();
    CHECK(shop.engine->run(shop.alice(), Shop::message("unheard")).ok());
    CHECK(revs.size() == 100);
}

TEST_CASE("a slow subscriber learns what it lost, and memory stays bounded") {
    Shop shop;
    std::promise<void> entered;
    std::promise<void> go_on;
    auto released = go_on.get_future().share();
    std::atomic<int> called{0};
    std::promise<EventsLost> lost;
    const auto subscription = shop.engine->subscribe(shop.workspace, [&](const EventRef& event) {
        if (const auto* each = std::get_if<EventsLost>(&event->body)) {
            lost.set_value(*each);
        } else if (++called == 1) {
            entered.set_value();
            released.wait();
        }
    });
    CHECK(shop.engine->run(shop.alice(), Shop::message("first")).ok());
    entered.get_future().wait();
    // The callback thread is blocked, so only commands that wait here are used.
    const std::string large(8000, 'x');
    const int enough = (16 << 20) / 8000 + 100;
    for (int i = 0; i < enough; ++i) CHECK(shop.engine->run(shop.alice(), Shop::message(large)).ok());
    go_on.set_value();
    const EventsLost report = lost.get_future().get();
    CHECK_FALSE(report.all);
    CHECK(report.channels == std::vector<ChannelId>{shop.channel});
    CHECK(shop.engine->metrics().events_lost > 1000);
}

TEST_CASE("a subscription may end itself in its callback") {
    Shop shop;
    Result<Subscription> subscription = Subscription();
    std::promise<void> called;
    std::atomic<int> count{0};
    subscription = shop.engine->subscribe(shop.workspace, [&](const EventRef&) {
        if (++count == 1) {
            *subscription = Subscription();
            called.set_value();
        }
    });
    CHECK(shop.engine->run(shop.alice(), Shop::message("1")).ok());
    called.get_future().wait();
    CHECK(shop.engine->run(shop.alice(), Shop::message("2")).ok());
    std::promise<void> later;
    shop.engine->submit(shop.alice(), Shop::message("3"), [&](Result<Message>) { later.set_value(); });
    later.get_future().wait();
    CHECK(count == 1);
}

TEST_CASE("callbacks by poll run on the host's thread") {
    std::atomic<int> wakes{0};
    EngineOptions options;
    options.callbacks_by_poll = true;
    options.wake = [&] { ++wakes; };
    Shop shop(std::move(options));
    std::thread::id ran_on;
    shop.engine->submit(shop.alice(), Shop::message("x"), [&](Result<Message> sent) {
        ran_on = std::this_thread::get_id();
        CHECK(sent.ok());
        CHECK(code_of(shop.engine->run(shop.alice(), GetMe{})) == ErrorCode::would_block);
    });
    while (wakes == 0) std::this_thread::yield();
    CHECK(shop.engine->poll().value() == 1);
    CHECK(ran_on == std::this_thread::get_id());
    CHECK(shop.engine->poll().value() == 0);
    int closed_with = 0;
    shop.engine->submit(shop.alice(), Shop::message("y"), [&](Result<Message>) { ++closed_with; });
    CHECK(shop.engine->close().ok());
    CHECK(closed_with == 1);
}

TEST_CASE("housekeeping runs between batches") {
    Shop shop;
    CHECK(shop.engine->check().ok());
    const std::string before = shop.engine->epoch();
    const std::string rotated = shop.engine->rotate_epoch().value();
    CHECK(rotated != before);
    CHECK(shop.engine->epoch() == rotated);
}

TEST_CASE("many threads at once") {
    Shop shop;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&shop, t] {
            const Caller caller = Caller::user(shop.workspace, t % 2 == 0 ? "alice" : "budi");
            for (int i = 0; i < 50; ++i) {
                CHECK(shop.engine->run(caller, Shop::message("x")).ok());
                CHECK(shop.engine->run(caller, GetMe{}).ok());
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    ListMessages list;
    list.channel = "order_1";
    list.limit = 1;
    CHECK(shop.engine->run(shop.alice(), list).value().messages[0].seq == 200);
}

namespace {

/// A deletion is observed from outside, by polling until the condition is true.
template <class Condition>
void wait_until(Condition condition) {
    for (int i = 0; i < 6000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
    REQUIRE(condition());
}

std::int64_t channel_rev(Shop& shop) {
    return shop.engine->run(Caller::backend(shop.workspace), GetChannel{.channel = "order_1"}).value().rev;
}

}  // namespace

TEST_CASE("a deleted user leaves their channels, and their erased messages are blanked, in order and in steps") {
    Shop shop;
    constexpr int kMessages = 250;
    for (int i = 0; i < kMessages; ++i) {
        REQUIRE(shop.engine->run(shop.alice(), Shop::message("text " + std::to_string(i))).ok());
    }
    const std::int64_t before = channel_rev(shop);
    std::mutex mutex;
    std::vector<EventRef> events;
    const Subscription subscription = shop.engine->subscribe(shop.workspace, [&](const EventRef& event) {
        const std::lock_guard lock(mutex);
        events.push_back(event);
    }).value();
    const auto batches = shop.gate->batches().size();
    const DeleteUser remove{.user = "alice", .erase_messages = true};
    REQUIRE(shop.engine->run(Caller::backend(shop.workspace), remove).ok());
    CHECK(code_of(shop.engine->run(shop.alice(), GetMe{})) == ErrorCode::unauthorized);
    wait_until([&] {
        const std::lock_guard lock(mutex);
        return events.size() == kMessages + 3;
    });
    CHECK(channel_rev(shop) == before + kMessages + 2);
    for (const std::string& text : shop.history()) CHECK(text.empty());
    const std::lock_guard lock(mutex);
    CHECK(std::holds_alternative<UserDeleted>(events[0]->body));
    const auto kind = [&](std::size_t at) { return std::get<MembersEvent>(events[at]->body).kind; };
    CHECK(kind(1) == MembersEvent::Kind::updated);
    CHECK(kind(2) == MembersEvent::Kind::left);
    for (std::size_t i = 1; i < events.size(); ++i) {
        CHECK(events[i]->rev == before + static_cast<std::int64_t>(i));
        if (i > 2) CHECK(std::holds_alternative<MessageDeleted>(events[i]->body));
    }
    // The mark, the memberships, three steps of messages, and finally the end of the deletion.
    const auto made = shop.gate->batches();
    CHECK(made.size() >= batches + 5);
    for (std::size_t i = batches; i < made.size(); ++i) CHECK(made[i] <= 100);
}

TEST_CASE("a failed step of a deletion is retried") {
    Shop shop;
    REQUIRE(shop.engine->run(shop.alice(), Shop::message("text")).ok());
    shop.gate->shut();
    std::promise<void> deleted;
    shop.engine->submit(Caller::backend(shop.workspace), DeleteUser{.user = "alice", .erase_messages = true},
                        [&](const Result<Done>& done) {
                            CHECK(done.ok());
                            deleted.set_value();
                        });
    shop.gate->wait_until_reached();
    shop.gate->open();
    deleted.get_future().wait();
    shop.gate->fail_next(Error(ErrorCode::unavailable, "the disk is full"));
    wait_until([&] { return shop.history() == std::vector<std::string>{""}; });
}

TEST_CASE("an engine closes in the middle of a deletion") {
    Shop shop;
    for (int i = 0; i < 300; ++i) REQUIRE(shop.engine->run(shop.alice(), Shop::message("text")).ok());
    REQUIRE(shop.engine->run(Caller::backend(shop.workspace), DeleteUser{.user = "alice", .erase_messages = true}).ok());
    CHECK(shop.engine->close(10s).ok());
}
