#include <chrono>
#include <set>
#include <thread>

#include "unit/outbox/push_stage.hpp"

using namespace cariosan;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using test::PushStage;

namespace {

const PushAnswer kDelivered{.outcome = PushOutcome::delivered};
const PushAnswer kRetry{.outcome = PushOutcome::retry};

}  // namespace

TEST_CASE("a push contains the sender's name, the channel and the message id, and nothing else") {
    PushStage stage(2);
    const MessageId message = stage.message();
    stage.settle();
    REQUIRE(stage.sender.under_way.size() == 1);
    const PushCall& call = stage.sender.under_way.front().call;
    CHECK(call.device_token == PushStage::token(1));
    CHECK(call.sender_name == "User 0");
    CHECK(call.channel == stage.channel);
    CHECK(call.message == message);
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.backlog().pending == 0);
    CHECK(stage.counters.delivered == 1);
    CHECK(stage.counters.pending == 0);
    CHECK(stage.counters.times[static_cast<std::size_t>(PushOutcome::delivered)].counted().total == 1);
    CHECK(stage.counters.times[static_cast<std::size_t>(PushOutcome::retry)].counted().total == 0);
}

TEST_CASE("a worker with nothing to do does not read the storage") {
    PushStage stage(2);
    stage.settle();
    stage.worker->tick();
    CHECK_FALSE(stage.ports->work_once());
}

TEST_CASE("at most a hundred pushes are in progress at a time") {
    PushStage stage(251);
    stage.message();
    stage.settle();
    CHECK(stage.sender.under_way.size() == 100);
    stage.sender.answer_first();
    CHECK(stage.sender.under_way.size() == 100);
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.sender.count == 250);
    CHECK(stage.backlog().pending == 0);
}

TEST_CASE("a sender that answers before send returns gets the next one as well") {
    PushStage stage(1201);
    stage.sender.at_once = kDelivered;
    stage.message();
    stage.settle();
    CHECK(stage.sender.count == 1200);
    CHECK(stage.backlog().pending == 0);
}

TEST_CASE("a channel with more recipients than one part continues after a restart where it was") {
    PushStage stage(1201);
    stage.message();
    stage.settle();
    std::set<std::string> tokens;
    while (tokens.size() < 500) {
        tokens.insert(stage.sender.under_way.front().call.device_token);
        stage.sender.answer_first();
    }
    while (stage.ports->work_once()) {
    }
    // The process dies; the lease of the part that was begun expires.
    stage.sender.under_way.clear();
    stage.start();
    stage.settle_after(16s);
    while (!stage.sender.under_way.empty()) {
        CHECK(tokens.insert(stage.sender.under_way.front().call.device_token).second);
        stage.sender.answer_first();
        while (stage.ports->work_once()) {
        }
    }
    CHECK(tokens.size() == 1200);
    CHECK(stage.backlog().pending == 0);
}

TEST_CASE("a push not accepted by the service is retried, later and later, and finally given up") {
    PushStage stage(3);
    stage.message();
    stage.settle();
    REQUIRE(stage.sender.tokens().size() == 2);
    // One of the two is delivered: only the other one is retried.
    stage.sender.answer_first();
    const auto left = stage.sender.tokens();
    std::chrono::milliseconds wait = 10s;
    for (int attempt = 1; attempt <= 7; ++attempt) {
        CAPTURE(attempt);
        stage.sender.answer_all(kRetry);
        stage.settle();
        stage.settle_after(wait - 1ms);
        CHECK(stage.sender.under_way.empty());
        stage.settle_after(2ms);
        CHECK(stage.sender.tokens() == left);
        wait *= 2;
    }
    stage.sender.answer_all(kRetry);
    stage.settle();
    CHECK(stage.backlog().pending == 0);
    CHECK(stage.counters.retried == 7);
    CHECK(stage.counters.failed == 1);
    CHECK(stage.ports->warnings == std::vector<std::string>{"push.given_up"});
}

