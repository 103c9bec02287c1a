// Receipts: what was delivered and read, and what is unread.
#include "conformance/world.hpp"

namespace cariosan::test {

STORAGE_TEST("a receipt only moves forward and no further than the newest message") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    for (int i = 0; i < 5; ++i) world.send(group, users[0]);
    const auto move = world.reading(group, users[1], 3);
    const Committed moved = world.run(move);
    CHECK(moved.changed);
    CHECK(moved.rev == 6);
    const auto& state = object<CommittedReceipt>(moved).state;
    CHECK(state.receipt.user_id == users[1]);
    CHECK(state.receipt.last_read_seq == 3);
    CHECK(state.receipt.last_read_at == move.at);
    CHECK(state.receipt.receipt_rev == 1);
    CHECK(state.receipt_rev == 1);
    CHECK(state.unread_count == 2);
    for (const std::int64_t seq : {3, 2, 1, 0, -5}) {
        const Committed back = world.run(world.reading(group, users[1], seq));
        CHECK_FALSE(back.changed);
        CHECK(object<CommittedReceipt>(back).state.receipt.last_read_seq == 3);
        CHECK(object<CommittedReceipt>(back).state.receipt.last_read_at == move.at);
        CHECK(object<CommittedReceipt>(back).state.receipt_rev == 1);
    }
    const Committed beyond = world.run(world.reading(group, users[1], 99));
    CHECK(object<CommittedReceipt>(beyond).state.receipt.last_read_seq == 5);
    CHECK(object<CommittedReceipt>(beyond).state.receipt_rev == 2);
    CHECK_FALSE(world.run(world.reading(group, users[1])).changed);
    world.reopen();
    CHECK(world.channel(group).rev == 6);
    CHECK(world.channel(group).receipt_rev == 2);
    CHECK(world.mine(group, users[1]).unread_count == 0);
    CHECK(world.membership(group, users[1])->last_read_seq == 5);
    CHECK(code_of(world.attempt(world.reading(group, id_of<UserId>(555555)))) == ErrorCode::not_a_member);
}

STORAGE_TEST("deliveries in several channels move together, where the user is a member") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group({users[0], users[1]});
    const ChannelId other = world.add_group({users[0], users[1]});
    const ChannelId foreign = world.add_group({users[0], users[2]});
    for (const ChannelId channel : {group, other, foreign}) {
        for (int i = 0; i < 3; ++i) world.send(channel, users[0]);
    }
    world.run(world.delivering(group, users[1], 3));
    mutation::MoveDelivered move{.workspace = world.workspace, .user = users[1], .at = {7000}};
    move.places = {{group, 2}, {foreign, 3}, {other, 2}, {id_of<ChannelId>(999), 1}};
    const Committed done = world.run(move);
    CHECK(done.changed);
    const auto& moved = object<CommittedReceipts>(done).places;
    REQUIRE(moved.size() == 2);
    CHECK(moved[0].channel == group);
    CHECK_FALSE(moved[0].receipt.delivered_moved);
    CHECK(moved[0].receipt.state.receipt.last_delivered_seq == 3);
    CHECK(moved[1].channel == other);
    CHECK(moved[1].receipt.delivered_moved);
    CHECK(moved[1].receipt.state.receipt_rev == 1);
    CHECK(moved[1].receipt.state.unread_count == 3);
    world.reopen();
    CHECK(world.mine(other, users[1]).last_delivered_seq == 2);
    CHECK(world.mine(group, users[1]).last_delivered_seq == 3);
    CHECK(world.channel(foreign).receipt_rev == 0);
    CHECK_FALSE(world.run(move).changed);
}

STORAGE_TEST("reading implies delivery, but not the reverse") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    for (int i = 0; i < 6; ++i) world.send(group, users[0]);
    const auto delivering = world.delivering(group, users[1], 4);
    const auto delivered = object<CommittedReceipt>(world.run(delivering));
    CHECK(delivered.delivered_moved);
    CHECK_FALSE(delivered.read_moved);
    CHECK(delivered.state.receipt.last_delivered_seq == 4);
    CHECK(delivered.state.receipt.last_delivered_at == delivering.at);
    CHECK(delivered.state.receipt.last_read_seq == 0);
    CHECK_FALSE(delivered.state.receipt.last_read_at);
    CHECK(delivered.state.unread_count == 6);
    CHECK(world.mine(group, users[1]).last_delivered_seq == 4);
    CHECK(world.mine(group, users[1]).last_read_seq == 0);
    CHECK_FALSE(world.run(world.delivering(group, users[1], 3)).changed);

    const auto behind = object<CommittedReceipt>(world.run(world.reading(group, users[1], 3)));
    CHECK(behind.read_moved);
    CHECK_FALSE(behind.delivered_moved);
    CHECK(behind.state.receipt.last_delivered_at == delivering.at);
    const auto reading = world.reading(group, users[1]);
    const auto ahead = object<CommittedReceipt>(world.run(reading));
    CHECK(ahead.read_moved);
    CHECK(ahead.delivered_moved);
    CHECK(ahead.state.receipt.last_delivered_seq == 6);
    CHECK(ahead.state.receipt.last_delivered_at == reading.at);
    CHECK(ahead.state.receipt_rev == 3);
    CHECK_FALSE(world.run(world.delivering(group, users[1])).changed);
    world.reopen();
    CHECK(world.channel(group).receipt_rev == 3);
    REQUIRE(world.receipts(group).size() == 2);
    for (const Receipt& receipt : world.receipts(group)) {
        CHECK(receipt.last_delivered_seq == 6);
        CHECK(receipt.last_read_seq == 6);
        CHECK(receipt.receipt_rev == (receipt.user_id == users[1] ? 3 : 0));
    }
    CHECK(code_of(world.attempt(world.delivering(group, id_of<UserId>(555555)))) == ErrorCode::not_a_member);
}

