// The pace of a sync: its backlog, its rates, and what it leaves to others.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "unit/protocol/sync_shop.hpp"

namespace cariosan {
namespace {

using test::SyncShop;
using test::TestClient;

constexpr std::size_t kSmallBacklog = 256 * 1024;
/// A page ends at 128 KiB; the frame around it adds little.
constexpr std::size_t kLargestPage = 130 * 1024;

/// Bob has missed more than a page of each of twelve groups.
struct LongTalk : SyncShop {
    LongTalk() {
        for (int i = 0; i < 12; ++i) {
            const std::string name = "talk" + std::to_string(i);
            make_group(name, {"alice", "bob"});
            held.push_back({name, 1, 0});
            for (int j = 0; j < 3; ++j) send(name, std::string(7999, '\x01') + "x");  // 47 KiB as JSON
        }
    }
    std::vector<Held> held;
};

TEST_CASE_FIXTURE(LongTalk, "a client that reads slowly is never closed because of what it synchronises") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.sink().stop_reading();
    bob.send(sync_frame(held, true));
    std::size_t most = 0;
    while (bob.sink().texts.back().find("sync.done") == std::string::npos) {
        run_until([&] {
            return engine().metrics().queued_commands == 0 &&
                   (bob.sink().backlog() >= kSmallBacklog || bob.sink().texts.back().find("sync.done") != std::string::npos);
        });
        for (int i = 0; i < 10; ++i) lane().run();
        most = std::max(most, bob.sink().backlog());
        REQUIRE(bob.sink().close_code == 0);
        bob.sink().set_backlog(0);
        bob.session().writable();
    }
    CHECK(most >= kSmallBacklog);
    CHECK(most <= kSmallBacklog + kLargestPage);
    std::size_t messages = 0;
    for (const std::string& text : bob.sink().texts) {
        CHECK(text.size() <= kLargestPage);
        for (std::size_t at = text.find("\"content\""); at != text.npos; at = text.find("\"content\"", at + 1)) ++messages;
    }
    CHECK(messages == 36);
}

/// With the rates of the protocol and a clock that stands still.
struct RatedShop : SyncShop {
    RatedShop() : SyncShop(rated()) {}

    static Options rated() {
        Options options{.gateway = {}, .limits = {}, .rates = {}};
        options.rates.backend_requests_per_second = 0;  // the test itself looks things up
        return options;
    }

    std::size_t count(TestClient& client, std::string_view type) {
        const std::string wanted = "{\"type\":\"" + std::string(type) + "\"";
        return static_cast<std::size_t>(std::ranges::count_if(
            client.sink().texts, [&](const std::string& text) { return text.starts_with(wanted); }));
    }
};

TEST_CASE_FIXTURE(RatedShop, "a client that synchronises in a loop waits, is never refused and may still read") {
    for (const char* channel : {"a", "b", "c"}) send(channel);
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    constexpr std::size_t kSyncs = 30;
    for (std::size_t i = 0; i < kSyncs; ++i) bob.send(sync_frame({{"a", 1}, {"b", 1}, {"c", 1}}, false));
    // Half of the bucket at once, then twenty a second: three pages and the end of a sync are four.
    const auto pages = [&] { return count(bob, "channel.sync"); };
    run_until([&] { return pages() >= 12; });
    CHECK(user("bob", "GET", "/v1/me").status == 200);
    std::size_t seconds = 0;
    while (count(bob, "sync.done") < kSyncs) {
        CHECK(pages() <= 24 + 20 * seconds);
        const std::size_t wanted = std::min(3 * kSyncs, pages() + 9);
        clock().advance(std::chrono::seconds(1));
        ++seconds;
        lane().tick();
        run_until([&] { return pages() >= wanted; });
        if (pages() == 3 * kSyncs) run_until([&] { return count(bob, "sync.done") == kSyncs; });
    }
    CHECK(count(bob, "channel.sync") == 3 * kSyncs);
    CHECK(seconds >= 4);
    CHECK(count(bob, "error") == 0);
}

TEST_CASE_FIXTURE(RatedShop, "many connections of one user that synchronise at once leave them half of their reads") {
    std::vector<Held> held;
    for (int i = 0; i < 20; ++i) {
        const std::string name = "group" + std::to_string(i);
        make_group(name, {"alice", "bob"});
        send(name);
        held.push_back({name, 1, 0});
    }
    const std::string frame = sync_frame(held, false);
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 4; ++i) clients.push_back(std::make_unique<TestClient>(*this, "bob"));
    for (const auto& client : clients) client->send(frame);
    const auto pages = [&] {
        std::size_t total = 0;
        for (const auto& client : clients) total += count(*client, "channel.sync");
        return total;
    };
    run_until([&] { return pages() >= 20; });
    for (const auto& client : clients) client->types_until_pong();
    for (int i = 0; i < 20; ++i) CHECK(user("bob", "GET", "/v1/me").status == 200);
    CHECK(user("bob", "GET", "/v1/me").status == 429);
    // What it owes is paid before anything else is read.
    for (int second = 0; second < 60 && pages() < 80; ++second) {
        clock().advance(std::chrono::seconds(1));
        lane().tick();
        for (const auto& client : clients) client->types_until_pong();
    }
    CHECK(pages() == 80);
    for (const auto& client : clients) run_until([&] { return count(*client, "sync.done") == 1; });
}

TEST_CASE_FIXTURE(RatedShop, "a client that resumes two hundred channels, ten of them changed, does not wait") {
    std::vector<Held> held;
    for (int i = 0; i < 200; ++i) {
        const std::string name = "group" + std::to_string(i);
        CreateChannel create;
        create.external_id = name;
        create.name = name;
        create.member_external_ids = {"alice", "bob"};
        REQUIRE(engine().run(Caller::backend(workspace().id), create));
        if (i < 10) send(name);
        held.push_back({name, 1, 0});
    }
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.send(sync_frame(held, true));
    bob.next("sync.done");
    CHECK(count(bob, "channel.sync") == 10 + 3);
}

}  // namespace
}  // namespace cariosan
