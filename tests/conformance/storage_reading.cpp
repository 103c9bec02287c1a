// Lists, history and snapshots.
#include <algorithm>
#include <limits>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

std::vector<std::int64_t> seqs(World& world, ChannelId channel, const HistoryRange& range) {
    std::vector<std::int64_t> out;
    const auto page = world.read([&](Reader& r) { return must(r.messages().page(channel, range)); });
    for (const Message& message : page) out.push_back(message.seq);
    return out;
}

using Seqs = std::vector<std::int64_t>;

}  // namespace

STORAGE_TEST("history in both directions") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const ChannelId other = world.add_group(users);
    for (int i = 0; i < 7; ++i) {
        world.send(group, users[0]);
        world.send(other, users[0]);
    }
    CHECK(seqs(world, group, {.from = 1, .to = 7, .limit = 3}) == Seqs{7, 6, 5});
    CHECK(seqs(world, group, {.from = 1, .to = 4, .limit = 3}) == Seqs{4, 3, 2});
    CHECK(seqs(world, group, {.from = 3, .to = 4, .limit = 50}) == Seqs{4, 3});
    CHECK(seqs(world, group, {.from = 3, .to = 100, .limit = 3, .ascending = true}) == Seqs{3, 4, 5});
    CHECK(seqs(world, group, {.from = 8, .to = 100}).empty());
    CHECK(seqs(world, group, {.from = 5, .to = 4}).empty());
    CHECK(seqs(world, group, {.from = -10, .to = 1}) == Seqs{1});
    CHECK(seqs(world, id_of<ChannelId>(555555), {.from = 1, .to = 7}).empty());
    world.read([&](Reader& r) {
        const Message message = must(r.messages().page(other, {.from = 1, .to = 1})).at(0);
        CHECK_FALSE(must(r.messages().find(group, message.id)));
        CHECK(must_find(r.messages().find(other, message.id)).seq == 1);
        return 0;
    });
}

STORAGE_TEST("a page contains the mentions and quotes of each of its messages") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    std::vector<std::string> acknowledged;
    std::optional<MessageId> parent;
    for (int i = 0; i < 12; ++i) {
        mutation::SendMessage send = world.message(group, users[static_cast<std::size_t>(i) % 3], kOddText);
        if (i % 3 != 0) send.mentions.push_back({users[2], "", ""});
        if (i % 3 == 2) send.mentions.push_back({users[0], "", ""});
        if (i % 4 == 1) send.parent = parent;
        parent = send.id;
        acknowledged.push_back(show(object<Message>(world.run(send))));
    }
    const auto messages = world.messages(group);
    REQUIRE(messages.size() == 12);
    for (std::size_t i = 0; i < 12; ++i) CHECK(show(messages[i]) == acknowledged[i]);
    const auto changed = world.changes(group, users[0], {}).messages;
    REQUIRE(changed.size() == 12);
    for (std::size_t i = 0; i < 12; ++i) CHECK(show(changed[i]) == acknowledged[i]);
}

STORAGE_TEST("my channels are ordered by last activity") {
    World world(kind.make());
    const auto users = world.add_users(3);
    std::vector<ChannelId> channels;
    for (int i = 0; i < 6; ++i) channels.push_back(world.add_group({users[0], users[1]}));
    const ChannelId direct = world.add_direct(users[1], users[0]);
    world.add_group({users[2]});
    world.send(channels[2], users[0]);
    world.send(channels[0], users[1], kOddText);
    mutation::SendMessage mention = world.message(channels[4], users[1]);
    mention.mentions = {{users[0], "", ""}};
    world.run(mention);
    const std::vector<ChannelId> expected{channels[4], channels[0], channels[2], direct,
                                          channels[5], channels[3], channels[1]};
    for (const std::int64_t limit : {1, 2, 3, 7, 50}) {
        std::vector<ChannelId> listed;
        std::optional<ChannelReader::ActivityKey> after;
        for (int pages = 0; pages < 20; ++pages) {
            const auto page = world.read([&](Reader& r) {
                return must(r.channels().list_of(world.workspace, users[0], {.after = after, .limit = limit, .members = 5}));
            });
            CHECK(page.size() <= static_cast<std::size_t>(limit));
            if (page.empty()) break;
            for (const MyChannel& mine : page) {
                listed.push_back(mine.channel.id);
                CHECK(show(mine) == show(world.read([&](Reader& r) {
                          return must_find(
                              r.channels().find_of(world.workspace, users[0], mine.channel.id, 5));
                      })));
            }
            after = {page.back().last_activity, page.back().channel.id};
        }
        CHECK(listed == expected);
    }
    const MyChannel with_mention = world.mine(channels[4], users[0]);
    CHECK(with_mention.unread_count == 1);
    CHECK(with_mention.mention_count == 1);
    CHECK(with_mention.role == Role::admin);
    CHECK(with_mention.last_message->id == mention.id);
    CHECK(with_mention.last_activity == mention.at);
    const MyChannel pair = world.mine(direct, users[0]);
    CHECK_FALSE(pair.last_message);
    CHECK(pair.last_activity == pair.channel.created_at);
    REQUIRE(pair.members.size() == 1);
    CHECK(pair.members[0].user.id == users[1]);
    CHECK(world.read([&](Reader& r) {
        return must(r.channels().find_of(world.workspace, users[2], direct, 5)).has_value();
    }) == false);
}