TEST_CASE("retries do not delay others in the channel") {
    PushStage stage(701);
    stage.message();
    stage.settle();
    for (int i = 0; i < 500; ++i) stage.sender.answer_first(i == 0 ? kRetry : kDelivered);
    stage.settle();
    CHECK_FALSE(stage.sender.under_way.empty());
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.counters.delivered == 699);
    CHECK(stage.backlog().pending == 1);
    stage.settle_after(11s);
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.counters.delivered == 700);
    CHECK(stage.backlog().pending == 0);
}

TEST_CASE("a service that asks for a pause gets nothing until then") {
    PushStage stage(151);
    stage.message();
    stage.settle();
    REQUIRE(stage.sender.under_way.size() == 100);
    stage.sender.answer_first({.outcome = PushOutcome::retry, .retry_after = 60s});
    CHECK(stage.sender.count == 100);
    stage.sender.answer_all();
    stage.message();
    stage.settle_after(59s);
    CHECK(stage.sender.count == 100);
    stage.settle_after(1s);
    CHECK(stage.sender.count == 200);
    // The refused one comes after the pause, too.
    stage.sender.answer_all();
    stage.settle_after(61s);
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.counters.delivered == 300);
    CHECK(stage.backlog().pending == 0);
}

TEST_CASE("a wait for one device alone delays nothing else") {
    PushStage stage(151);
    stage.message();
    stage.settle();
    REQUIRE(stage.sender.under_way.size() == 100);
    stage.sender.answer_first({.outcome = PushOutcome::retry, .retry_after = 60s, .pauses_all = false});
    CHECK(stage.sender.count == 101);
    stage.sender.answer_all();
    stage.settle();
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.counters.delivered == 149);
    stage.settle_after(59s);
    CHECK(stage.sender.count == 150);
    stage.settle_after(1s);
    CHECK(stage.sender.count == 151);
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.counters.delivered == 150);
}

TEST_CASE("devices no longer known to the service are removed") {
    PushStage stage(4);
    stage.message();
    stage.settle();
    stage.sender.answer_first({.outcome = PushOutcome::drop_token});
    stage.sender.answer_first({.outcome = PushOutcome::drop_token});
    const auto left = stage.sender.tokens();
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.counters.dropped == 2);
    stage.message();
    stage.settle();
    CHECK(stage.sender.tokens() == left);
}

TEST_CASE("a refused push is not retried, and the log says why once") {
    PushStage stage(4);
    stage.message();
    stage.settle();
    stage.sender.answer_all({.outcome = PushOutcome::refused, .reason = "FCM answered 403"});
    stage.settle();
    CHECK(stage.backlog().pending == 0);
    CHECK(stage.counters.failed == 3);
    CHECK(stage.ports->warnings == std::vector<std::string>{"push.refused"});
}

TEST_CASE("a message that is a day old is no longer pushed") {
    PushStage stage(2);
    stage.message();
    stage.clock.advance(24h);
    stage.message();
    stage.settle();
    CHECK(stage.sender.under_way.size() == 1);
    CHECK(stage.counters.failed == 1);
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.backlog().pending == 0);
}

TEST_CASE("a stopping worker returns unanswered jobs, and ignores late answers") {
    PushStage stage(4);
    stage.message();
    stage.settle();
    const auto sent = stage.sender.tokens();
    stage.sender.answer_first();
    stage.worker->stop();
    while (stage.ports->work_once()) {
    }
    auto late = std::move(stage.sender.under_way);
    stage.sender.under_way.clear();
    stage.worker.reset();
    for (auto& each : late) each.done(kDelivered);
    CHECK(stage.backlog().pending == 1);
    CHECK(stage.counters.delivered == 1);

    stage.start();
    stage.settle();
    CHECK(stage.sender.tokens() == std::vector<std::string>{sent[1], sent[2]});
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.backlog().pending == 0);
}

