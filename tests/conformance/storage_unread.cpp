// What counts as unread: what the viewer could read.
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

std::int64_t total(World& world, UserId user) {
    return world.read([&](Reader& r) { return must(r.channels().unread_total(world.workspace, user)); });
}

std::int64_t listed(World& world, ChannelId channel, UserId user) {
    const auto list =
        world.read([&](Reader& r) { return must(r.channels().list_of(world.workspace, user, {.limit = 100, .members = 0})); });
    for (const MyChannel& mine : list) {
        if (mine.channel.id == channel) return mine.unread_count;
    }
    FAIL("the channel is not listed");
    return 0;
}

/// Every place that reports the count agrees on this one.
void check_unread(World& world, ChannelId channel, UserId user, std::int64_t expected) {
    CHECK(world.mine(channel, user).unread_count == expected);
    CHECK(listed(world, channel, user) == expected);
    const Committed unmoved = world.run(world.reading(channel, user, 0));
    CHECK(object<CommittedReceipt>(unmoved).state.unread_count == expected);
}

std::vector<Message> send_many(World& world, ChannelId channel, UserId author, int count) {
    std::vector<Mutation> batch;
    for (int i = 0; i < count; ++i) batch.emplace_back(world.message(channel, author));
    std::vector<Message> messages;
    for (const auto& answer : world.commit(batch)) messages.push_back(object<Message>(must(answer)));
    return messages;
}

void unsend(World& world, const std::vector<Message>& messages, std::size_t from, std::size_t to) {
    std::vector<Mutation> batch;
    for (std::size_t i = from; i < to; ++i) batch.emplace_back(world.deleting(messages[i], std::nullopt));
    for (const auto& answer : world.commit(batch)) REQUIRE(answer.ok());
}

}  // namespace

STORAGE_TEST("unsent messages are not unread") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const ChannelId other = world.add_group(users);
    world.send(other, users[0]);
    const auto messages = send_many(world, group, users[0], 5);
    check_unread(world, group, users[1], 5);
    CHECK(total(world, users[1]) == 6);
    unsend(world, messages, 1, 3);
    check_unread(world, group, users[1], 3);
    CHECK(total(world, users[1]) == 4);
    // Below the read position, or at it, unsending changes nothing.
    world.run(world.reading(group, users[1], 2));
    check_unread(world, group, users[1], 2);
    unsend(world, messages, 0, 1);
    check_unread(world, group, users[1], 2);
    unsend(world, messages, 3, 5);
    check_unread(world, group, users[1], 0);
    CHECK(total(world, users[1]) == 1);
    // A read in the same batch as sends and unsends counts what came before it.
    const auto sent = world.message(group, users[0]);
    Message target;
    target.id = sent.id;
    target.channel_id = group;
    const auto answers = world.commit({sent, world.message(group, users[0]), world.deleting(target, users[0]),
                                       world.reading(group, users[1], 0)});
    CHECK(object<CommittedReceipt>(must(answers[3])).state.unread_count == 1);
    world.reopen();
    check_unread(world, group, users[1], 1);
}

STORAGE_TEST("messages of blocked users are not unread, unsent or not, while they are blocked") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const ChannelId group = world.add_group(users);
    const auto by_blocked = send_many(world, group, users[0], 4);
    const auto by_other = send_many(world, group, users[1], 3);
    world.run(world.blocking(users[2], users[0]));
    check_unread(world, group, users[2], 3);
    check_unread(world, group, users[3], 7);
    unsend(world, by_blocked, 0, 2);
    unsend(world, by_other, 0, 1);
    check_unread(world, group, users[2], 2);
    check_unread(world, group, users[3], 4);
    CHECK(total(world, users[2]) == 2);
    world.run(world.blocking(users[2], users[1]));
    check_unread(world, group, users[2], 0);
    CHECK(total(world, users[2]) == 0);
    world.run(world.unblocking(users[2], users[0]));
    check_unread(world, group, users[2], 2);
    world.reopen();
    check_unread(world, group, users[2], 2);
    CHECK(total(world, users[2]) == 2);
}

