#include "core/channels/catch_up.hpp"

#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using core::CatchUp;
using core::CaughtUp;
using test::Stage;

namespace {

/// Budi is in several more groups, each with messages that they have not seen.
struct ComingBack : Stage {
    std::vector<ChannelId> groups;

    void add_groups(int count, int messages, const std::string& text = "x") {
        for (int i = 0; i < count; ++i) {
            const ChannelId group = world.add_channel(shop, ChannelType::group, "group" + std::to_string(groups.size())).id;
            world.add_member(group, alice, Role::admin);
            world.add_member(group, budi);
            for (int j = 0; j < messages; ++j) world.add_message(group, alice, text);
            groups.push_back(group);
        }
    }
    /// The request of a client that has missed the last `missed` messages of a channel.
    GetChanges holding(ChannelId channel, std::int64_t missed) {
        const Channel& now = world.row(channel).channel;
        return {.channel = channel, .since = now.rev - missed, .receipts_since = now.receipt_rev, .epoch = "epoch-1"};
    }
    CatchUp all(std::int64_t missed) {
        CatchUp request;
        for (const ChannelId group : groups) request.channels.push_back(holding(group, missed));
        return request;
    }
    CaughtUp catch_up(const CatchUp& request) {
        auto now = context();
        auto answer = core::read(request, as(budi), now);
        REQUIRE(answer.ok());
        return std::move(*answer);
    }
    static std::size_t moved(const CatchUp& request, const CaughtUp& answer) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < answer.channels.size(); ++i) {
            if (core::moved(request.channels[i], answer.channels[i])) ++count;
        }
        return count;
    }
};

}  // namespace

TEST_CASE_FIXTURE(ComingBack, "a returning client gets the same answer per channel as from GetChanges, with a single user lookup") {
    add_groups(3, 4);
    CatchUp request = all(2);
    request.channels[1] = holding(groups[1], 0);
    request.channels.push_back({.channel = orders, .since = 1, .epoch = "another"});
    world.user_reads = 0;
    const CaughtUp answer = catch_up(request);
    CHECK(world.user_reads == 1);
    CHECK(world.change_counts == 0);
    REQUIRE(answer.channels.size() == 4);
    for (std::size_t i = 0; i < request.channels.size(); ++i) {
        REQUIRE(answer.channels[i].ok());
        const Changes& changes = *answer.channels[i];
        const Changes alone = this->answer(request.channels[i], as(budi));
        CHECK(changes.channel_id == request.channels[i].channel);
        CHECK(changes.since == alone.since);
        CHECK(changes.rev == alone.rev);
        CHECK(changes.reset == alone.reset);
        CHECK(changes.unread_count == alone.unread_count);
        CHECK(changes.messages.size() == alone.messages.size());
    }
    CHECK(moved(request, answer) == 3);
    CHECK_FALSE(answer.unread_total);
}

TEST_CASE_FIXTURE(ComingBack, "a channel that the user is not in does not affect the others") {
    add_groups(2, 1);
    world.row(groups[0]).memberships.erase(budi.id);
    CatchUp request = all(1);
    request.channels.push_back({.channel = ChannelId{world.next_id()}});
    const CaughtUp answer = catch_up(request);
    REQUIRE(answer.channels.size() == 3);
    CHECK(answer.channels[0].error().code == ErrorCode::not_a_member);
    CHECK(answer.channels[1]->messages.size() == 1);
    CHECK(answer.channels[2].error().code == ErrorCode::not_found);
    CHECK(moved(request, answer) == 3);
}

TEST_CASE_FIXTURE(ComingBack, "a deleted user gets an error, and no channel is read") {
    add_groups(1, 1);
    auto now = context();
    const auto answer = core::read(all(1), Caller::user(shop, UserId{world.next_id()}), now);
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code == ErrorCode::unauthorized);
}

TEST_CASE_FIXTURE(ComingBack, "one read of many channels costs about as much as one page") {
    SUBCASE("limited by the number of objects") {
        add_groups(10, 30);
        CHECK(catch_up(all(30)).channels.size() == 4);
    }
    SUBCASE("limited by size") {
        add_groups(10, 1, std::string(50 * 1024, 'x'));
        CHECK(catch_up(all(1)).channels.size() == 3);
    }
    SUBCASE("channels without changes cost nothing") {
        add_groups(20, 1);
        CHECK(catch_up(all(0)).channels.size() == 20);
    }
    SUBCASE("the first channel always comes") {
        add_groups(2, 150);
        CHECK(catch_up(all(150)).channels.size() == 1);
    }
}

TEST_CASE_FIXTURE(ComingBack, "the number of channels answered is bounded by their cost") {
    add_groups(6, 1);
    CatchUp request = all(1);
    request.channels[1] = holding(groups[1], 0);
    request.max_moved = 3;
    const CaughtUp answer = catch_up(request);
    CHECK(answer.channels.size() == 4);
    CHECK(moved(request, answer) == 3);
}

TEST_CASE_FIXTURE(ComingBack, "the unread total comes with the last channel") {
    add_groups(3, 2);
    CatchUp request = all(2);
    request.unread_total = true;
    CHECK(catch_up(request).unread_total == std::int64_t{6});
    request.max_moved = 2;
    CHECK_FALSE(catch_up(request).unread_total);
}

TEST_CASE_FIXTURE(ComingBack, "catching up takes no tokens by itself") {
    add_groups(1, 1);
    for (int i = 0; i < 100; ++i) catch_up(all(1));
    CHECK(limiter.spare({shop, budi.id}, core::RateKind::read, clock.running) == 20);
}