STORAGE_TEST("receipts of current members are listed by user id") {
    World world(kind.make());
    const auto users = world.add_users(5);
    const ChannelId group = world.add_group(users);
    world.send(group, users[0]);
    world.run(world.removing(group, users[2]));
    const auto page = [&](std::optional<UserId> after, std::int64_t limit) {
        std::vector<UserId> ids;
        const auto receipts =
            world.read([&](Reader& r) { return must(r.members().receipts(group, after, limit)); });
        for (const Receipt& receipt : receipts) ids.push_back(receipt.user_id);
        return ids;
    };
    CHECK(page(std::nullopt, 2) == std::vector<UserId>{users[0], users[1]});
    CHECK(page(users[1], 2) == std::vector<UserId>{users[3], users[4]});
    CHECK(page(users[2], 1) == std::vector<UserId>{users[3]});
    CHECK(page(users[4], 2).empty());
    // A returning member starts at the newest message.
    world.send(group, users[0]);
    world.run(world.adding(group, {users[2]}));
    const Receipt back = world.receipts(group)[2];
    CHECK(back.user_id == users[2]);
    CHECK(back.last_read_seq == 2);
    CHECK(back.last_delivered_seq == 2);
    CHECK_FALSE(back.last_delivered_at);
    CHECK(back.receipt_rev == 1);
}

STORAGE_TEST("an empty channel has nothing to read") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const Committed done = world.run(world.reading(group, users[0]));
    CHECK_FALSE(done.changed);
    CHECK(done.rev == 1);
    CHECK(object<CommittedReceipt>(done).state.receipt_rev == 0);
}

STORAGE_TEST("a send moves its author's receipt without a receipt revision") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    world.send(group, users[0]);
    world.send(group, users[0]);
    world.send(group, users[1]);
    CHECK(world.channel(group).receipt_rev == 0);
    CHECK(world.mine(group, users[0]).unread_count == 1);
    CHECK(world.mine(group, users[1]).unread_count == 0);
    CHECK_FALSE(world.run(world.reading(group, users[1])).changed);
    CHECK_FALSE(world.run(world.delivering(group, users[1])).changed);
    const ChangePage page = world.changes(group, users[1], {.receipts_since = 0});
    CHECK(page.receipts.empty());
    CHECK(page.receipt_rev == 0);
}

STORAGE_TEST("receipts moved in one batch share one receipt revision per channel") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId one = world.add_group(users);
    const ChannelId two = world.add_group(users);
    for (int i = 0; i < 3; ++i) {
        world.send(one, users[0]);
        world.send(two, users[0]);
    }
    const auto answers = world.commit({world.reading(one, users[1], 1), world.reading(two, users[1]),
                                       world.reading(one, users[2]), world.reading(one, users[1], 2),
                                       world.reading(one, users[0])});
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(must(answers[i]).changed);
        CHECK(object<CommittedReceipt>(must(answers[i])).state.receipt_rev == 1);
        CHECK(object<CommittedReceipt>(must(answers[i])).state.receipt.receipt_rev == 1);
    }
    CHECK_FALSE(must(answers[4]).changed);
    CHECK(world.channel(one).receipt_rev == 1);
    CHECK(world.channel(two).receipt_rev == 1);
    CHECK(object<CommittedReceipt>(world.run(world.reading(one, users[1]))).state.receipt_rev == 2);
}

STORAGE_TEST("unread messages are counted over unmuted channels, to 9999") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId one = world.add_group(users);
    const ChannelId two = world.add_group(users);
    const ChannelId muted = world.add_group(users);
    world.run(mutation::SetPreferences{
        .workspace = world.workspace, .channel = muted, .user = users[1], .muted = true});
    for (int i = 0; i < 3; ++i) world.send(one, users[0]);
    for (int i = 0; i < 2; ++i) world.send(two, users[0]);
    world.send(muted, users[0]);
    const auto total = [&](UserId user) {
        return world.read([&](Reader& r) { return must(r.channels().unread_total(world.workspace, user)); });
    };
    CHECK(total(users[1]) == 5);
    CHECK(total(users[0]) == 0);
    world.run(world.reading(one, users[1], 2));
    CHECK(total(users[1]) == 3);
    for (int batch = 0; batch < 20; ++batch) {
        std::vector<Mutation> many;
        for (int i = 0; i < 500; ++i) many.emplace_back(world.message(two, users[0]));
        world.commit(many);
    }
    CHECK(total(users[1]) == 9999);
    CHECK(world.mine(two, users[1]).unread_count == 10'002);
}

}  // namespace cariosan::test
