#include "core/rates/rate_limiter.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cariosan/adapters/memory.hpp>
#include <memory>
#include <random>
#include <vector>

#include "support/faulty_coordination.hpp"
#include "support/manual_clock.hpp"
#include "unit/core/stage.hpp"

using namespace cariosan;
using core::RateKind;
using std::chrono::milliseconds;
using test::number_detail;

namespace {

core::RateKey key(std::uint8_t user, std::uint8_t workspace = 1) {
    core::RateKey made;
    made.workspace.uuid.bytes[15] = workspace;
    made.user.uuid.bytes[15] = user;
    return made;
}

/// A key that differs from those of a large crowd.
core::RateKey numbered_key(std::uint32_t number) {
    core::RateKey made = key(0);
    for (std::size_t i = 0; i < 4; ++i)
        made.user.uuid.bytes[12 + i] = static_cast<std::uint8_t>(number >> (8 * i));
    return made;
}

int taken_at_once(core::RateLimiter& limiter, const core::RateKey& who, RateKind kind, milliseconds now) {
    int count = 0;
    while (count < 1000 && limiter.take(who, kind, now)) ++count;
    return count;
}

}  // namespace

TEST_CASE("a full bucket holds a minute of sends and writes, and two seconds of reads and searches") {
    core::RateLimiter limiter{Rates{}};
    const milliseconds now(1000);
    CHECK(taken_at_once(limiter, key(1), RateKind::send, now) == 60);
    CHECK(taken_at_once(limiter, key(1), RateKind::write, now) == 120);
    CHECK(taken_at_once(limiter, key(1), RateKind::read, now) == 40);
    CHECK(taken_at_once(limiter, key(1), RateKind::search, now) == 4);
}