STORAGE_TEST("channels active at the same time are ordered by id") {
    World world(kind.make());
    const auto users = world.add_users(1);
    std::vector<ChannelId> channels;
    for (int i = 0; i < 5; ++i) {
        mutation::CreateChannel create = world.group(users);
        create.at = {1000};
        world.run(create);
        channels.push_back(create.new_id);
    }
    std::ranges::reverse(channels);
    std::vector<ChannelId> listed;
    std::optional<ChannelReader::ActivityKey> after;
    for (int i = 0; i < 5; ++i) {
        const auto page = world.read(
            [&](Reader& r) { return must(r.channels().list_of(world.workspace, users[0], {.after = after, .limit = 1, .members = 0})); });
        REQUIRE(page.size() == 1);
        CHECK(page[0].members.empty());
        listed.push_back(page[0].channel.id);
        after = {page[0].last_activity, page[0].channel.id};
    }
    CHECK(listed == channels);
}

STORAGE_TEST("an item of my channels shows a few members") {
    World world(kind.make());
    const auto users = world.add_users(8);
    const ChannelId group = world.add_group(users);
    world.run(world.removing(group, users[1]));
    for (const std::int64_t limit : {0, 1, 3, 20}) {
        const auto mine = world.read([&](Reader& r) {
            return must_find(r.channels().find_of(world.workspace, users[0], group, limit));
        });
        CHECK(mine.members.size() == static_cast<std::size_t>(std::min<std::int64_t>(limit, 7)));
        for (const Member& member : mine.members) CHECK_FALSE(member.left);
    }
}

STORAGE_TEST("channels of a workspace are listed by id in pages") {
    World world(kind.make());
    const auto users = world.add_users(2);
    std::vector<ChannelId> channels;
    for (int i = 0; i < 5; ++i) channels.push_back(world.add_group(users));
    world.run(
        mutation::DeleteChannel{.workspace = world.workspace, .channel = channels[2], .at = world.tick()});
    channels.erase(channels.begin() + 2);
    std::vector<ChannelId> listed;
    std::optional<ChannelId> after;
    for (int pages = 0; pages < 10; ++pages) {
        const auto page =
            world.read([&](Reader& r) { return must(r.channels().list(world.workspace, after, 2)); });
        if (page.empty()) break;
        for (const Channel& one : page) listed.push_back(one.id);
        after = listed.back();
    }
    CHECK(listed == channels);
}

STORAGE_TEST("a reader that began before a commit does not see it") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    world.send(group, users[0], "seen");
    const auto early = world.open_reader();
    REQUIRE(early->begin().ok());
    // Nothing has been read yet: the snapshot is taken by `begin`.
    const auto late = world.open_reader();
    world.send(group, users[0], "unseen");
    world.run(world.removing(group, users[1]));
    REQUIRE(late->begin().ok());
    const auto rev = [&](Reader& r) { return must_find(r.channels().find(world.workspace, group)).rev; };
    const auto count = [&](Reader& r) {
        return must(r.messages().page(group, {.from = 1, .to = 100})).size();
    };
    CHECK(rev(*early) == 2);
    CHECK(count(*early) == 1);
    CHECK(must(early->members().find(group, users[1])).has_value());
    CHECK(rev(*late) == 4);
    CHECK(count(*late) == 2);
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = group, .at = world.tick()});
    while (must(world.storage().maintain())) {
    }
    CHECK(count(*early) == 1);
    CHECK(rev(*late) == 4);
    early->end();
    REQUIRE(early->begin().ok());
    CHECK_FALSE(must(early->channels().find(world.workspace, group)));
    early->end();
    late->end();
}

STORAGE_TEST("a reader may only be used between begin and end") {
    World world(kind.make());
    const auto reader = world.open_reader();
    CHECK(code_of(reader->workspaces().find(world.workspace)) == ErrorCode::misuse);
    REQUIRE(reader->begin().ok());
    CHECK(code_of(reader->begin()) == ErrorCode::misuse);
    CHECK(must(reader->workspaces().find(world.workspace)).has_value());
    reader->end();
    reader->end();
    CHECK(code_of(reader->workspaces().list(std::nullopt, 1)) == ErrorCode::misuse);
    REQUIRE(reader->begin().ok());
    CHECK(must(reader->workspaces().list(std::nullopt, 1)).size() == 1);
}

STORAGE_TEST("channels are listed by type and by member") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId pair = world.add_direct(users[0], users[1]);
    const ChannelId group = world.add_group({users[0], users[2]});
    const ChannelId left = world.add_group({users[0], users[1]});
    world.run(world.removing(left, users[1]));
    const auto listed = [&](const ChannelFilter& filter, std::optional<ChannelId> after = std::nullopt, std::int64_t limit = 10) {
        std::vector<ChannelId> ids;
        for (const Channel& channel :
             world.read([&](Reader& r) { return must(r.channels().list(world.workspace, after, limit, filter)); })) {
            ids.push_back(channel.id);
        }
        return ids;
    };
    using Ids = std::vector<ChannelId>;
    CHECK(listed({.type = ChannelType::direct}) == Ids{pair});
    CHECK(listed({.type = ChannelType::group}) == Ids{group, left});
    CHECK(listed({.type = ChannelType::group}, group, 1) == Ids{left});
    CHECK(listed({.member = users[0]}) == Ids{pair, group, left});
    CHECK(listed({.member = users[0]}, pair, 1) == Ids{group});
    CHECK(listed({.member = users[1]}) == Ids{pair});
    CHECK(listed({.member = users[0], .type = ChannelType::group}) == Ids{group, left});
    CHECK(listed({.member = users[2], .type = ChannelType::direct}).empty());
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = group, .at = world.tick()});
    CHECK(listed({.member = users[2]}).empty());
    CHECK(listed({.type = ChannelType::group}) == Ids{left});
}

}  // namespace cariosan::test
