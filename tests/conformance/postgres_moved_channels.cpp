// How a node finds the channels that others have changed, whatever was published about them.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "conformance/postgres_kind.hpp"
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

MovedChannels moved_since(World& world, const std::string& mark, std::size_t limit = 100) {
    return world.read([&](Reader& reader) { return must(reader.moved_channels(mark, limit)); });
}

std::string mark_now(World& world) { return moved_since(world, "").mark; }

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

    CHECK_FALSE(mark_now(world).empty());
    CHECK(moved_since(world, "").channels.empty());
    const std::string begun = mark_now(world);
    CHECK(moved_since(world, begun).channels.empty());
    const std::int64_t rev = world.send(busy, users[0]).rev;
    const MovedChannels moved = moved_since(world, begun);
    CHECK_FALSE(names(moved, quiet));
    REQUIRE(names(moved, busy));
    CHECK(moved.channels.back().rev == rev);
    CHECK(moved_since(world, moved.mark).channels.empty());
}

TEST_CASE("postgres: what a transaction moved is found when it has ended, and nothing twice meanwhile") {
    if (!Postgres::available()) return;
    auto kind = std::make_unique<Postgres>();
    SqlSession other(kind->database().connection());
    World world(std::move(kind));
    const auto users = world.add_users(2);
    const ChannelId slow = world.add_group(users);
    const ChannelId busy = world.add_group(users);
    const std::string begun = mark_now(world);

    other.run("BEGIN");
    other.run("UPDATE channels SET rev = rev + 1 WHERE uuid = '" + slow.uuid.to_string() + "'");
    other.run("INSERT INTO moves (channels) SELECT ARRAY[id] FROM channels WHERE uuid = '" + slow.uuid.to_string() + "'");
    world.send(busy, users[0]);
    const MovedChannels meanwhile = moved_since(world, begun);
    CHECK(names(meanwhile, busy));
    CHECK_FALSE(names(meanwhile, slow));
    const MovedChannels again = moved_since(world, meanwhile.mark);
    CHECK(again.channels.empty());
    other.run("COMMIT");
    CHECK(names(moved_since(world, meanwhile.mark), slow));
    const MovedChannels last = moved_since(world, again.mark);
    REQUIRE(last.channels.size() == 1);
    CHECK(names(last, slow));
    CHECK(moved_since(world, last.mark).channels.empty());
}

TEST_CASE("postgres: a channel whose rows are gone is found, too") {
    if (!Postgres::available()) return;
    World world(std::make_unique<Postgres>());
    const auto users = world.add_users(2);
    const ChannelId channel = world.add_group(users);
    world.send(channel, users[0]);
    const std::string begun = mark_now(world);

    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = channel, .at = world.tick()});
    const std::string deleted = mark_now(world);
    while (must(world.storage().maintain())) {
    }
    for (const std::string& mark : {begun, deleted}) {
        const MovedChannels moved = moved_since(world, mark);
        REQUIRE(moved.channels.size() == 1);
        CHECK(names(moved, channel));
        CHECK(moved.channels.back().rev == std::numeric_limits<std::int64_t>::max());
        CHECK(moved_since(world, moved.mark).channels.empty());
    }
}

TEST_CASE("postgres: more moved channels than are asked for are not listed") {
    if (!Postgres::available()) return;
    World world(std::make_unique<Postgres>());
    const auto users = world.add_users(2);
    const std::vector<ChannelId> channels{world.add_group(users), world.add_group(users)};
    const std::string begun = mark_now(world);
    for (const ChannelId channel : channels) world.send(channel, users[0]);
    const MovedChannels listed = moved_since(world, begun, 2);
    CHECK_FALSE(listed.all);
    CHECK(listed.channels.size() == 2);
    const MovedChannels too_many = moved_since(world, begun, 1);
    CHECK(too_many.all);
    CHECK(too_many.channels.empty());
    const MovedChannels later = moved_since(world, too_many.mark, 1);
    CHECK_FALSE(later.all);
    CHECK(later.channels.empty());
}

}  // namespace cariosan::test
