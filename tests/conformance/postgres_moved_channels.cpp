// How a node finds the channels that others have changed, whatever was published about them.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "conformance/postgres_kind.hpp"
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

MovedChannels moved_since(World& world, std::uint64_t mark, std::size_t limit = 100) {
    return world.read([&](Reader& reader) { return must(reader.moved_channels(mark, limit)); });
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

    const MovedChannels begun = moved_since(world, 0);
    CHECK(begun.mark != 0);
    CHECK(begun.channels.empty());
    const std::int64_t rev = world.send(busy, users[0]).rev;
    const MovedChannels moved = moved_since(world, begun.mark);
    CHECK_FALSE(names(moved, quiet));
    REQUIRE(names(moved, busy));
    CHECK(moved.channels.back().rev == rev);
    CHECK_FALSE(names(moved_since(world, moved.mark), busy));
}

TEST_CASE("postgres: a mark waits for transactions that are still running") {
    if (!Postgres::available()) return;
    auto kind = std::make_unique<Postgres>();
    SqlSession other(kind->database().connection());
    World world(std::move(kind));
    const auto users = world.add_users(2);
    const ChannelId slow = world.add_group(users);
    const ChannelId busy = world.add_group(users);
    const MovedChannels begun = moved_since(world, 0);

    other.run("BEGIN");
    other.run("UPDATE channels SET rev = rev + 1, xid = pg_current_xact_id() WHERE uuid = '" + slow.uuid.to_string() + "'");
    world.send(busy, users[0]);
    const MovedChannels meanwhile = moved_since(world, begun.mark);
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
    std::uint64_t mark = moved_since(world, 0).mark;
    for (const ChannelId channel : channels) world.send(channel, users[0]);
    std::vector<ChannelId> found;
    for (int i = 0; i < 10; ++i) {
        const MovedChannels moved = moved_since(world, mark, 2);
        for (const auto& each : moved.channels) found.push_back(each.channel);
        mark = moved.mark;
    }
    for (const ChannelId channel : channels) CHECK(std::ranges::count(found, channel) >= 1);
}

}  // namespace cariosan::test
