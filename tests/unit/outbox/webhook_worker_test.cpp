#include "outbox/webhook_worker.hpp"

#include <doctest/doctest.h>

#include <array>
#include <thread>

#include "unit/outbox/webhook_stage.hpp"

namespace cariosan::test {
namespace {

using namespace std::chrono_literals;
using Numbers = std::vector<int>;

TEST_CASE("rows are sent in order, four at a time") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    for (int i = 0; i < 10; ++i) stage.ports.store.add_row(hook);
    stage.commit();
    CHECK(stage.sender.events_to("http://1") == Numbers{1, 2, 3, 4});
    stage.answer(2, 200);
    CHECK(stage.sender.events_to("http://1") == Numbers{1, 2, 3, 4, 5});
    for (std::size_t call = 0; call < stage.sender.calls.size(); ++call) {
        if (call != 2) stage.answer(call, 204);
    }
    CHECK(stage.sender.events_to("http://1") == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    for (const StoredRow& row : stage.ports.store.rows) CHECK(row.status == DeliveryStatus::delivered);
    CHECK(stage.counters.delivered == 10);
    CHECK(stage.worker->idle());
    CHECK(stage.sender.calls[0].call.body == stage.sender.calls[0].call.event_id);
}

TEST_CASE("an attempt is signed with every secret that has not expired when it begins") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    const Timestamp ends{stage.ports.time.wall.milliseconds + 5'000};
    stage.ports.store.webhooks[hook].secrets = {{.text = "new"}, {.text = "old", .expires_at = ends}};
    stage.ports.store.add_row(hook);
    stage.commit();
    REQUIRE(stage.sender.calls.size() == 1);
    CHECK(stage.sender.calls[0].call.secrets == std::vector<std::string>{"new", "old"});
    stage.answer(0, 200);
    // The lease goes on, but the old secret does not.
    stage.pass(5s);
    stage.ports.store.add_row(hook);
    stage.commit();
    REQUIRE(stage.sender.calls.size() == 2);
    CHECK(stage.sender.calls[1].call.secrets == std::vector<std::string>{"new"});
}

TEST_CASE("attempts are timed by how they end, and carry the trace of their event") {
    using Outcome = DeliveryResult::Outcome;
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    for (int i = 0; i < 3; ++i) stage.ports.store.add_row(hook);
    stage.ports.store.rows[0].event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    stage.commit();
    REQUIRE(stage.sender.calls.size() == 3);
    CHECK(stage.sender.calls[0].call.traceparent == stage.ports.store.rows[0].event.traceparent);
    CHECK(stage.sender.calls[1].call.traceparent.empty());
    stage.answer(0, 200);
    stage.ports.time.running += 40ms;
    stage.answer(1, 404);
    stage.answer(2, 500);
    const auto counted = [&](Outcome outcome) { return stage.counters.times[static_cast<std::size_t>(outcome)].counted(); };
    CHECK(counted(Outcome::delivered).total == 1);
    CHECK(counted(Outcome::delivered).sum == 0);
    CHECK(counted(Outcome::failed).total == 1);
    CHECK(counted(Outcome::failed).sum == 40'000);
    CHECK(counted(Outcome::retry).total == 1);
    CHECK(counted(Outcome::disable).total == 0);
}

TEST_CASE("a sender that answers at once makes no difference") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    for (int i = 0; i < 200; ++i) stage.ports.store.add_row(hook);
    stage.sender.at_once = 200;
    stage.commit();
    CHECK(stage.counters.delivered == 200);
    CHECK(stage.worker->idle());
}

TEST_CASE("an attempt is repeated on schedule and finally fails") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    stage.ports.store.add_row(hook);
    stage.commit();
    std::size_t attempts = 0;
    constexpr std::array<std::chrono::milliseconds, 5> kDelays = {24s, 96s, 480s, 2880s, 17280s};
    for (const auto delay : kDelays) {
        REQUIRE(stage.sender.calls.size() == ++attempts);
        stage.answer(attempts - 1, 500);
        for (int second = 0; second < 30; ++second) stage.pass(0ms);
        const Timestamp due = stage.row(1).due;
        CHECK(due.milliseconds - stage.ports.time.wall.milliseconds == delay.count());
        stage.pass(delay - 1ms);
        CHECK(stage.sender.calls.size() == attempts);
        stage.pass(31s);  // a check was planned for then; there is one at least every 30 seconds
    }
    REQUIRE(stage.sender.calls.size() == 6);
    stage.answer(5, 0);
    CHECK(stage.row(1).status == DeliveryStatus::failed);
    CHECK(stage.row(1).last_error == "there was no answer");
    CHECK(stage.counters.failed_attempts == 6);
    stage.pass(48h);
    CHECK(stage.sender.calls.size() == 6);
}

TEST_CASE("after a failed attempt one row at a time is tried, and four again after a success") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    for (int i = 0; i < 12; ++i) stage.ports.store.add_row(hook);
    stage.commit();
    stage.answer(0, 500);
    for (std::size_t call = 1; call < 4; ++call) stage.answer(call, 500);
    CHECK(stage.sender.events_to("http://1") == Numbers{1, 2, 3, 4, 5});
    stage.answer(4, 200);
    CHECK(stage.sender.events_to("http://1") == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("while an endpoint is down only its oldest row is tried, until one succeeds") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    stage.ports.store.webhooks[hook].failed_attempts = kWebhookDownAfter;
    for (int i = 0; i < 8; ++i) stage.ports.store.add_row(hook);
    stage.commit();
    CHECK(stage.sender.events_to("http://1") == Numbers{1});
    stage.answer(0, 503);
    stage.pass(20s);
    CHECK(stage.sender.events_to("http://1") == Numbers{1});
    stage.pass(20s);
    CHECK(stage.sender.events_to("http://1") == Numbers{1, 1});
    // After a final answer the next row is tried at once.
    stage.answer(1, 404);
    CHECK(stage.row(1).status == DeliveryStatus::failed);
    CHECK(stage.sender.events_to("http://1") == Numbers{1, 1, 2});
    stage.answer(2, 200);
    CHECK(stage.sender.events_to("http://1") == Numbers{1, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("an endpoint that answers 410 gets nothing more") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    for (int i = 0; i < 8; ++i) stage.ports.store.add_row(hook);
    stage.commit();
    stage.answer(0, 410);
    stage.answer(1, 200);
    stage.pass(1h);
    CHECK(stage.sender.calls.size() == 4);
    CHECK(stage.row(1).last_error == "the endpoint answered 410");
}

TEST_CASE("an endpoint that hangs does not delay others") {
    Stage stage;
    const WebhookId hanging = stage.ports.store.add_webhook(1);
    const WebhookId other = stage.ports.store.add_webhook(2);
    for (int i = 0; i < 10; ++i) stage.ports.store.add_row(hanging);
    stage.commit();
    CHECK(stage.sender.calls.size() == 4);
    for (int i = 0; i < 6; ++i) stage.ports.store.add_row(other);
    stage.commit();
    stage.pass(1s);
    for (std::size_t call = 4; call < stage.sender.calls.size(); ++call) stage.answer(call, 200);
    CHECK(stage.sender.events_to("http://2") == Numbers{11, 12, 13, 14, 15, 16});
    CHECK(stage.sender.events_to("http://1") == Numbers{1, 2, 3, 4});
}

TEST_CASE("at most 256 attempts are in progress, and each endpoint has its turn") {
    Stage stage;
    for (std::uint8_t number = 1; number <= 100; ++number) {
        const WebhookId hook = stage.ports.store.add_webhook(number);
        for (int i = 0; i < 4; ++i) stage.ports.store.add_row(hook);
    }
    stage.commit();
    CHECK(stage.sender.calls.size() == outbox::WebhookWorker::kMaxUnderWay);
    for (std::size_t call = 0; call < stage.sender.calls.size(); ++call) stage.answer(call, 200);
    CHECK(stage.counters.delivered == 400);
    CHECK(stage.worker->idle());
}

TEST_CASE("results that could not be committed are kept, and their rows are not sent again meanwhile") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    stage.ports.store.add_row(hook);
    stage.commit();
    stage.ports.commit_fails = Error(ErrorCode::unavailable, "the disk is full");
    stage.answer(0, 200);
    const int tries = stage.ports.finishes;
    for (int i = 0; i < 5; ++i) stage.tick();
    CHECK(stage.ports.finishes == tries);  // not before a second has passed
    stage.pass(1s);
    CHECK(stage.ports.finishes == tries + 1);
    stage.ports.commit_fails.reset();
    CHECK_FALSE(stage.worker->idle());
    stage.pass(1s);
    CHECK(stage.row(1).status == DeliveryStatus::delivered);
    CHECK(stage.sender.calls.size() == 1);
    CHECK(stage.worker->idle());
}

TEST_CASE("results of one webhook are committed together while another commit is in progress") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    for (int i = 0; i < 4; ++i) stage.ports.store.add_row(hook);
    stage.commit();
    for (std::size_t call = 0; call < 4; ++call) stage.sender.calls[call].done({.status = 200, .error = {}});
    stage.ports.run();
    CHECK(stage.ports.finishes == 2);
    CHECK(stage.counters.delivered == 4);
}

TEST_CASE("nothing is read or committed while nothing is due") {
    Stage stage;
    stage.ports.store.add_webhook(1);
    stage.commit();
    const int reads = stage.ports.reads;
    const int leases = stage.ports.leases;
    for (int i = 0; i < 1000; ++i) stage.pass(10ms);
    CHECK(stage.ports.reads == reads);
    CHECK(stage.ports.leases == leases);
    CHECK(stage.ports.quiet());
}

TEST_CASE("after stop no attempt begins, and attempts in progress are recorded") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    for (int i = 0; i < 8; ++i) stage.ports.store.add_row(hook);
    stage.commit();
    stage.worker->stop();
    CHECK_FALSE(stage.worker->idle());
    for (std::size_t call = 0; call < 4; ++call) stage.answer(call, 200);
    stage.commit();
    CHECK(stage.worker->idle());
    CHECK(stage.sender.calls.size() == 4);
    CHECK(stage.row(4).status == DeliveryStatus::delivered);
    CHECK(stage.row(5).status == DeliveryStatus::pending);
}

