#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::Stage;

namespace {

/// The stage with five messages in "orders" and a receipt there for each member.
struct Reading : Stage {
    Reading() {
        for (int i = 0; i < 5; ++i) ids.push_back(world.add_message(orders, alice, "x").id.to_string());
        world.row(orders).receipts = {{.user_id = alice.id, .last_read_seq = 5, .receipt_rev = 1},
                                      {.user_id = budi.id, .last_read_seq = 3, .receipt_rev = 1}};
        world.row(orders).channel.receipt_rev = 1;
    }
    std::string id(std::size_t seq) const { return ids[seq - 1]; }
    void hide() { world.workspaces[0].read_receipts_enabled = false; }
    ReceiptList list(const User& user) { return answer(ListReceipts{.channel = "orders"}, as(user)); }

    std::vector<std::string> ids;
};

/// What marking as read and marking as delivered have in common.
template <class C>
void check_marking(ReceiptKind kind) {
    Reading talk;
    const Caller budi = talk.as(talk.budi);
    CHECK_FALSE(talk.template mutation<mutation::MoveReceipt>(C{.channel = "orders"}, budi).seq);
    const auto move =
        talk.template mutation<mutation::MoveReceipt>(C{.channel = "orders", .message_id = talk.id(4)}, budi);
    CHECK(move.seq == 4);
    CHECK(move.user == talk.budi.id);
    CHECK(move.kind == kind);
    CHECK_FALSE(move.read_hidden);
    CHECK(is_invalid(talk.error(C{.channel = "orders", .message_id = "seq:4"}, budi), "message_id"));
    CHECK(talk.error(C{.channel = "orders", .message_id = talk.orders.to_string()}, budi).code ==
          ErrorCode::not_found);
    CHECK(talk.error(C{.channel = "orders"}, talk.as(talk.citra)).code == ErrorCode::not_a_member);
    talk.hide();
    CHECK(talk.template mutation<mutation::MoveReceipt>(C{.channel = "orders"}, budi).read_hidden);
}

}  // namespace

TEST_CASE("a receipt moves to a message or to the newest") {
    check_marking<MarkRead>(ReceiptKind::read);
    check_marking<MarkDelivered>(ReceiptKind::delivered);
}

TEST_CASE("deliveries in many channels are one write, without those that are not the caller's") {
    Reading talk;
    const Caller budi = talk.as(talk.budi);
    const std::string in_pair = talk.world.add_message(talk.pair, talk.alice, "x").id.to_string();
    const ChannelId foreign = talk.world.add_channel(talk.shop, ChannelType::group, "foreign").id;
    const std::string secret = talk.world.add_message(foreign, talk.alice, "x").id.to_string();
    MarkAllDelivered all;
    all.channels = {{"orders", talk.id(4)}, {"nowhere", talk.id(1)}, {"foreign", secret},
                    {talk.pair.to_string(), in_pair}, {"pair", talk.id(2)}};
    const auto move = talk.mutation<mutation::MoveDelivered>(all, budi);
    CHECK(move.user == talk.budi.id);
    REQUIRE(move.places.size() == 2);
    CHECK(move.places[0].channel == talk.orders);
    CHECK(move.places[0].seq == 4);
    CHECK(move.places[1].channel == talk.pair);
    CHECK(move.places[1].seq == 1);
    all.channels = {{"foreign", secret}};
    CHECK(talk.answer(all, budi).channels.empty());
    all.channels = {{"orders", "seq:4"}};
    CHECK(is_invalid(talk.error(all, budi), "channels"));
    all.channels.assign(101, {"orders", talk.id(4)});
    CHECK(test::is_over(talk.error(all, budi), "channels", 100));
    talk.hide();
    all.channels.resize(1);
    CHECK(talk.mutation<mutation::MoveDelivered>(all, budi).read_hidden);
}

TEST_CASE("members see everyone's receipts with their revision") {
    Reading talk;
    const ReceiptList list = talk.list(talk.budi);
    REQUIRE(list.page.items.size() == 2);
    CHECK(list.page.items[0].last_read_seq == 5);
    CHECK_FALSE(list.page.items[0].read_hidden);
    CHECK(list.rev == talk.world.row(talk.orders).channel.rev);
    CHECK(list.receipt_rev == 1);
    CHECK(list.epoch == "epoch-1");
    CHECK(talk.error(ListReceipts{.channel = "orders"}, talk.as(talk.citra)).code == ErrorCode::not_a_member);
    CHECK(talk.error(ListReceipts{.channel = "orders"}, talk.backend()).code == ErrorCode::forbidden);
}

TEST_CASE("receipts are listed in pages") {
    Reading talk;
    ListReceipts command{.channel = "orders", .range = {.limit = 1}};
    const ReceiptList first = talk.answer(command, talk.as(talk.budi));
    REQUIRE(first.page.items.size() == 1);
    REQUIRE(first.page.has_more());
    command.range.cursor = first.page.next_cursor;
    const ReceiptList second = talk.answer(command, talk.as(talk.budi));
    REQUIRE(second.page.items.size() == 1);
    CHECK_FALSE(second.page.has_more());
    CHECK(second.page.items[0].user_id != first.page.items[0].user_id);
}

TEST_CASE("without read receipts, each member sees only their own read position") {
    Reading talk;
    talk.hide();
    for (const Receipt& receipt : talk.list(talk.budi).page.items) {
        CHECK(receipt.read_hidden == (receipt.user_id != talk.budi.id));
    }
    const Changes changes =
        talk.answer(GetChanges{.channel = talk.orders, .since = 0, .receipts_since = 0, .epoch = "epoch-1"},
                    talk.as(talk.budi));
    REQUIRE(changes.receipts.size() == 2);
    for (const Receipt& receipt : changes.receipts) {
        CHECK(receipt.read_hidden == (receipt.user_id != talk.budi.id));
    }
}

TEST_CASE("in a large channel, changes contain only the viewer's own receipt") {
    Reading talk;
    const auto asked = [&] {
        talk.answer(GetChanges{.channel = talk.orders, .since = 0, .receipts_since = 0, .epoch = "epoch-1"},
                    talk.as(talk.budi));
        return talk.world.last_change_range.own_receipt_only;
    };
    talk.world.row(talk.orders).channel.member_count = 100;
    CHECK_FALSE(asked());
    talk.world.row(talk.orders).channel.member_count = 101;
    CHECK(asked());
}