TEST_CASE("tokens come back one by one, and the error says when") {
    core::RateLimiter limiter{Rates{}};
    CHECK(taken_at_once(limiter, key(1), RateKind::send, milliseconds(0)) == 60);
    auto refused = limiter.take(key(1), RateKind::send, milliseconds(0));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::rate_limited);
    CHECK(refused.error().retryable);
    CHECK(number_detail(refused.error(), "retry_after_ms") == 1000);
    CHECK(number_detail(refused.error(), "limit") == 60);

    refused = limiter.take(key(1), RateKind::send, milliseconds(999));
    REQUIRE_FALSE(refused);
    CHECK(number_detail(refused.error(), "retry_after_ms") == 1);
    CHECK(limiter.take(key(1), RateKind::send, milliseconds(1000)));
    CHECK_FALSE(limiter.take(key(1), RateKind::send, milliseconds(1000)));
    CHECK(taken_at_once(limiter, key(1), RateKind::send, milliseconds(11'000)) == 10);
    CHECK(taken_at_once(limiter, key(1), RateKind::send, milliseconds(71'000)) == 60);
}

TEST_CASE("each user of a workspace has a bucket for each kind") {
    core::RateLimiter limiter{Rates{}};
    const milliseconds now(0);
    CHECK(taken_at_once(limiter, key(1), RateKind::send, now) == 60);
    CHECK(limiter.take(key(2), RateKind::send, now));
    CHECK(limiter.take(key(1, 2), RateKind::send, now));
    CHECK(limiter.take(key(1), RateKind::write, now));
}

TEST_CASE("a rate of zero means no limit, and all can be switched off") {
    core::RateLimiter no_sends{Rates{.sends_per_minute = 0}};
    CHECK(taken_at_once(no_sends, key(1), RateKind::send, milliseconds(0)) == 1000);
    CHECK(taken_at_once(no_sends, key(1), RateKind::write, milliseconds(0)) == 120);
    core::RateLimiter off{Rates{.enabled = false}};
    CHECK(taken_at_once(off, key(1), RateKind::search, milliseconds(0)) == 1000);
    CHECK(off.size() == 0);
}

TEST_CASE("unused buckets are dropped and used ones are not") {
    core::RateLimiter limiter{Rates{}};
    limiter.take(key(1), RateKind::send, milliseconds(0)).ok();
    CHECK(taken_at_once(limiter, key(2), RateKind::send, milliseconds(59'000)) == 60);
    CHECK_FALSE(limiter.take(key(2), RateKind::send, milliseconds(59'500)));
    // A change of generations does not refill the bucket.
    CHECK(taken_at_once(limiter, key(2), RateKind::send, milliseconds(61'000)) == 2);
    for (int minute = 2; minute < 6; ++minute) {
        limiter.take(key(2), RateKind::send, milliseconds(minute * 61'000)).ok();
    }
    CHECK(limiter.size() <= 2);
}

TEST_CASE("memory stays bounded with many users") {
    core::RateLimiter limiter{Rates{}, 1024};
    for (std::uint32_t i = 0; i < 50'000; ++i) {
        REQUIRE(limiter.take(numbered_key(i), RateKind::send, milliseconds(0)));
    }
    CHECK(limiter.size() <= 1024);
}

TEST_CASE("charged tokens are owed, and background work leaves half of the bucket") {
    core::RateLimiter limiter{Rates{}};
    const auto spare = [&](milliseconds now) { return limiter.spare(key(1), RateKind::read, now); };
    CHECK(spare(milliseconds(0)) == 20);
    int charged = 0;
    for (; charged < 100 && spare(milliseconds(0)) > 0; ++charged) limiter.charge(key(1), RateKind::read, 1, milliseconds(0));
    CHECK(charged == 20);
    CHECK(taken_at_once(limiter, key(1), RateKind::read, milliseconds(0)) == 20);
    limiter.charge(key(1), RateKind::read, 10, milliseconds(0));
    CHECK(taken_at_once(limiter, key(1), RateKind::read, milliseconds(500)) == 0);
    CHECK(taken_at_once(limiter, key(1), RateKind::read, milliseconds(550)) == 1);
    CHECK(spare(milliseconds(1'500)) == 0);
    CHECK(spare(milliseconds(1'551)) == 1);
    core::RateLimiter none{Rates{.enabled = false}};
    none.charge(key(1), RateKind::read, 1000, milliseconds(0));
    CHECK(none.spare(key(1), RateKind::read, milliseconds(0)) > 1000);
}

namespace {

/// Nodes that share their buckets. A due report is made at once, unless `is_cut`.
struct SharingNodes {
    explicit SharingNodes(std::size_t count, test::CoordinationFaults faults = {}, unsigned seed = 1) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto node = static_cast<unsigned>(i);
            coordination.push_back(std::make_shared<test::FaultyCoordination>(cluster->coordination(), faults, seed * 100 + node));
            limiters.push_back(std::make_unique<core::RateLimiter>(Rates{}, core::RateLimiter::kMostBuckets, [this, i] { exchange(i); }));
        }
    }
    void exchange(std::size_t node) {
        if (is_cut) return;
        const core::RateReport report = limiters[node]->report();
        const auto full_in = coordination[node]->take(report.taken);
        limiters[node]->learn(report, full_in, clock->elapsed());
    }
    void exchange_all() {
        for (std::size_t i = 0; i < limiters.size(); ++i) exchange(i);
    }
    int take_all(std::size_t node, RateKind kind = RateKind::send) {
        return taken_at_once(*limiters[node], key(1), kind, clock->elapsed());
    }

    std::shared_ptr<test::ManualClock> clock = std::make_shared<test::ManualClock>();
    std::shared_ptr<MemoryCluster> cluster = memory_cluster(clock);
    std::vector<std::shared_ptr<test::FaultyCoordination>> coordination;
    std::vector<std::unique_ptr<core::RateLimiter>> limiters;
    bool is_cut = false;
};

constexpr int kSendLease = 60 / 8;

}  // namespace

TEST_CASE("a user has one budget on all nodes together, plus at most a lease on each") {
    SharingNodes nodes(2);
    CHECK(nodes.take_all(0) == 60);
    CHECK(nodes.take_all(1) == kSendLease);
    CHECK(nodes.take_all(1, RateKind::read) == 40);
    CHECK(nodes.take_all(0, RateKind::read) == 40 / 8);
    CHECK(nodes.take_all(1, RateKind::search) == 4);
    CHECK(nodes.take_all(0, RateKind::search) == 1);
    // Another user has a budget of their own.
    CHECK(taken_at_once(*nodes.limiters[1], key(2), RateKind::send, nodes.clock->elapsed()) == 60);
}

TEST_CASE("however a user spreads what they send over nodes, the bound holds") {
    for (unsigned seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        SharingNodes nodes(3);
        std::mt19937 random(seed);
        int taken = 0;
        constexpr int kMinutes = 5;
        for (int step = 0; step < kMinutes * 600; ++step) {
            for (int i = 0; i < 4; ++i) {
                if (nodes.limiters[random() % 3]->take(key(1), RateKind::send, nodes.clock->elapsed())) ++taken;
            }
            nodes.clock->advance(milliseconds(100));
            // Regular reports, the nodes taking turns.
            if (step % 3 == 0) nodes.exchange(static_cast<std::size_t>(step / 3 % 3));
        }
        CHECK(taken <= 60 + 60 * kMinutes + 3 * kSendLease);
        CHECK(taken >= 60 * kMinutes);  // and no user gets less than one budget
    }
}

TEST_CASE("returned tokens can be used on every node") {
    SharingNodes nodes(2);
    for (int i = 0; i < 50; ++i) {
        REQUIRE(nodes.limiters[0]->take(key(1), RateKind::send, nodes.clock->elapsed()));
        nodes.limiters[0]->charge(key(1), RateKind::send, -1, nodes.clock->elapsed());
    }
    nodes.exchange_all();
    CHECK(nodes.take_all(1) == 60);
}

TEST_CASE("nodes that cannot reach each other count for themselves, and agree again afterwards") {
    SharingNodes nodes(2);
    nodes.is_cut = true;
    CHECK(nodes.take_all(0) == 60);
    CHECK(nodes.take_all(1) == 60);
    nodes.is_cut = false;
    nodes.exchange_all();
    nodes.exchange_all();
    nodes.clock->advance(std::chrono::seconds(61));
    // 120 of 60 were taken: the second minute pays for them.
    CHECK(nodes.take_all(0) <= kSendLease);
    nodes.clock->advance(std::chrono::seconds(120));
    CHECK(nodes.take_all(0) == 60);
}

TEST_CASE("tokens taken while a report is being answered are not forgotten") {
    SharingNodes nodes(2);
    nodes.is_cut = true;
    core::RateLimiter& here = *nodes.limiters[0];
    core::RateLimiter& there = *nodes.limiters[1];
    const milliseconds now = nodes.clock->elapsed();
    for (int i = 0; i < 20; ++i) REQUIRE(there.take(key(1), RateKind::send, now));
    nodes.is_cut = false;
    nodes.exchange(1);
    REQUIRE(here.take(key(1), RateKind::send, now));
    const core::RateReport report = here.report();
    const auto full_in = nodes.coordination[0]->take(report.taken);
    nodes.is_cut = true;
    for (int i = 0; i < 10; ++i) REQUIRE(here.take(key(1), RateKind::send, now));
    here.learn(report, full_in, now);
    CHECK(nodes.take_all(0) == 60 - 20 - 1 - 10);
}

TEST_CASE("reports that are lost, repeated, late or unanswered cost a node's share at most, and the nodes agree afterwards") {
    constexpr int kMinutes = 5;
    constexpr int kNodes = 3;
    for (unsigned seed = 0; seed < 10; ++seed) {
        CAPTURE(seed);
        SharingNodes nodes(kNodes, {.lost = 20, .unanswered = 20, .repeated = 20, .held_back = 20}, seed);
        std::mt19937 random(seed);
        int taken = 0;
        for (int step = 0; step < kMinutes * 600; ++step) {
            for (int i = 0; i < 4; ++i) {
                if (nodes.limiters[random() % kNodes]->take(key(1), RateKind::send, nodes.clock->elapsed())) ++taken;
            }
            nodes.clock->advance(milliseconds(100));
            if (step % 3 == 0) nodes.exchange(static_cast<std::size_t>(step / 3 % kNodes));
        }
        // At worst each node counts its own, or counts all reports twice.
        CHECK(taken <= kNodes * (60 + 60 * kMinutes));
        CHECK(taken >= 60 * kMinutes / 2);
        for (const auto& each : nodes.coordination) {
            CHECK((each->lost > 0 && each->unanswered > 0 && each->repeated > 0 && each->reordered > 0));
            each->heal();
        }
        nodes.exchange_all();
        nodes.clock->advance(std::chrono::hours(1));
        CHECK(nodes.take_all(0) == 60);
        CHECK(nodes.take_all(1) == kSendLease);
    }
}

TEST_CASE("a node keeps a bounded number of unreported buckets") {
    core::UnreportedTokens unreported([] {});
    for (std::uint32_t i = 0; i < 20'000; ++i) unreported.add(numbered_key(i), RateKind::send, 1, 100);
    std::size_t reported = 0;
    unreported.take_all([&](const core::RateKey&, RateKind, std::int64_t) { ++reported; });
    CHECK(reported == core::UnreportedTokens::kMost / core::kRateKinds);
}
