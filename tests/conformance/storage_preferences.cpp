// How members keep their channels: muted, archived, pinned, marked unread.
#include <algorithm>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

/// A group of two, with one message by the first, and short ways to what the second makes of it.
struct Keeper {
    explicit Keeper(std::unique_ptr<StorageKind> kind) : world(std::move(kind)) {
        users = world.add_users(2);
        group = world.add_group(users);
        world.send(group, users[0]);
    }

    mutation::SetPreferences wish(ChannelId channel) const {
        return {.workspace = world.workspace, .channel = channel, .user = users[1]};
    }
    Preferences kept() { return world.mine(group, users[1]).preferences; }
    PreferencesRead since(std::int64_t since, std::int64_t limit = 10) {
        return world.read(
            [&](Reader& r) { return must(r.channels().preferences_of(world.workspace, users[1], since, limit)); });
    }
    /// The channels in the list of those that are archived, or of the others.
    std::vector<ChannelId> listed(bool archived) {
        const auto list = world.read([&](Reader& r) {
            return must(r.channels().list_of(world.workspace, users[1], {.limit = 10, .archived = archived}));
        });
        std::vector<ChannelId> channels;
        for (const MyChannel& each : list) channels.push_back(each.channel.id);
        // Whoever reads all positions is told the same of each.
        const auto positions = world.read([&](Reader& r) { return must(r.channels().positions_of(world.workspace, users[1])); });
        for (const ChannelPosition& each : positions) {
            CHECK((each.archived == archived) == (std::ranges::count(channels, each.channel) == 1));
        }
        return channels;
    }

    World world;
    std::vector<UserId> users;
    ChannelId group;
};

using ChannelIds = std::vector<ChannelId>;

}  // namespace

STORAGE_TEST("preferences change no revision of the channel, and are the member's own") {
    Keeper scene(kind.make());
    auto all = scene.wish(scene.group);
    all.muted = all.archived = all.pinned = all.marked_unread = true;
    const Committed done = scene.world.run(all);
    const Preferences expected{.muted = true, .archived = true, .pinned = true, .marked_unread = true, .preferences_rev = 1};
    CHECK(done.changed);
    CHECK(done.rev == 2);
    CHECK(object<Preferences>(done) == expected);
    CHECK(scene.kept() == expected);
    CHECK(scene.world.channel(scene.group).rev == 2);
    CHECK(scene.world.mine(scene.group, scene.users[0]).preferences == Preferences{});
    CHECK_FALSE(scene.world.run(all).changed);
    CHECK_FALSE(scene.world.run(scene.wish(scene.group)).changed);
    CHECK(scene.kept() == expected);
    auto one = scene.wish(scene.group);
    one.pinned = false;
    CHECK(object<Preferences>(scene.world.run(one)).preferences_rev == 2);
    CHECK(scene.kept() == Preferences{.muted = true, .archived = true, .marked_unread = true, .preferences_rev = 2});
    one.user = id_of<UserId>(555555);
    CHECK(code_of(scene.world.attempt(one)) == ErrorCode::not_a_member);
}

STORAGE_TEST("a channel is archived until a message arrives, whoever sends it") {
    Keeper scene(kind.make());
    const ChannelId other = scene.world.add_group(scene.users);
    auto archive = scene.wish(scene.group);
    archive.archived = true;
    for (const UserId& author : scene.users) {
        CHECK(scene.listed(true).empty());
        scene.world.run(archive);
        CHECK(scene.kept().archived);
        CHECK(scene.listed(true) == ChannelIds{scene.group});
        CHECK(scene.listed(false) == ChannelIds{other});
        scene.world.run(scene.world.reading(scene.group, scene.users[1]));
        CHECK(scene.kept().archived);
        scene.world.send(scene.group, author);
        CHECK_FALSE(scene.kept().archived);
        CHECK(scene.listed(false).size() == 2);
    }
}

STORAGE_TEST("a muted channel stays archived, and unmuting leaves it archived until the next message") {
    Keeper scene(kind.make());
    auto wish = scene.wish(scene.group);
    wish.muted = wish.archived = true;
    scene.world.run(wish);
    scene.world.send(scene.group, scene.users[0]);
    CHECK(scene.kept().archived);
    CHECK(scene.listed(true) == ChannelIds{scene.group});
    auto unmute = scene.wish(scene.group);
    unmute.muted = false;
    scene.world.run(unmute);
    CHECK(scene.kept() == Preferences{.archived = true, .preferences_rev = 2});
    scene.world.send(scene.group, scene.users[0]);
    CHECK_FALSE(scene.kept().archived);
    // What a message has ended does not come back.
    auto mute = scene.wish(scene.group);
    mute.muted = true;
    CHECK(object<Preferences>(scene.world.run(mute)) == Preferences{.muted = true, .preferences_rev = 3});
    CHECK(scene.listed(true).empty());
}

