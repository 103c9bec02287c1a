#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::Stage;

namespace {

/// The stage with a short conversation in "orders".
struct Talk : Stage {
    Talk() {
        for (int i = 1; i <= 5; ++i) world.add_message(orders, alice, "message " + std::to_string(i));
    }
    std::int64_t rev() { return world.row(orders).channel.rev; }
    std::int64_t receipt_rev() { return world.row(orders).channel.receipt_rev; }

    Changes changes(std::int64_t since, std::int64_t receipts_since, std::string epoch) {
        return answer(GetChanges{.channel = orders,
                                 .since = since,
                                 .receipts_since = receipts_since,
                                 .epoch = std::move(epoch)},
                      as(budi));
    }
};

}  // namespace

TEST_CASE("changes are those after the revision") {
    Talk talk;
    const Changes changes = talk.changes(talk.rev() - 2, talk.receipt_rev(), "epoch-1");
    CHECK_FALSE(changes.reset);
    CHECK(changes.channel_id == talk.orders);
    CHECK(changes.epoch == "epoch-1");
    CHECK(changes.since == talk.rev() - 2);
    CHECK(changes.rev == talk.rev());
    CHECK(changes.messages.size() == 2);
    CHECK(changes.members.empty());
    CHECK(changes.receipts.empty());
    CHECK_FALSE(changes.channel);
    CHECK(changes.unread_count == 5);
}

TEST_CASE("the settings are included if they are newer") {
    Talk talk;
    CHECK(talk.changes(0, 0, "epoch-1").channel);
    CHECK_FALSE(talk.changes(1, 0, "epoch-1").channel);
    talk.world.row(talk.orders).channel.settings_rev = ++talk.world.row(talk.orders).channel.rev;
    CHECK(talk.changes(1, 0, "epoch-1").channel);
}

TEST_CASE("only revision 0 needs no epoch") {
    Talk talk;
    CHECK_FALSE(talk.changes(0, 0, "").reset);
    CHECK_FALSE(talk.changes(0, 0, "epoch-1").reset);
    CHECK(talk.changes(1, 0, "").reset);
    CHECK(talk.changes(talk.rev(), 0, "").reset);
    CHECK(talk.changes(0, 0, "epoch-0").reset);
    CHECK(talk.changes(talk.rev(), 0, "epoch-0").reset);
}

TEST_CASE("a receipt revision of an unknown epoch is ignored") {
    Talk talk;
    CHECK_FALSE(talk.changes(0, 1, "").receipts.empty());
    CHECK(talk.world.last_change_range.receipts_since == 0);
    talk.changes(0, 1, "epoch-1");
    CHECK(talk.world.last_change_range.receipts_since == 1);
}

TEST_CASE("a client ahead of the server is reset") {
    Talk talk;
    CHECK_FALSE(talk.changes(talk.rev(), talk.receipt_rev(), "epoch-1").reset);
    CHECK(talk.changes(talk.rev() + 1, 0, "epoch-1").reset);
    CHECK(talk.changes(talk.rev(), talk.receipt_rev() + 1, "epoch-1").reset);
}

TEST_CASE("more than a thousand changed objects cause a reset") {
    Talk talk;
    const std::int64_t since = talk.rev();
    for (int i = 0; i < 1000; ++i) talk.world.add_message(talk.orders, talk.alice, "x");
    CHECK_FALSE(talk.changes(since, 0, "epoch-1").reset);
    CHECK(talk.changes(since - 1, 0, "epoch-1").reset);
}

TEST_CASE("a reset contains the settings, the newest page and the viewer's own membership") {
    Talk talk;
    for (int i = 0; i < 60; ++i) talk.world.add_message(talk.orders, talk.alice, "x");
    const Changes changes = talk.changes(7, 3, "epoch-0");
    CHECK(changes.reset);
    CHECK(changes.rev == talk.rev());
    CHECK(changes.receipt_rev == talk.receipt_rev());
    CHECK(changes.epoch == "epoch-1");
    REQUIRE(changes.channel);
    CHECK(changes.channel->member_count == 2);
    REQUIRE(changes.messages.size() == 50);
    CHECK(changes.messages.front().seq == 65);
    REQUIRE(changes.members.size() == 1);
    CHECK(changes.members[0].user.id == talk.budi.id);
    REQUIRE(changes.receipts.size() == 1);
    CHECK(changes.receipts[0].user_id == talk.budi.id);
    CHECK(changes.unread_count == 65);
    CHECK_FALSE(changes.has_more);
}

TEST_CASE("the size of a reset is limited like that of any page") {
    Talk talk;
    for (int i = 0; i < 40; ++i) talk.world.add_message(talk.orders, talk.alice, std::string(8000, 'x'));
    const Changes changes = talk.changes(0, 0, "epoch-0");
    CHECK(changes.messages.size() == 14);
    CHECK(changes.messages.front().seq == 45);
}

TEST_CASE("only members get changes, and numbers must not be negative") {
    Talk talk;
    const GetChanges command{.channel = talk.orders, .since = 0, .receipts_since = 0, .epoch = {}};
    CHECK(talk.error(command, talk.as(talk.citra)).code == ErrorCode::not_a_member);
    GetChanges other = command;
    other.channel.uuid.bytes[3] = 9;
    CHECK(talk.error(other, talk.as(talk.citra)).code == ErrorCode::not_found);
    other = command;
    other.since = -1;
    CHECK(is_invalid(talk.error(other, talk.as(talk.budi)), "since"));
    other = command;
    other.receipts_since = -1;
    CHECK(is_invalid(talk.error(other, talk.as(talk.budi)), "receipts_since"));
}

TEST_CASE("a page of changes ends at 128 KiB, but never within a revision, and its receipts come last") {
    Talk talk;
    auto& messages = talk.world.row(talk.orders).messages;
    for (Message& message : messages) message.content.assign(8192, '\x01');  // 48 KiB as JSON
    const std::int64_t since = messages[0].rev - 1;
    Changes page = talk.changes(since, 0, "epoch-1");
    CHECK(page.messages.size() == 2);
    CHECK(page.rev == messages[1].rev);
    CHECK(page.has_more);
    CHECK(page.receipts.empty());
    CHECK(page.receipt_rev == 0);
    page = talk.changes(messages[2].rev, 0, "epoch-1");
    CHECK(page.messages.size() == 2);
    CHECK_FALSE(page.has_more);
    CHECK(page.rev == talk.rev());
    CHECK_FALSE(page.receipts.empty());
    CHECK(page.receipt_rev == talk.receipt_rev());
    // Everything with the same revision comes together, whatever its size.
    messages[1].rev = messages[2].rev = messages[3].rev;
    page = talk.changes(since, 0, "epoch-1");
    CHECK(page.messages.size() == 4);
    CHECK(page.rev == messages[3].rev);
    CHECK(page.has_more);
}

TEST_CASE("a page of changes has the requested length") {
    Talk talk;
    const GetChanges command{.channel = talk.orders, .since = 1, .epoch = "epoch-1", .limit = 3};
    CHECK(talk.answer(command, talk.as(talk.budi)).member_count == 2);
    CHECK(talk.world.last_change_range.max_items == 3);
    CHECK(talk.answer(GetChanges{.channel = talk.orders, .since = 9, .limit = 3}, talk.as(talk.budi)).messages.size() == 3);
    for (const std::int64_t limit : {-1, 0, 101}) {
        const GetChanges bad{.channel = talk.orders, .since = 1, .epoch = "epoch-1", .limit = limit};
        CHECK(is_invalid(talk.error(bad, talk.as(talk.budi)), "limit"));
    }
}
