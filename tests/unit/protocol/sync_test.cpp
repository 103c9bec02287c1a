// Resuming over WebSocket: section 6 of the protocol.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <vector>

#include "unit/protocol/sync_shop.hpp"

namespace cariosan {
namespace {

using test::at;
using test::list_at;
using test::number_at;
using test::SyncShop;
using test::TestClient;
using test::text_at;

namespace json = boost::json;

TEST_CASE_FIXTURE(SyncShop, "sync brings what was missed, and says when it is done") {
    send("a", "1");
    send("a", "2");
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.send(sync_frame({{"a", 2}, {"b", 1}}, false));
    const auto ack = bob.next();
    CHECK(text_at(ack, "type") == "ack");
    CHECK(text_at(ack, "id") == "s");
    const auto page = bob.next();
    CHECK(text_at(page, "type") == "channel.sync");
    CHECK(text_at(page, "data.channel_id") == channel_id("a"));
    CHECK(number_at(page, "data.since") == 2);
    CHECK(number_at(page, "data.rev") == 3);
    CHECK(at(page, "data.messages").as_array().size() == 1);
    CHECK(text_at(page, "data.messages.0.content") == "2");
    CHECK(number_at(page, "data.unread_count") == 2);
    const auto done = bob.next();
    CHECK(text_at(done, "type") == "sync.done");
    CHECK(text_at(done, "data.id") == "s");
    CHECK(text_at(done, "data.epoch") == engine().epoch());
    CHECK(number_at(done, "data.unread_total") == 2);
    // Afterwards events flow again.
    send("a", "3");
    CHECK(number_at(bob.next("message.created"), "data.rev") == 4);
    send("b", "1");
    CHECK(number_at(bob.next("message.created"), "data.rev") == 2);
}

TEST_CASE_FIXTURE(
    SyncShop, "many pages arrive in the order of rev, without a gap before the live events") {
    for (int i = 0; i < 350; ++i) send("a", std::to_string(i));
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.send(sync_frame({{"a", 1}}, false));
    // Committed while the pages are read: withheld, and read again.
    for (int i = 350; i < 370; ++i) send("a", std::to_string(i));
    std::int64_t rev = 1;
    std::int64_t seq = 0;
    int pages = 0;
    while (rev < 371) {
        const auto frame = bob.next();
        const std::string type = text_at(frame, "type");
        if (type == "ack" || type == "sync.done") continue;
        const std::int64_t since =
            type == "channel.sync" ? number_at(frame, "data.since") : number_at(frame, "data.rev") - 1;
        CHECK(since == rev);
        rev = number_at(frame, "data.rev");
        if (type == "channel.sync") {
            ++pages;
            for (const auto& message : list_at(frame, "data.messages"))
                CHECK(number_at(message, "seq") == ++seq);
        } else {
            CHECK(number_at(frame, "data.message.seq") == ++seq);
        }
    }
    CHECK(seq == 370);
    CHECK(pages >= 4);
}

TEST_CASE_FIXTURE(SyncShop, "a complete sync summarises the channels that were not listed") {
    send("b", "Halo");
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.send(sync_frame({{"a", 1}}, true));
    bob.next("ack");
    std::string summaries;
    for (;;) {
        const auto frame = bob.next();
        if (text_at(frame, "type") == "sync.done") break;
        CHECK(text_at(frame, "type") == "channel.sync");
        CHECK(at(frame, "data.summary") == json::value(true));
        CHECK(text_at(frame, "data.channel_id") == text_at(frame, "data.channel.id"));
        const std::string channel = text_at(frame, "data.channel.external_id");
        summaries += channel + " ";
        if (channel == "b") CHECK(text_at(frame, "data.last_message.content") == "Halo");
    }
    CHECK(summaries == "b c ");
}

TEST_CASE_FIXTURE(SyncShop, "complete counts what earlier frames listed") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    const std::string first = sync_frame({{"a", 1}, {"b", 1}}, false);
    const std::string last = sync_frame({{"c", 0}}, true);
    bob.send(first);
    bob.send(last);
    std::string types;
    for (int done = 0; done < 2;) {
        const auto frame = bob.next();
        const std::string type = text_at(frame, "type");
        types += type + " ";
        if (type == "sync.done") ++done;
        CHECK_FALSE(at(frame, "data").as_object().contains("summary"));
    }
    CHECK(types == "ack ack sync.done channel.sync sync.done ");
}

TEST_CASE_FIXTURE(SyncShop, "channels that the user is not in are reported as left") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    CHECK(backend("DELETE", "/v1/channels/a/members/bob").status == 200);
    bob.next("member.left");
    const std::string unknown = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
    bob.send(R"({"type":"sync","id":1,"data":{"epoch":")" + engine().epoch() + R"(","channels":{")" +
             unknown + R"(":[5,0],")" + channel_id("a") + R"(":[1,0]}}})");
    bob.next("ack");
    for (int i = 0; i < 2; ++i) {
        const auto frame = bob.next();
        CHECK(text_at(frame, "type") == "channel.sync");
        CHECK(at(frame, "data.left") == json::value(true));
    }
    CHECK(text_at(bob.next(), "type") == "sync.done");
}