STORAGE_TEST("messages of an erased user are not unread from the moment of their deletion, whatever is left of them") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const ChannelId group = world.add_group(users);
    std::vector<Mutation> batch;
    for (int i = 0; i < 600; ++i) {
        auto send = world.message(group, users[0]);
        if (i % 100 == 0) send.mentions = {{users[1], "", ""}, {users[2], "", ""}};
        batch.emplace_back(std::move(send));
    }
    auto staying = world.message(group, users[3]);
    staying.mentions = {{users[1], "", ""}};
    batch.emplace_back(std::move(staying));
    std::vector<Message> messages;
    for (const auto& answer : world.commit(batch)) messages.push_back(object<Message>(must(answer)));
    world.run(world.blocking(users[2], users[3]));
    const auto check = [&](std::int64_t unread, std::int64_t mentions) {
        check_unread(world, group, users[1], unread);
        CHECK(total(world, users[1]) == unread);
        CHECK(world.mine(group, users[1]).mention_count == mentions);
        const Committed unmoved = world.run(world.reading(group, users[1], 0));
        CHECK(object<CommittedReceipt>(unmoved).state.mention_count == mentions);
    };
    check(601, 7);
    check_unread(world, group, users[2], 600);
    // Even in the batch that deletes it.
    const auto answers = world.commit(
        {mutation::DeleteUser{.workspace = world.workspace, .user = users[0], .erase = true, .at = world.tick()},
         world.reading(group, users[1], 0)});
    CHECK(object<CommittedReceipt>(must(answers[1])).state.unread_count == 1);
    CHECK(object<CommittedReceipt>(must(answers[1])).state.mention_count == 1);
    for (std::size_t unsent = 0; unsent <= 600; unsent += 200) {
        CAPTURE(unsent);
        if (unsent > 0) unsend(world, messages, unsent - 200, unsent);
        check(1, 1);
        check_unread(world, group, users[2], 0);
        CHECK(world.mine(group, users[2]).mention_count == 0);
        world.reopen();
    }
    world.run(world.role(group, users[1], Role::admin));
    world.run(world.removing(group, users[0]));
    while (world.run(mutation::FinishDeletion{world.workspace, users[0]}).changed) {
    }
    check(1, 1);
}

STORAGE_TEST("mentions by hidden authors do not hide another author's mention") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    std::vector<Mutation> batch;
    for (std::size_t i = 0; i < 999; ++i) {
        auto send = world.message(group, users[i < 998 ? 0 : 1]);
        send.mentions = {{users[2], "", ""}};
        batch.emplace_back(std::move(send));
    }
    for (const auto& answer : world.commit(batch)) REQUIRE(answer.ok());
    CHECK(world.mine(group, users[2]).mention_count == 100);
    world.run(world.blocking(users[2], users[0]));
    CHECK(world.mine(group, users[2]).mention_count == 1);
    check_unread(world, group, users[2], 1);
}

STORAGE_TEST("unread counts are exact up to 999, whatever lies in between") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const ChannelId group = world.add_group(users);
    const auto spam = send_many(world, group, users[0], 1500);
    check_unread(world, group, users[2], 1500);
    unsend(world, spam, 0, 600);
    check_unread(world, group, users[2], 900);
    unsend(world, spam, 600, 1500);
    check_unread(world, group, users[2], 0);
    send_many(world, group, users[1], 999);
    check_unread(world, group, users[2], 999);
    send_many(world, group, users[0], 1200);
    world.run(world.blocking(users[2], users[0]));
    check_unread(world, group, users[2], 999);
    CHECK(total(world, users[2]) == 999);
    CHECK(total(world, users[3]) == 2199);
}

STORAGE_TEST("channels with unread messages of a user are listed by latest activity") {
    World world(kind.make());
    const auto users = world.add_users(3);
    std::vector<ChannelId> groups;
    for (int i = 0; i < 5; ++i) groups.push_back(world.add_group(users));
    for (const ChannelId group : groups) world.send(group, users[0]);
    world.send(groups[1], users[1]);
    world.send(groups[2], users[1]);
    world.run(world.reading(groups[0], users[2]));
    using Channels = std::vector<ChannelId>;
    const auto unread_by = [&](std::optional<UserId> author, std::int64_t limit) {
        return world.read([&](Reader& r) { return must(r.channels().unread_by(world.workspace, users[2], author, limit)); });
    };
    const Channels by_first{groups[2], groups[1], groups[4], groups[3]};
    CHECK(unread_by(users[0], 10) == by_first);
    CHECK(unread_by(users[0], 2) == Channels{groups[2], groups[1]});
    CHECK(unread_by(users[1], 10) == Channels{groups[2], groups[1]});
    CHECK(unread_by(std::nullopt, 10) == by_first);
    CHECK(unread_by(users[2], 10).empty());
    // Blocked or not; and it may read or leave meanwhile.
    world.run(world.blocking(users[2], users[1]));
    world.run(world.reading(groups[2], users[2]));
    CHECK(unread_by(users[1], 10) == Channels{groups[1]});
    world.run(world.removing(groups[1], users[2]));
    CHECK(unread_by(users[1], 10).empty());
    CHECK(unread_by(id_of<UserId>(555'555), 10).empty());
}

STORAGE_TEST("one's own messages count as read, however they were sent") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    send_many(world, group, users[1], 3);
    check_unread(world, group, users[0], 3);
    world.send(group, users[0]);
    check_unread(world, group, users[0], 0);
    CHECK(world.channel(group).receipt_rev == 0);
    for (const Receipt& receipt : world.receipts(group)) {
        const bool author = receipt.user_id == users[0];
        CHECK(receipt.last_read_seq == (author ? 4 : 3));
        CHECK(receipt.last_delivered_seq == receipt.last_read_seq);
    }
}

}  // namespace cariosan::test