TEST_CASE("results that cannot be committed are repeated when the lease ends") {
    PushStage stage(2);
    stage.message();
    stage.settle();
    stage.ports->fail_next = Error(ErrorCode::unavailable, "disk full");
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.ports->warnings == std::vector<std::string>{"push.delayed"});
    stage.settle_after(5min);
    CHECK(stage.sender.under_way.size() == 1);
    stage.sender.answer_all();
    stage.settle();
    CHECK(stage.backlog().pending == 0);
}

TEST_CASE("a job stays with its worker for as long as that lives, and is free 15 seconds after it was killed") {
    PushStage stage(2);
    stage.message();
    stage.settle();
    const auto first = stage.worker;
    const auto first_ports = std::move(stage.ports);
    stage.start();
    stage.settle();
    for (int i = 0; i < 12; ++i) {
        stage.settle_after(5s);
        first->tick();
        while (first_ports->work_once()) {
        }
        CHECK(stage.sender.count == 1);
    }
    stage.settle_after(14s);
    CHECK(stage.sender.count == 1);
    stage.settle_after(2s);
    CHECK(stage.sender.count == 2);
    first->stop();
}

TEST_CASE("jobs that a worker was not told of are found in the end") {
    PushStage stage(2);
    stage.settle();
    const auto worker = std::exchange(stage.worker, nullptr);
    stage.message();
    stage.worker = worker;
    stage.settle_after(29s);
    CHECK(stage.sender.count == 0);
    stage.settle_after(2s);
    CHECK(stage.sender.count == 1);
}

TEST_CASE("answers may come from many threads at once") {
    PushStage stage(401);
    stage.message();
    stage.settle();
    while (!stage.sender.under_way.empty()) {
        auto batch = std::move(stage.sender.under_way);
        stage.sender.under_way.clear();
        stage.sender.at_once = kDelivered;
        std::vector<std::thread> threads;
        for (auto& each : batch) {
            if (threads.size() == 8) {
                for (auto& thread : threads) thread.join();
                threads.clear();
            }
            threads.emplace_back([done = std::move(each.done)] { done(kDelivered); });
        }
        for (auto& thread : threads) thread.join();
    }
    stage.settle();
    CHECK(stage.counters.delivered == 400);
    CHECK(stage.backlog().pending == 0);
}

TEST_CASE("a retry is not delayed by the time that the clock was ahead") {
    for (const std::chrono::hours ahead : {2h, 24h * 3652}) {
        for (const bool another_worker : {false, true}) {
            CAPTURE(ahead.count());
            CAPTURE(another_worker);
            PushStage stage(2);
            stage.clock.wall.milliseconds += milliseconds(ahead).count();
            stage.message();
            stage.settle();
            stage.sender.answer_all(kRetry);
            stage.settle();
            CHECK(stage.backlog().pending == 1);
            stage.clock.wall.milliseconds -= milliseconds(ahead).count();
            if (another_worker) stage.start();
            stage.settle_after(10s);
            REQUIRE(stage.sender.under_way.size() == 1);
            stage.sender.answer_all();
            stage.settle();
            CHECK(stage.backlog().pending == 0);
        }
    }
}

/// A push is in progress, and its job was leased two hours into the future.
struct LeasedAhead : PushStage {
    LeasedAhead() : PushStage(2) {
        clock.wall.milliseconds += milliseconds(2h).count();
        message();
        settle();
        clock.wall.milliseconds -= milliseconds(2h).count();
        REQUIRE(sender.under_way.size() == 1);
    }
};

TEST_CASE_FIXTURE(LeasedAhead, "a lease taken while the clock was ahead does not block another worker") {
    start();
    settle();
    CHECK(sender.under_way.size() == 2);
    sender.answer_all();
    settle();
    CHECK(backlog().pending == 0);
}

TEST_CASE_FIXTURE(LeasedAhead, "a worker whose lease was taken while the clock was ahead takes a new one and sends nothing twice") {
    settle_after(10s);
    CHECK(sender.under_way.size() == 1);
    start();
    settle();
    CHECK(sender.under_way.size() == 1);
}