TEST_CASE_FIXTURE(SyncShop, "revisions of another epoch, or ahead of the server, cause a reset") {
    send("a", "1");
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.send(sync_frame({{"a", 2}}, false, "another"));
    const auto other = bob.next("channel.sync");
    CHECK(at(other, "data.reset") == json::value(true));
    CHECK(number_at(other, "data.rev") == 2);
    CHECK(at(other, "data.channel").is_object());
    CHECK(at(other, "data.messages").as_array().size() == 1);
    bob.next("sync.done");
    bob.send(sync_frame({{"a", 77}}, false));
    CHECK(at(bob.next("channel.sync"), "data.reset") == json::value(true));
}

TEST_CASE_FIXTURE(SyncShop, "pages wait while the client is slow to read") {
    for (int i = 0; i < 250; ++i) send("a");
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.sink().set_backlog((256 << 10) + 1);
    bob.send(sync_frame({{"a", 1}}, true));
    CHECK(text_at(bob.next(), "type") == "ack");
    // A live event of another channel still arrives, but nothing of the sync.
    send("b");
    CHECK(text_at(bob.next(), "type") == "message.created");
    CHECK(bob.types_until_pong().empty());
    bob.sink().set_backlog(0);
    bob.session().writable();
    const auto first = bob.next();
    CHECK(text_at(first, "type") == "channel.sync");
    CHECK(at(first, "data.has_more") == json::value(true));
    bob.sink().set_backlog((256 << 10) + 1);
    bob.types_until_pong();
    bob.sink().set_backlog(0);
    lane().tick();
    bob.next("sync.done");
    CHECK(bob.sink().close_code == 0);
}

TEST_CASE("however many clients synchronise at once, they do not fill the engine's queue") {
    SyncShop shop({.gateway = {}, .limits = {}, .max_queued_commands = 70});
    std::vector<std::string> users;
    for (int i = 0; i < 40; ++i) users.push_back("user" + std::to_string(i));
    for (const std::string& user : users) shop.make_user(user, user);
    for (const char* channel : {"d", "e", "f", "g"}) shop.make_group(channel, users);
    const std::string frame = shop.sync_frame({{"d", 0}, {"e", 0}, {"f", 0}, {"g", 0}}, false);
    std::vector<std::unique_ptr<TestClient>> clients;
    for (const std::string& user : users) clients.push_back(std::make_unique<TestClient>(shop, user));
    for (const auto& client : clients) client->send(frame);
    CHECK(shop.user("alice", "GET", "/v1/me").status == 200);
    for (const auto& client : clients) client->next("sync.done");
    for (const auto& client : clients) CHECK(client->sink().close_code == 0);
}

TEST_CASE_FIXTURE(SyncShop, "a user added again before a channel was read gets its pages, and no live event before them") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.sink().set_backlog((256 << 10) + 1);
    bob.send(sync_frame({{"a", 1}}, false));
    bob.next("ack");
    CHECK(backend("DELETE", "/v1/channels/a/members/bob").status == 200);
    CHECK(backend("POST", "/v1/channels/a/members", R"({"external_ids":["bob"]})").status == 200);
    send("a", "1");
    CHECK(bob.types_until_pong().empty());
    bob.sink().set_backlog(0);
    bob.session().writable();
    const auto page = bob.next();
    CHECK(text_at(page, "type") == "channel.sync");
    CHECK(number_at(page, "data.rev") == 4);
    CHECK(text_at(bob.next(), "type") == "sync.done");
    send("a", "2");
    CHECK(number_at(bob.next(), "data.rev") == 5);
}

TEST_CASE_FIXTURE(SyncShop, "a user removed before a channel was read learns that the channel was left") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.sink().set_backlog((256 << 10) + 1);
    bob.send(sync_frame({{"a", 1}}, true));
    bob.next("ack");
    CHECK(backend("DELETE", "/v1/channels/a/members/bob").status == 200);
    CHECK(bob.types_until_pong().empty());
    bob.sink().set_backlog(0);
    bob.session().writable();
    CHECK(at(bob.next(), "data.left") == json::value(true));
    // Added again, it receives that live.
    CHECK(backend("POST", "/v1/channels/a/members", R"({"external_ids":["bob"]})").status == 200);
    CHECK(number_at(bob.next("member.joined"), "data.rev") == 3);
}

TEST_CASE_FIXTURE(SyncShop, "a sync frame is checked like any other") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    const auto refused_field = [&](std::string_view data) {
        bob.send(R"({"type":"sync","id":"s","data":)" + std::string(data) + "}");
        const auto frame = bob.next();
        CHECK(text_at(frame, "data.code") == "VALIDATION_ERROR");
        CHECK(text_at(frame, "id") == "s");
        return text_at(frame, "data.details.field");
    };
    CHECK(refused_field(R"({"epoch":1})") == "epoch");
    CHECK(refused_field(R"({"complete":1})") == "complete");
    CHECK(refused_field(R"({"channels":[]})") == "channels");
    CHECK(refused_field(R"({"channels":{"order_1":[1,1]}})") == "channels");
    const std::string id = channel_id("a");
    for (const std::string_view value :
         {"1", "[1]", "[1,2,3]", "[-1,0]", "[0,-1]", "[1.5,0]", "[\"1\",0]", "null"}) {
        CHECK(refused_field(R"({"channels":{")" + id + "\":" + std::string(value) + "}}") == "channels");
    }
    std::string many = R"({"channels":{)";
    for (int i = 0; i < 501; ++i) {
        const std::string number = std::to_string(1000 + i);
        many += (i > 0 ? ",\"" : "\"") + ("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f" + number) + "\":[0,0]";
    }
    CHECK(refused_field(many + "}}") == "channels");
}

}  // namespace
}  // namespace cariosan