STORAGE_TEST("a mark as unread ends when its user reads or sends, and reading counts as a change of preferences") {
    Keeper scene(kind.make());
    World& world = scene.world;
    world.run(world.reading(scene.group, scene.users[1]));
    auto mark = scene.wish(scene.group);
    mark.marked_unread = true;
    world.run(mark);
    world.send(scene.group, scene.users[0]);
    auto delivered = world.reading(scene.group, scene.users[1]);
    delivered.kind = ReceiptKind::delivered;
    CHECK_FALSE(object<CommittedReceipt>(world.run(delivered)).preferences);
    CHECK(scene.kept().marked_unread);
    SUBCASE("reading onwards") {
        const auto read = object<CommittedReceipt>(world.run(world.reading(scene.group, scene.users[1])));
        CHECK(read.read_moved);
        CHECK(read.preferences == Preferences{.preferences_rev = 2});
    }
    SUBCASE("reading what was read before") {
        const std::int64_t receipts = world.channel(scene.group).receipt_rev;
        const Committed done = world.run(world.reading(scene.group, scene.users[1], 1));
        CHECK(done.changed);
        CHECK_FALSE(object<CommittedReceipt>(done).read_moved);
        CHECK(object<CommittedReceipt>(done).preferences == Preferences{.preferences_rev = 2});
        CHECK(world.channel(scene.group).receipt_rev == receipts);
        CHECK_FALSE(world.run(world.reading(scene.group, scene.users[1], 1)).changed);
    }
    if (scene.kept().marked_unread) {  // a send changes no preferences: it moves the read position
        world.send(scene.group, scene.users[1]);
        CHECK(scene.kept().preferences_rev == 1);
        CHECK_FALSE(world.run(world.reading(scene.group, scene.users[1])).changed);
    }
    CHECK_FALSE(scene.kept().marked_unread);
    world.send(scene.group, scene.users[1]);
    CHECK_FALSE(scene.kept().marked_unread);
    // Again, at the present position.
    world.run(mark);
    CHECK(scene.kept().marked_unread);
}

STORAGE_TEST("changes of preferences are numbered per user, over all channels and in one batch") {
    Keeper scene(kind.make());
    World& world = scene.world;
    const ChannelId second = world.add_group(scene.users);
    const ChannelId third = world.add_direct(scene.users[0], scene.users[1]);
    std::vector<Mutation> batch;
    for (const ChannelId& channel : {third, scene.group, second}) {
        auto pin = scene.wish(channel);
        pin.pinned = true;
        batch.emplace_back(pin);
    }
    auto others = scene.wish(third);
    others.user = scene.users[0];
    others.muted = true;
    batch.emplace_back(others);
    const auto answers = world.commit(batch);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(object<Preferences>(must(answers[i])).preferences_rev == static_cast<std::int64_t>(i) + 1);
    }
    CHECK(object<Preferences>(must(answers[3])).preferences_rev == 1);
    auto again = scene.wish(third);
    again.marked_unread = true;
    world.run(again);
    world.reopen();

    const PreferencesRead all = scene.since(0);
    CHECK(all.preferences_rev == 4);
    REQUIRE(all.channels.size() == 3);
    CHECK(all.channels[0].channel_id == scene.group);
    CHECK(all.channels[1].channel_id == second);
    CHECK(all.channels[2].channel_id == third);
    CHECK(all.channels[2].preferences == Preferences{.pinned = true, .marked_unread = true, .preferences_rev = 4});
    REQUIRE(scene.since(2, 1).channels.size() == 1);
    CHECK(scene.since(2, 1).channels[0].channel_id == second);
    CHECK(scene.since(3).channels.size() == 1);
    CHECK(scene.since(4).channels.empty());
    CHECK(scene.since(0, 0).preferences_rev == 4);
    const auto in_other = world.read([&](Reader& r) {
        return must(r.channels().preferences_of(id_of<WorkspaceId>(555555), scene.users[1], 0, 10));
    });
    CHECK(in_other.channels.empty());
    CHECK(in_other.preferences_rev == 0);
}

STORAGE_TEST("who leaves a channel keeps no preferences of it, and a deleted channel has none") {
    Keeper scene(kind.make());
    World& world = scene.world;
    const ChannelId gone = world.add_group(scene.users);
    for (const ChannelId& channel : {scene.group, gone}) {
        auto wish = scene.wish(channel);
        wish.muted = wish.archived = wish.pinned = wish.marked_unread = true;
        world.run(wish);
    }
    world.run(world.removing(scene.group, scene.users[1]));
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = gone, .at = world.tick()});
    CHECK(scene.since(0).channels.empty());
    CHECK(scene.since(0).preferences_rev == 2);
    CHECK(scene.listed(true).empty());
    world.run(world.adding(scene.group, {scene.users[1]}));
    // Who missed both must learn that its copy is out of date.
    CHECK(scene.kept() == Preferences{.preferences_rev = 3});
    CHECK(scene.since(2).channels.size() == 1);
    CHECK(scene.since(0).preferences_rev == 3);
    const ChannelId never = world.add_group({scene.users[0]});
    world.run(world.adding(never, {scene.users[1]}));
    CHECK(scene.since(0).preferences_rev == 3);
}

}  // namespace cariosan::test
