// `POST /v1/me/sync`: the pages of the frame `sync`, and a request that waits for them.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "unit/protocol/sync_shop.hpp"

namespace cariosan {
namespace {

namespace json = boost::json;
using test::at;
using test::list_at;
using test::number_at;
using test::Reply;
using test::SyncShop;
using test::TestClient;
using test::text_at;

struct PollShop : SyncShop {
    using SyncShop::SyncShop;

    /// A request that may still wait.
    struct Poll {
        std::shared_ptr<Waiter> client = std::make_shared<Waiter>();
        std::optional<HttpResponse> response;

        json::value body() const { return json::parse(response->body); }
    };

    /// The body of a sync, as the frame's `data`.
    std::string body(const std::vector<Held>& held, bool complete, int wait = 0) {
        json::value frame = json::parse(sync_frame(held, complete));
        json::object data = frame.at("data").as_object();
        if (wait > 0) data["wait_seconds"] = wait;
        return json::serialize(data);
    }
    std::string up_to_date(int wait) { return body({{"a", 1, 0}, {"b", 1, 0}, {"c", 1, 0}}, true, wait); }
    Reply sync(std::string_view user_name, const std::string& body) { return user(user_name, "POST", "/v1/me/sync", body); }

    std::unique_ptr<Poll> begin_poll(std::string_view user_name, const std::string& body) {
        auto poll = std::make_unique<Poll>();
        HttpRequest request{.method = "POST", .target = "/v1/me/sync", .body = body};
        request.headers = {{"Authorization", "Bearer " + token(user_name)}, {"Content-Type", "application/json"}};
        request.asker = poll->client;
        gateway().handle(lane(), std::move(request), [into = poll.get()](HttpResponse answer) { into->response = std::move(answer); });
        return poll;
    }
    /// Runs the lane until the condition holds, which need not wake it.
    void settle(const std::function<bool()>& condition) {
        constexpr int kTurns = 4000;
        for (int turn = 0; turn < kTurns && !condition(); ++turn) run_briefly();
        REQUIRE(condition());
    }
    std::uint64_t reads() { return engine().metrics().commands; }
    /// A request that has read twice without news, before and after it was subscribed.
    std::unique_ptr<Poll> begin_waiting(std::string_view user_name, const std::string& body) {
        const std::int64_t before = waiting();
        (void)token(user_name);
        const std::uint64_t reads_before = reads() + 1;  // and one for the token
        auto poll = begin_poll(user_name, body);
        settle([&] { return reads() >= reads_before + 2 && engine().metrics().queued_commands == 0; });
        REQUIRE_FALSE(poll->response);
        CHECK(waiting() == before + 1);
        return poll;
    }
    std::int64_t waiting() {
        const std::string text = request({.method = "GET", .target = "/metrics"}).text;
        const std::string name = "\ncariosan_waiting_requests ";
        return std::stoll(text.substr(text.find(name) + name.size()));
    }
    void answered(const Poll& poll) {
        run_until([&] { return poll.response.has_value(); });
    }
    static std::vector<std::string> channels_of(const json::value& body) {
        std::vector<std::string> ids;
        for (const json::value& page : list_at(body, "pages")) ids.push_back(text_at(page, "channel_id"));
        std::ranges::sort(ids);
        return ids;
    }
};

TEST_CASE_FIXTURE(PollShop, "sync over HTTP answers the pages of the frame sync") {
    make_group("new", {"alice", "bob"});
    make_group("gone", {"alice", "bob"});
    send("a");
    send("a");
    send("c");
    REQUIRE(backend("DELETE", "/v1/channels/gone/members/bob").status == 200);
    const std::vector<Held> held{{"a", 1, 0}, {"b", 1, 0}, {"c", 1, 0}, {"gone", 1, 0}};
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.send(sync_frame(held, true));
    std::set<std::string> frames;
    json::value frame = bob.next();
    for (; text_at(frame, "type") != "sync.done"; frame = bob.next()) {
        if (text_at(frame, "type") == "channel.sync") frames.insert(json::serialize(at(frame, "data")));
    }
    const Reply reply = sync("bob", body(held, true));
    REQUIRE(reply.status == 200);
    std::set<std::string> pages;
    for (const json::value& page : list_at(reply.body, "pages")) pages.insert(json::serialize(page));
    CHECK(pages.size() == 4);
    CHECK(pages == frames);
    CHECK(at(reply.body, "next").is_null());
    CHECK(text_at(reply.body, "epoch") == engine().epoch());
    CHECK(number_at(reply.body, "unread_total") == number_at(frame, "data.unread_total"));
    CHECK(reply.header("Cache-Control") == "no-store");
}

TEST_CASE_FIXTURE(PollShop, "what does not fit on about a page comes with next, each channel once") {
    std::vector<Held> held;
    for (int i = 0; i < 60; ++i) {
        const std::string name = "talk" + std::to_string(i);
        make_group(name, {"alice", "bob"});
        send(name);
        if (i < 55) held.push_back({name, 1, 0});
    }
    for (int i = 0; i < 150; ++i) send("a");
    held.push_back({"a", 1, 0});
    std::string next_body = body(held, true, 25);
    std::vector<std::string> seen;
    std::int64_t reached = 1;
    int answers = 0;
    for (; !next_body.empty(); ++answers) {
        const Reply reply = sync("bob", next_body);
        REQUIRE(reply.status == 200);
        for (const json::value& page : list_at(reply.body, "pages")) {
            if (text_at(page, "channel_id") != channel_id("a")) {
                seen.push_back(text_at(page, "channel_id"));
                continue;
            }
            CHECK_FALSE(at(page, "reset").as_bool());
            CHECK(number_at(page, "since") == reached);
            reached = number_at(page, "rev");
        }
        const json::value next = at(reply.body, "next");
        next_body = next.is_null() ? "" : R"({"wait_seconds":25,"next":)" + json::serialize(next) + "}";
    }
    CHECK(answers > 2);
    CHECK(reached == 151);
    CHECK(seen.size() == 62);  // with b and c, as summaries
    CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 62);
}

TEST_CASE_FIXTURE(PollShop, "requests that wait are answered when another user sends") {
    const auto bob = begin_waiting("bob", up_to_date(25));
    const auto alice = begin_waiting("alice", up_to_date(25));
    send("b", "hello");
    answered(*bob);
    answered(*alice);
    CHECK(bob->response->status == 200);
    CHECK(channels_of(bob->body()) == std::vector<std::string>{channel_id("b")});
    CHECK(text_at(list_at(bob->body(), "pages").at(0), "channel_id") == channel_id("b"));
    CHECK(number_at(bob->body(), "unread_total") == 1);
    CHECK(channels_of(alice->body()) == std::vector<std::string>{channel_id("b")});
    CHECK(waiting() == 0);
}

TEST_CASE_FIXTURE(PollShop, "a message that is committed between the read and the subscription is not missed") {
    const std::uint64_t before = reads();
    auto poll = begin_poll("bob", up_to_date(25));
    // Without running the lane: the read is done, and its result waits there.
    while (reads() < before + 2 || engine().metrics().queued_commands != 0) std::this_thread::yield();
    send("b");
    CHECK_FALSE(poll->response);
    answered(*poll);
    CHECK(channels_of(poll->body()) == std::vector<std::string>{channel_id("b")});
}

TEST_CASE_FIXTURE(PollShop, "when the time is up the answer has no pages") {
    const auto poll = begin_waiting("bob", up_to_date(2));
    clock().advance(std::chrono::milliseconds(1999));
    lane().tick();
    CHECK_FALSE(poll->response);
    clock().advance(std::chrono::milliseconds(1));
    lane().tick();
    REQUIRE(poll->response);
    CHECK(poll->response->status == 200);
    CHECK(list_at(poll->body(), "pages").empty());
    CHECK(at(poll->body(), "next").is_null());
    CHECK(number_at(poll->body(), "unread_total") == 0);
    CHECK(waiting() == 0);
}

TEST_CASE_FIXTURE(PollShop, "a request waits for what it would answer: receipts, removal and new channels, not for typing") {
    TestClient alice(*this, "alice");
    const auto poll = begin_waiting("bob", up_to_date(25));
    std::string wanted;
    SUBCASE("typing") {
        const std::uint64_t before = reads();
        alice.send(R"({"type":"typing.start","data":{"channel":")" + channel_id("a") + R"("}})");
        TestClient other(*this, "alice");
        alice.types_until_pong();
        settle([&] { return alice.sink().close_code == 0; });
        CHECK(reads() <= before + 3);  // the lookups of this test alone
        CHECK_FALSE(poll->response);
        send("a");
        wanted = channel_id("a");
    }
    SUBCASE("a receipt") {
        wanted = channel_id("b");
        send("b");
        answered(*poll);
        const std::int64_t receipt_rev = number_at(list_at(poll->body(), "pages").at(0), "receipt_rev");
        const auto second = begin_waiting("bob", body({{"a", 1, 0}, {"b", 2, receipt_rev}, {"c", 1, 0}}, true, 25));
        REQUIRE(user("bob", "POST", "/v1/channels/b/read", "{}").status == 200);
        answered(*second);
        CHECK(list_at(list_at(second->body(), "pages").at(0), "receipts").size() == 1);
        CHECK(list_at(list_at(second->body(), "pages").at(0), "messages").empty());
    }
    SUBCASE("removal") {
        REQUIRE(backend("DELETE", "/v1/channels/c/members/bob").status == 200);
        wanted = channel_id("c");
    }
    SUBCASE("a new channel") {
        make_group("new", {"alice", "bob"});
        wanted = channel_id("new");
    }
    answered(*poll);
    CHECK(channels_of(poll->body()) == std::vector<std::string>{wanted});
}

TEST_CASE_FIXTURE(PollShop, "archived channels have no summary, as in the list and after the frame sync, and a message brings them back") {
    const auto keep = [&](const char* channel, const char* wish) {
        REQUIRE(user("bob", "PATCH", std::string("/v1/me/channels/") + channel, wish).status == 200);
    };
    keep("a", R"({"archived":true})");
    keep("b", R"({"archived":true,"muted":true})");
    keep("c", R"({"archived":true})");
    const auto summaries = [&](const std::vector<Held>& held) { return channels_of(sync("bob", body(held, true)).body); };
    CHECK(summaries({}).empty());
    TestClient socket(*this, "bob");
    socket.next("connection.ready");
    socket.send(sync_frame({}, true));
    for (std::string type; type != "sync.done";) {
        type = text_at(socket.next(), "type");
        CHECK(type != "channel.sync");
    }
    const auto poll = begin_waiting("bob", body({{"c", 1, 0}}, true, 25));
    send("b");
    settle([&] { return engine().metrics().queued_commands == 0; });
    CHECK_FALSE(poll->response);
    send("a");
    answered(*poll);
    CHECK(channels_of(poll->body()) == std::vector<std::string>{channel_id("a")});
    CHECK(at(list_at(poll->body(), "pages").at(0), "summary").as_bool());
    // One that is listed is answered like any other.
    send("c");
    CHECK(channels_of(sync("bob", body({{"b", 1, 0}, {"c", 1, 0}}, false)).body).size() == 2);
}

TEST_CASE_FIXTURE(PollShop, "a change of preferences or blocks ends the wait, and the answer has its number") {
    const auto poll = begin_waiting("bob", up_to_date(25));
    std::string moved;
    const auto change = [&] {
        if (moved == "preferences_rev") {
            REQUIRE(user("bob", "PATCH", "/v1/me/channels/a", R"({"pinned":true})").status == 200);
        } else {
            REQUIRE(user("bob", "PUT", "/v1/me/blocks/alice").status == 200);
        }
    };
    SUBCASE("preferences") { moved = "preferences_rev"; }
    SUBCASE("blocks") { moved = "blocks_rev"; }
    change();
    answered(*poll);
    CHECK(poll->response->status == 200);
    CHECK(list_at(poll->body(), "pages").empty());
    CHECK(number_at(poll->body(), moved) == 1);
    // It is news to who holds the number before it, and to nobody else.
    const auto holding = [&](int number) {
        json::object asked = json::parse(up_to_date(25)).as_object();
        asked[moved] = number;
        return json::serialize(asked);
    };
    const Reply behind = sync("bob", holding(0));
    CHECK(behind.status == 200);
    CHECK(number_at(behind.body, moved) == 1);
    CHECK(number_at(sync("bob", holding(2)).body, moved) == 1);
    const auto current = begin_waiting("bob", holding(1));
    send("a");
    answered(*current);
}

TEST_CASE_FIXTURE(PollShop, "preferences that change between the read and the subscription are not missed") {
    const std::uint64_t before = reads();
    auto poll = begin_poll("bob", up_to_date(25));
    while (reads() < before + 2 || engine().metrics().queued_commands != 0) std::this_thread::yield();
    // Past the lane, as another node would.
    REQUIRE(engine().run(Caller::user(workspace().id, "bob"), UpdateMyChannel{.channel = "a", .pinned = true}));
    CHECK_FALSE(poll->response);
    answered(*poll);
    CHECK(number_at(poll->body(), "preferences_rev") == 1);
}

TEST_CASE_FIXTURE(PollShop, "a client that goes away ends its request at once") {
    const auto poll = begin_waiting("bob", up_to_date(25));
    poll->client.reset();
    CHECK(poll->response);
    CHECK(waiting() == 0);
    send("a");  // finds nobody
    run_briefly();
}

TEST_CASE_FIXTURE(PollShop, "draining answers the requests that wait, and lets no other wait") {
    const auto poll = begin_waiting("bob", up_to_date(25));
    gateway().drain(std::chrono::milliseconds(1000));
    answered(*poll);
    CHECK(poll->response->status == 200);
    CHECK(list_at(poll->body(), "pages").empty());
    const Reply refused = sync("bob", up_to_date(25));
    CHECK(refused.status == 503);
    CHECK(refused.header("Retry-After") == "1");
    CHECK(sync("bob", up_to_date(0)).status == 200);
}

TEST_CASE_FIXTURE(PollShop, "a transport that stops ends the requests that wait on its lane") {
    const auto poll = begin_waiting("bob", up_to_date(25));
    lane().stop_waiting();
    CHECK(poll->response);
    CHECK(poll->response->status == 200);
}

TEST_CASE("a request beyond the bound of those that wait is refused, and one that has news is not") {
    PollShop shop({.gateway = {.max_waiting_requests = 1}});
    const auto poll = shop.begin_waiting("bob", shop.up_to_date(25));
    const Reply refused = shop.sync("alice", shop.up_to_date(25));
    CHECK(refused.status == 503);
    CHECK(number_at(refused.body, "error.details.limit") == 1);
    CHECK(at(refused.body, "error.retryable").as_bool());
    CHECK(refused.header("Retry-After") == "5");
    CHECK(shop.waiting() == 1);
    shop.send("a");
    CHECK(shop.sync("alice", shop.up_to_date(25)).status == 200);
    shop.answered(*poll);
    const auto again = shop.begin_waiting("alice", shop.body({{"a", 2, 0}, {"b", 1, 0}, {"c", 1, 0}}, true, 25));
    again->client.reset();
}

TEST_CASE("a request that waits is one of its user's connections, and shows the user online") {
    PollShop shop({.limits = {.connections_per_user = 1}});
    const auto online = [&] {
        const Reply reply = shop.user("alice", "GET", "/v1/presence?users=bob");
        return text_at(list_at(reply.body, "presence").at(0), "status") == "online";
    };
    CHECK_FALSE(online());
    const auto poll = shop.begin_waiting("bob", shop.up_to_date(25));
    CHECK(online());
    CHECK(shop.engine().metrics().sessions == 0);
    const Reply refused = shop.sync("bob", shop.up_to_date(25));
    CHECK(refused.status == 429);
    CHECK(number_at(refused.body, "error.details.limit") == 1);
    CHECK(refused.header("Retry-After") == "30");
    poll->client.reset();
    shop.settle([&] { return shop.waiting() == 0; });
    const auto next = shop.begin_waiting("bob", shop.up_to_date(25));
    CHECK(online());
    next->client.reset();
}

TEST_CASE("sync over HTTP takes from the bucket of reads, a page as much as a request") {
    PollShop::Options options{.rates = {}};
    options.rates.backend_requests_per_second = 0;
    PollShop shop(options);
    for (int i = 0; i < 3; ++i) CHECK(shop.sync("bob", shop.up_to_date(0)).status == 200);
    for (const char* channel : {"a", "b", "c"}) shop.send(channel);
    int answers = 0;
    while (shop.sync("bob", shop.up_to_date(0)).status == 200) ++answers;
    // 40 tokens, of which three are gone: three pages an answer while more than half is left, then one.
    CHECK(answers > 10);
    CHECK(answers < 28);
    const Reply refused = shop.sync("bob", shop.up_to_date(0));
    CHECK(refused.status == 429);
    CHECK(refused.code() == "RATE_LIMITED");
}

TEST_CASE_FIXTURE(PollShop, "a user who is deleted while waiting is told so") {
    const auto poll = begin_waiting("bob", up_to_date(25));
    REQUIRE(backend("DELETE", "/v1/users/bob").status == 204);
    answered(*poll);
    CHECK(poll->response->status == 401);
}

TEST_CASE_FIXTURE(PollShop, "fields of a sync that cannot be") {
    const auto field = [&](const std::string& body) { return text_at(sync("bob", body).body, "error.details.field"); };
    CHECK(field(R"({"wait_seconds":26})") == "wait_seconds");
    CHECK(number_at(sync("bob", R"({"wait_seconds":26})").body, "error.details.limit") == 25);
    CHECK(field(R"({"wait_seconds":-1})") == "wait_seconds");
    CHECK(field(R"({"channels":[]})") == "channels");
    CHECK(field(R"({"channels":{"a":[1,0]}})") == "channels");
    CHECK(field(R"({"next":"AQ"})") == "next");
    CHECK(field(R"({"next":"no base64!"})") == "next");
    CHECK(field(R"({"complete":1})") == "complete");
    CHECK(field(R"({"blocks_rev":-1})") == "blocks_rev");
    CHECK(field(R"({"preferences_rev":"1"})") == "preferences_rev");
    CHECK(sync("bob", R"({"epoch":null,"channels":null,"complete":null,"wait_seconds":null,"next":null})").status == 200);
    const Caller bob = Caller::user(workspace().id, "bob");
    CHECK(gateway().run(bob, "me.sync", R"({"complete":true})").ok());
    const auto waits = gateway().run(bob, "me.sync", R"({"wait_seconds":1})");
    REQUIRE_FALSE(waits.ok());
    CHECK(waits.error().code == ErrorCode::validation_error);
}

}  // namespace
}  // namespace cariosan