TEST_CASE("an answer after close, or after the worker is destroyed, changes nothing") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    stage.ports.store.add_row(hook);
    stage.commit();
    stage.worker->close();
    stage.worker.reset();
    stage.answer(0, 200);
    CHECK(stage.ports.finishes == 0);
    CHECK(stage.row(1).status == DeliveryStatus::pending);
    // The next process continues with pending rows once the last lease has ended.
    stage.worker = stage.make_worker(2);
    stage.commit();
    CHECK(stage.sender.calls.size() == 1);
    stage.pass(31s);
    CHECK(stage.sender.events_to("http://1") == Numbers{1, 1});
    stage.answer(1, 200);
    CHECK(stage.row(1).status == DeliveryStatus::delivered);
}

TEST_CASE("answers may arrive on several threads while the worker is closed") {
    Stage stage;
    const WebhookId hook = stage.ports.store.add_webhook(1);
    for (int i = 0; i < 4; ++i) stage.ports.store.add_row(hook);
    stage.commit();
    std::vector<std::thread> threads;
    threads.emplace_back([&] { stage.sender.calls[0].done({.status = 200, .error = {}}); });
    threads.emplace_back([&] { stage.worker->close(); });
    for (std::thread& thread : threads) thread.join();
    stage.ports.run();
    const int finishes = stage.ports.finishes;  // the first answer may have arrived before
    for (std::size_t call = 1; call < 4; ++call) stage.answer(call, 200);
    CHECK(stage.ports.finishes == finishes);
    CHECK(stage.sender.calls.size() == 4);
}

}  // namespace
}  // namespace cariosan::test
