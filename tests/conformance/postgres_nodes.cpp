// Several nodes on one database.
#include <cariosan/adapters/postgres.hpp>
#include <chrono>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

/// A world, and two nodes beside it that take the time from the database.
struct Nodes {
    std::unique_ptr<Postgres> owned = std::make_unique<Postgres>();
    std::string connection = owned->database().connection();
    World world{std::move(owned)};
    std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
    std::unique_ptr<Storage> one = open();
    std::unique_ptr<Storage> other = open();

    std::unique_ptr<Storage> open() const { return must(open_postgres({.connection = connection, .clock = clock})); }

    static std::size_t lease(Storage& node, std::uint8_t owner, Timestamp now, std::int64_t milliseconds) {
        mutation::LeaseWebhooks lease{.owner = {}, .now = now, .until = {now.milliseconds + milliseconds}, .limit = 10};
        lease.owner.bytes[0] = owner;
        const Mutation mutation = lease;
        const auto answers = node.commit(std::span(&mutation, 1));
        return object<LeasedWebhooks>(must(answers.front())).webhooks.size();
    }
};

}  // namespace

TEST_CASE("nodes whose clocks differ do not take what another one holds") {
    if (!Postgres::available()) return;
    Nodes nodes;
    const auto users = nodes.world.add_users(2);
    nodes.world.run(nodes.world.webhook({WebhookEvent::message_created}));
    const ChannelId group = nodes.world.add_group(users);
    nodes.world.send(group, users[0]);
    const Timestamp now = nodes.clock->now();
    const Timestamp ahead{now.milliseconds + 3'600'000};
    const Timestamp behind{now.milliseconds - 3'600'000};
    CHECK(Nodes::lease(*nodes.one, 1, behind, 60'000) == 1);
    CHECK(Nodes::lease(*nodes.other, 2, ahead, 60'000) == 0);
    CHECK(Nodes::lease(*nodes.other, 2, behind, 60'000) == 0);
    // Its owner may extend it, and give it back by letting it end at once.
    CHECK(Nodes::lease(*nodes.one, 1, ahead, -1) == 1);
    CHECK(Nodes::lease(*nodes.other, 2, behind, 60'000) == 1);
    CHECK(Nodes::lease(*nodes.one, 1, ahead, 60'000) == 0);
}

TEST_CASE("reading that has ended keeps no transaction open, though nobody waits for its end") {
    if (!Postgres::available()) return;
    Nodes nodes;
    const auto reader = must(nodes.one->open_reader());
    must(reader->begin());
    must(reader->workspaces().find(nodes.world.workspace));
    const std::string sessions = "FROM pg_stat_activity WHERE datname = current_database() AND ";
    const std::string pid = run_sql(nodes.connection, "SELECT pid " + sessions + "state = 'idle in transaction'");
    REQUIRE(pid != "");
    reader->end();
    // The server would end the whole session if it stayed in the transaction.
    const auto state = [&] { return run_sql(nodes.connection, "SELECT state " + sessions + "pid = " + pid); };
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    std::string now = state();
    while (now != "idle" && now != "" && std::chrono::steady_clock::now() < deadline) now = state();
    CHECK(now == "idle");
    // The next snapshot is a new one.
    const ChannelId group = nodes.world.add_group(nodes.world.add_users(1));
    must(reader->begin());
    CHECK(must(reader->channels().find(nodes.world.workspace, group)).has_value());
    reader->end();
}

TEST_CASE("a new epoch reaches the other nodes") {
    if (!Postgres::available()) return;
    Nodes nodes;
    CHECK(nodes.one->epoch() == nodes.other->epoch());
    const std::string fresh = must(nodes.one->rotate_epoch());
    nodes.clock->advance(std::chrono::seconds(2));
    must(nodes.other->maintain());
    CHECK(nodes.other->epoch() == fresh);
}

TEST_CASE("a promoted or restored server begins a new epoch once") {
    if (!Postgres::available()) return;
    Nodes nodes;
    const std::string before = nodes.one->epoch();
    // As if the epoch had been made on the timeline before this one.
    run_sql(nodes.connection, "UPDATE meta SET history = left(history, -1) || '0'");
    nodes.clock->advance(std::chrono::seconds(2));
    must(nodes.one->maintain());
    const std::string after = nodes.one->epoch();
    CHECK(after != before);
    must(nodes.other->maintain());
    CHECK(nodes.other->epoch() == after);
    CHECK(nodes.open()->epoch() == after);
}

TEST_CASE("one node keeps house and what another deleted goes too") {
    if (!Postgres::available()) return;
    Nodes nodes;
    const auto users = nodes.world.add_users(1);
    const ChannelId gone = nodes.world.add_group(users);
    nodes.world.run(mutation::DeleteChannel{.workspace = nodes.world.workspace, .channel = gone, .at = nodes.world.tick()});
    const auto left = [&] { return run_sql(nodes.connection, "SELECT count(*) FROM channels"); };
    {
        const SqlSession busy(nodes.connection);
        busy.run("BEGIN; SELECT pg_advisory_xact_lock(1128354377, 2)");
        CHECK_FALSE(must(nodes.one->maintain()));
        CHECK(left() == "1");
        // The server may be slow to notice that a connection has ended.
        busy.run("ROLLBACK");
    }
    nodes.clock->advance(std::chrono::seconds(2));
    while (must(nodes.one->maintain())) {
    }
    CHECK(left() == "0");
}

TEST_CASE("which channels moved is kept for an hour") {
    if (!Postgres::available()) return;
    Nodes nodes;
    run_sql(nodes.connection, "INSERT INTO moves (at, channels) VALUES (now() - interval '61 minutes', '{1}'),"
                              " (now() - interval '59 minutes', '{1}')");
    while (must(nodes.one->maintain())) {
    }
    CHECK(run_sql(nodes.connection, "SELECT count(*) FROM moves WHERE at < now() - interval '1 minute'") == "1");
}

}  // namespace cariosan::test
