// Two nodes with one storage: what happens on one is seen on the other, whatever the bus loses.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "unit/protocol/two_nodes.hpp"

namespace cariosan {
namespace {

using namespace test;

TEST_CASE("a message sent on one node reaches a session on the other as if it had been sent there") {
    TwoNodes nodes;
    TestClient alice(nodes.first, "alice");
    TestClient bob(nodes.second, "bob");
    alice.next("connection.ready");
    bob.next("connection.ready");
    send_to(nodes.first, "alice", "Halo");
    const auto at_bob = bob.next("message.created");
    const auto at_alice = alice.next("message.created");
    CHECK(text_at(at_bob, "data.message.content") == "Halo");
    CHECK(text_at(at_bob, "data.message.id") == text_at(at_alice, "data.message.id"));
    CHECK(number_at(at_bob, "data.rev") == number_at(at_alice, "data.rev"));
    send_to(nodes.second, "bob", "Hai");
    CHECK(text_at(alice.next("message.created"), "data.message.content") == "Hai");
    CHECK(text_at(bob.next("message.created"), "data.message.content") == "Hai");
    CHECK(nodes.second.engine().metrics().bus_received > 0);
    CHECK(nodes.second.engine().metrics().bus_unreadable == 0);
}

TEST_CASE("a user added on another node receives the channel's events from then on") {
    TwoNodes nodes;
    TestClient eve(nodes.second, "eve");
    eve.next("connection.ready");
    REQUIRE(nodes.first.engine().run(Caller::backend(nodes.first.workspace().id),
                                     AddMembers{.channel = "order_1", .external_ids = {"eve"}}));
    CHECK(text_at(eve.next("member.joined"), "data.members.0.user.external_id") == "eve");
    send_to(nodes.first, "alice", "Selamat datang");
    // The node may not have subscribed to the channel yet when this was sent: then it is read.
    for (;;) {
        const auto frame = eve.next();
        if (text_at(frame, "type") == "message.created" || !list_at(frame, "data.messages").empty()) break;
    }
}

TEST_CASE("typing on one node is shown on the other, and so is its end") {
    TwoNodes nodes;
    TestClient alice(nodes.first, "alice");
    TestClient bob(nodes.second, "bob");
    alice.next("connection.ready");
    bob.next("connection.ready");
    alice.send(R"({"type":"typing.start","data":{"channel":"order_1"}})");
    const auto is = [](std::string type) {
        return [type = std::move(type)](const boost::json::value& frame) { return text_at(frame, "type") == type; };
    };
    CHECK(text_at(nodes.next(bob, is("typing.start")), "data.user_id") == nodes.first.user_id("alice"));
    alice.send(R"({"type":"typing.stop","data":{"channel":"order_1"}})");
    nodes.next(bob, is("typing.stop"));
    // A node that dies sends nothing more: its typing users stop after six seconds.
    alice.send(R"({"type":"typing.start","data":{"channel":"order_1"}})");
    nodes.next(bob, is("typing.start"));
    nodes.first_bus->cut();
    nodes.next(bob, is("typing.stop"));
}

TEST_CASE("presence works across nodes, and a user on two is offline only when gone from both") {
    TwoNodes nodes;
    TestClient bob(nodes.second, "bob");
    bob.next("connection.ready");
    CHECK(nodes.status_of(nodes.second, "bob", "alice") == "offline");
    std::optional<TestClient> here(std::in_place, nodes.first, "alice");
    nodes.next(bob, nodes.presence_of("alice", "online"));
    CHECK(nodes.status_of(nodes.second, "bob", "alice") == "online");
    CHECK(nodes.status_of(nodes.first, "bob", "alice") == "online");

    std::optional<TestClient> there(std::in_place, nodes.second, "alice");
    there->next("connection.ready");
    here.reset();
    const auto is_offline = nodes.presence_of("alice", "offline");
    const std::size_t before = bob.sink().texts.size();
    // Long after the ten seconds of grace on the first node.
    const auto end = nodes.clock->elapsed() + std::chrono::seconds(25);
    nodes.run_until([&] {
        nodes.clock->advance(std::chrono::milliseconds(100));
        return nodes.clock->elapsed() > end;
    });
    CHECK(nodes.status_of(nodes.first, "bob", "alice") == "online");
    for (std::size_t i = before; i < bob.sink().texts.size(); ++i) {
        CHECK_FALSE(is_offline(boost::json::parse(bob.sink().texts[i])));
    }
    there.reset();
    nodes.next(bob, is_offline);
    CHECK(nodes.status_of(nodes.first, "bob", "alice") == "offline");
}

/// The messages that a client has seen, by `seq`, live or by reading.
struct Shown {
    void read(const std::string& text) {
        const auto frame = boost::json::parse(text);
        if (text_at(frame, "type") == "message.created") {
            ++live;
            CHECK(seqs.insert(number_at(frame, "data.message.seq")).second);
        } else if (text_at(frame, "type") == "channel.sync") {
            for (const auto& message : list_at(frame, "data.messages")) seqs.insert(number_at(message, "seq"));
        }
    }
    std::set<std::int64_t> seqs;
    int live = 0;
};

/// What the second node answers when alice sends.
std::string sent_on_second(TwoNodes& nodes, std::string content, std::string channel = "order_1") {
    const auto sent = nodes.second.engine().run(Caller::user(nodes.second.workspace().id, "alice"),
                                                SendMessage{.channel = std::move(channel), .content = std::move(content)});
    return sent ? sent->channel_id.to_string() : std::string(to_string(sent.error().code));
}

/// Whether the frame brings a message with this content, live or read.
bool brings(const boost::json::value& frame, const std::string& content) {
    if (text_at(frame, "type") == "message.created") return text_at(frame, "data.message.content") == content;
    if (text_at(frame, "type") != "channel.sync") return false;
    for (const auto& message : list_at(frame, "data.messages")) {
        if (text_at(message, "content") == content) return true;
    }
    return false;
}

TEST_CASE("what a node commits and never publishes is found in storage by the others") {
    TwoNodes nodes;
    TestClient bob(nodes.second, "bob");
    bob.next("connection.ready");
    const auto missed = [&] { return nodes.second.engine().metrics().channels_missed; };
    // What is published in time is not read again.
    send_to(nodes.first, "alice", "Terdengar");
    nodes.next(bob, [](const boost::json::value& frame) { return brings(frame, "Terdengar"); });
    const auto end = nodes.clock->elapsed() + std::chrono::seconds(4);
    nodes.run_until([&] { return nodes.clock->elapsed() > end; });
    CHECK(missed() == 0);
    bool too_many = false;
    SUBCASE("and listed") {}
    SUBCASE("and not listed, because too much moved") { too_many = true; }
    if (too_many) {
        const std::lock_guard lock(nodes.second.storage().writing);
        nodes.second.storage().most_listed = 0;
    }
    // As if the first node died between commit and publication.
    nodes.first_bus->cut();
    send_to(nodes.first, "alice", "Diam-diam");
    nodes.next(bob, [](const boost::json::value& frame) { return brings(frame, "Diam-diam"); });
    CHECK(missed() == (too_many ? 0 : 1));
}

TEST_CASE("settings whose change the bus lost reach the sessions of another node when it says so") {
    TwoNodes nodes;
    TestClient bob(nodes.second, "bob");
    bob.next("connection.ready");
    nodes.first_bus->cut();
    REQUIRE(nodes.first.backend("PATCH", "/v1/workspace", R"({"edit_window_seconds":77})").status == 200);
    nodes.second_bus->report_loss();
    const auto told = nodes.next(bob, [](const boost::json::value& frame) { return text_at(frame, "type") == "settings.updated"; });
    CHECK(number_at(told, "data.settings.edit_window_seconds") == 77);
}

TEST_CASE("receipts that the bus lost reach the sessions of another node when it says so") {
    TwoNodes nodes;
    TestClient alice(nodes.first, "alice");
    TestClient bob(nodes.second, "bob");
    alice.next("connection.ready");
    bob.next("connection.ready");
    send_to(nodes.first, "alice", "Halo");
    bob.next("message.created");
    nodes.second_bus->cut();
    REQUIRE(nodes.second.engine().run(Caller::user(nodes.second.workspace().id, "bob"), MarkRead{.channel = "order_1"}));
    nodes.second_bus->heal();
    nodes.first_bus->report_loss();
    const auto read = nodes.next(alice, [&](const boost::json::value& frame) {
        return text_at(frame, "type") == "receipt.read" && text_at(frame, "data.user_id") == nodes.first.user_id("bob");
    });
    CHECK(number_at(read, "data.seq") == 1);
}

TEST_CASE("a name that changed its meaning on another node is looked up again, whether or not the bus reports it") {
    bool received = false;
    SUBCASE("received") { received = true; }
    SUBCASE("lost") {}
    TwoNodes nodes;
    std::optional<TestClient> alice;
    if (received) {
        alice.emplace(nodes.second, "alice");
    } else {
        nodes.first_bus->cut();
    }
    const std::string before = nodes.first.channel_id("order_1");
    CHECK(sent_on_second(nodes, "Halo") == before);
    CHECK(sent_on_second(nodes, "Halo") == before);
    const auto backend = Caller::backend(nodes.first.workspace().id);
    Engine& first = nodes.first.engine();
    REQUIRE(first.run(backend, DeleteChannel{.channel = "order_1"}));
    CHECK(sent_on_second(nodes, "Siapa?") == "NOT_FOUND");
    nodes.first.make_group("order_1", {"alice", "bob"});
    const std::string after = nodes.first.channel_id("order_1");
    CHECK(after != before);
    CHECK(sent_on_second(nodes, "Lagi") == after);
    // Also an author that was deleted and created again.
    REQUIRE(first.run(backend, DeleteUser{.user = "alice"}));
    CHECK(sent_on_second(nodes, "Siapa?") == "UNAUTHORIZED");
    nodes.first.make_user("alice", "Alice");
    REQUIRE(first.run(backend, AddMembers{.channel = "order_1", .external_ids = {"alice"}}));
    CHECK(sent_on_second(nodes, "Kembali") == after);
}

TEST_CASE("a name used for a new channel on another node is found at the first send") {
    TwoNodes nodes;
    nodes.first_bus->cut();
    const std::string before = nodes.first.channel_id("order_1");
    CHECK(sent_on_second(nodes, "Halo") == before);
    REQUIRE(nodes.first.engine().run(Caller::backend(nodes.first.workspace().id), DeleteChannel{.channel = "order_1"}));
    nodes.first.make_group("order_1", {"alice", "bob"});
    CHECK(sent_on_second(nodes, "Lagi") == nodes.first.channel_id("order_1"));
}

TEST_CASE("a send that is planned again because its channel was cached is charged once") {
    TwoNodes nodes({}, 1, {.enabled = true});
    nodes.first_bus->cut();
    CHECK(sent_on_second(nodes, "Halo") == nodes.first.channel_id("order_1"));
    int stored = 1;
    REQUIRE(nodes.first.engine().run(Caller::backend(nodes.first.workspace().id), DeleteChannel{.channel = "order_1"}));
    nodes.first.make_group("order_1", {"alice", "bob"});
    while (stored < 200 && sent_on_second(nodes, "Lagi") == nodes.first.channel_id("order_1")) ++stored;
    CHECK(stored == 60);
    CHECK(sent_on_second(nodes, "Lagi") == "RATE_LIMITED");
}

TEST_CASE("moderation rules set on one node apply on the other once it receives them, and after a second at the latest") {
    bool received = false;
    SUBCASE("received") { received = true; }
    SUBCASE("lost") {}
    TwoNodes nodes;
    TestClient alice(nodes.second, "alice");
    alice.next("connection.ready");
    CHECK(sent_on_second(nodes, "kambing").size() == 36);
    if (!received) nodes.first_bus->cut();
    UpdateWorkspace rules;
    rules.moderation = ModerationPatch{};
    rules.moderation->enabled = true;
    rules.moderation->blocklist = std::vector<std::string>{"kambing"};
    rules.moderation->profanity.rule.action = ModerationAction::reject;
    const std::uint64_t messages = nodes.second.engine().metrics().bus_received;
    REQUIRE(nodes.first.engine().run(Caller::backend(nodes.first.workspace().id), rules));
    if (received) {
        nodes.run_until([&] { return nodes.second.engine().metrics().bus_received > messages; });
    } else {
        nodes.clock->advance(std::chrono::milliseconds(999));
        CHECK(sent_on_second(nodes, "kambing").size() == 36);
        nodes.clock->advance(std::chrono::milliseconds(1));
    }
    CHECK(sent_on_second(nodes, "kambing") == "MESSAGE_REJECTED");
}

TEST_CASE("two nodes that overtake each other on the bus cause no storage reads") {
    constexpr std::int64_t kMessages = 60;
    TwoNodes nodes({.held_back = 40});
    TestClient alice(nodes.first, "alice");
    TestClient bob(nodes.second, "bob");
    alice.next("connection.ready");
    bob.next("connection.ready");
    for (std::int64_t i = 0; i < kMessages; ++i) {
        GatewayWorld& node = i % 2 == 0 ? static_cast<GatewayWorld&>(nodes.first) : nodes.second;
        send_to(node, "alice", "pesan " + std::to_string(i));
    }
    nodes.first_bus->heal();
    nodes.second_bus->heal();
    CHECK(nodes.first_bus->reordered + nodes.second_bus->reordered > 0);
    for (TestClient* client : {&alice, &bob}) {
        for (std::int64_t i = 0; i < kMessages; ++i) {
            CHECK(text_at(client->next("message.created"), "data.message.content") == "pesan " + std::to_string(i));
        }
    }
    CHECK(nodes.first.engine().metrics().feed_gaps + nodes.second.engine().metrics().feed_gaps == 0);
    CHECK(nodes.first.engine().metrics().events_early + nodes.second.engine().metrics().events_early > 0);
}

TEST_CASE("losses, repeats and reordering on the bus: every session sees every message, and none twice") {
    constexpr std::int64_t kMessages = 120;
    int live = 0;
    for (unsigned seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        TwoNodes nodes({.lost = 15, .repeated = 15, .held_back = 15}, seed);
        TestClient alice(nodes.first, "alice");
        TestClient bob(nodes.second, "bob");
        alice.next("connection.ready");
        bob.next("connection.ready");
        std::mt19937 random(seed);
        for (std::int64_t i = 1; i < kMessages; ++i) {
            GatewayWorld& node = random() % 2 == 0 ? static_cast<GatewayWorld&>(nodes.first) : nodes.second;
            send_to(node, random() % 2 == 0 ? "alice" : "bob", "pesan " + std::to_string(i));
        }
        CHECK(nodes.first_bus->lost + nodes.second_bus->lost > 0);
        CHECK(nodes.first_bus->repeated + nodes.second_bus->repeated > 0);
        CHECK(nodes.first_bus->reordered + nodes.second_bus->reordered > 0);
        nodes.first_bus->heal();
        nodes.second_bus->heal();
        // What follows reveals the gap.
        send_to(nodes.first, "alice", "terakhir");
        send_to(nodes.second, "bob", "sungguh terakhir");
        std::map<TestClient*, Shown> shown;
        std::map<TestClient*, std::size_t> read;
        nodes.run_until([&] {
            bool complete = true;
            for (TestClient* client : {&alice, &bob}) {
                for (std::size_t& i = read[client]; i < client->sink().texts.size(); ++i) {
                    shown[client].read(client->sink().texts[i]);
                }
                complete = complete && std::ssize(shown[client].seqs) == kMessages + 1;
            }
            return complete;
        });
        for (auto& [client, each] : shown) live += each.live;
    }
    CHECK(live > 0);
}

}  // namespace
}  // namespace cariosan
