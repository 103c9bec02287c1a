// How a node finds the channels that others have changed, whatever was published about them.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "conformance/postgres_kind.hpp"
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

MovedChannels moved_since(World& world, std::uint64_t mark, std::size_t limit = 100) {
    return world.read([&](Reader& reader) { return must(reader.moved_channels(mark, limit)); });
}

/// A mark after which nothing has moved. One waits for the transactions of all databases of the server, so those of tests that run
/// meanwhile count too.
std::uint64_t settled_mark(World& world) {
    MovedChannels moved = moved_since(world, 0);
    do {
        moved = moved_since(world, moved.mark);
    } while (!moved.channels.empty());
    return moved.mark;
}

bool names(const MovedChannels& moved, ChannelId channel) {
    return std::ranges::any_of(moved.channels, [&](const MovedChannels::Each& each) { return each.channel == channel; });
}

}  // namespace

TEST_CASE("postgres: what moved since a mark is found, with its revision") {
    if (!Postgres::available()) return;
    World world(std::make_unique<Postgres>());
    const auto users = world.add_users(2);
    const ChannelId quiet = world.add_group(users);
    const ChannelId busy = world.add_group(users);

    CHECK(moved_since(world, 0).mark != 0);
    CHECK(moved_since(world, 0).channels.empty());
    const std::uint64_t begun = settled_mark(world);
    const std::int64_t rev = world.send(busy, users[0]).rev;
    const MovedChannels moved = moved_since(world, begun);
    CHECK_FALSE(names(moved, quiet));
    REQUIRE(names(moved, busy));
    CHECK(moved.channels.back().rev == rev);
    CHECK_FALSE(names(moved_since(world, settled_mark(world)), busy));
}

TEST_CASE("postgres: a mark waits for transactions that are still running") {
    if (!Postgres::available()) return;
    auto kind = std::make_unique<Postgres>();
    SqlSession other(kind->database().connection());
    World world(std::move(kind));
    const auto users = world.add_users(2);
    const ChannelId slow = world.add_group(users);
    const ChannelId busy = world.add_group(users);
    const std::uint64_t begun = settled_mark(world);

    other.run("BEGIN");
    other.run("UPDATE channels SET rev = rev + 1 WHERE uuid = '" + slow.uuid.to_string() + "'");
    other.run("INSERT INTO moves (channels) SELECT ARRAY[id] FROM channels WHERE uuid = '" + slow.uuid.to_string() + "'");
    world.send(busy, users[0]);
    const MovedChannels meanwhile = moved_since(world, begun);
    CHECK(names(meanwhile, busy));
    CHECK_FALSE(names(meanwhile, slow));
    other.run("COMMIT");
    CHECK(names(moved_since(world, meanwhile.mark), slow));
}

TEST_CASE("postgres: more moved channels than are asked for come in several answers") {
    if (!Postgres::available()) return;
    World world(std::make_unique<Postgres>());
    const auto users = world.add_users(2);
    std::vector<ChannelId> channels;
    for (int i = 0; i < 5; ++i) channels.push_back(world.add_group(users));
    std::uint64_t mark = settled_mark(world);
    for (const ChannelId channel : channels) world.send(channel, users[0]);
    std::set<ChannelId> found;
    while (true) {
        const MovedChannels moved = moved_since(world, mark, 2);
        CHECK(moved.channels.size() <= 2);
        for (const auto& each : moved.channels) found.insert(each.channel);
        mark = moved.mark;
        if (moved.channels.empty()) break;
    }
    CHECK(found == std::set<ChannelId>(channels.begin(), channels.end()));
}

}  // namespace cariosan::test
