// WebSocket sessions through the gateway, on a real engine with SQLite in memory and without sockets.
#include <doctest/doctest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/test_data.hpp"
#include "unit/protocol/session_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

TEST_CASE_FIXTURE(SessionShop, "a session begins with connection.ready") {
    send("alice", "unread");
    TestClient bob(*this, "bob");
    const auto ready = bob.next();
    CHECK(text_at(ready, "type") == "connection.ready");
    CHECK(text_at(ready, "data.user.external_id") == "bob");
    CHECK(text_at(ready, "data.epoch") == engine().epoch());
    CHECK(number_at(ready, "data.unread_total") == 1);
    CHECK(number_at(ready, "data.blocks_rev") == 0);
    CHECK(number_at(ready, "data.heartbeat_seconds") == 30);
    CHECK(text_at(ready, "data.server_time") == clock().now().to_string());
    CHECK_FALSE(text_at(ready, "data.connection_id").empty());
    CHECK(bob.types_until_pong().empty());
}

TEST_CASE_FIXTURE(SessionShop, "the ack of a send and its event leave in one turn of the lane") {
    TestClient alice(*this, "alice");
    alice.types_until_pong();
    for (int i = 0; i < 20; ++i) {
        std::vector<std::string>& texts = alice.sink().texts;
        const std::size_t before = texts.size();
        alice.send(R"({"type":"message.send","id":1,"data":{"channel":"order_1","content":"Halo"}})");
        run_until([&] { return texts.size() != before; });
        REQUIRE(texts.size() == before + 2);
        CHECK(kind(json::parse(texts[before])) == "message.created");
        CHECK(kind(json::parse(texts[before + 1])) == "ack");
    }
}

TEST_CASE_FIXTURE(SessionShop, "a ping is answered with its id, of whatever JSON type") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.send(R"({"type":"ping","id":"a\"b"})");
    CHECK(bob.sink().texts.back() == R"({"type":"pong","id":"a\"b","data":{}})");
    bob.send(R"({"id":7,"type":"ping","data":null})");
    CHECK(bob.sink().texts.back() == R"({"type":"pong","id":7,"data":{}})");
    bob.send(R"({"type":"ping","data":{}})");
    CHECK(bob.sink().texts.back() == R"({"type":"pong","data":{}})");
}

TEST_CASE_FIXTURE(SessionShop, "a sent message is acknowledged and reaches everyone once") {
    TestClient alice(*this, "alice");
    TestClient bob(*this, "bob");
    alice.next("connection.ready");
    alice.send(
        R"({"type":"message.send","id":"1","data":{"channel":"order_1","content":"Halo","idempotency_key":"k"}})");
    // The answer and the event may overtake each other.
    json::value ack = alice.next();
    json::value own = alice.next();
    if (text_at(ack, "type") != "ack") std::swap(ack, own);
    CHECK(text_at(ack, "id") == "1");
    CHECK(number_at(ack, "data.rev") == 2);
    CHECK(number_at(ack, "data.message.seq") == 1);
    CHECK(text_at(ack, "data.message.idempotency_key") == "k");
    CHECK_FALSE(at(ack, "data").as_object().contains("duplicate"));
    CHECK(text_at(own, "type") == "message.created");
    CHECK(text_at(own, "data.message.idempotency_key") == "k");

    const auto theirs = bob.next("message.created");
    CHECK(number_at(theirs, "data.rev") == 2);
    CHECK(text_at(theirs, "data.channel_id") == channel_id("order_1"));
    CHECK(text_at(theirs, "data.channel_external_id") == "order_1");
    CHECK(text_at(theirs, "data.message.content") == "Halo");
    CHECK_FALSE(at(theirs, "data.message").as_object().contains("idempotency_key"));

    alice.send(
        R"({"type":"message.send","id":"2","data":{"channel":"order_1","content":"Halo","idempotency_key":"k"}})");
    const auto again = alice.next();
    CHECK(text_at(again, "type") == "ack");
    CHECK(text_at(again, "id") == "2");
    CHECK(at(again, "data.duplicate") == json::value(true));
    CHECK(number_at(again, "data.rev") == 2);
    CHECK(bob.types_until_pong().empty());
}

TEST_CASE_FIXTURE(SessionShop, "a forbidden request is refused with its id") {
    TestClient eve(*this, "eve");
    eve.next("connection.ready");
    const auto refused = [&](std::string_view frame) {
        eve.send(frame);
        return eve.next();
    };
    const auto not_member =
        refused(R"({"type":"message.send","id":"x","data":{"channel":"order_1","content":"Hi"}})");
    CHECK(kind(not_member) == "error NOT_A_MEMBER");
    CHECK(text_at(not_member, "id") == "x");
    CHECK(at(not_member, "data.retryable") == json::value(false));
    CHECK(kind(refused(R"({"type":"message.send","id":"y","data":{"channel":"order_1"}})")) ==
          "error VALIDATION_ERROR");
    CHECK(kind(refused(R"({"type":"message.send","id":"y"})")) == "error VALIDATION_ERROR");
    CHECK(kind(refused(R"({"type":"message.send","data":{"channel":"nothing","content":"Hi"}})")) ==
          "error NOT_FOUND");
    CHECK(text_at(refused(R"({"type":"nothing","id":"z"})"), "data.details.field") == "type");
    // Commands that are not available over WebSocket.
    CHECK(text_at(refused(R"({"type":"me.get","id":"z"})"), "data.details.field") == "type");
    CHECK(text_at(refused(R"({"type":"workspace.create","data":{"name":"x"}})"), "data.details.field") ==
          "type");
}

TEST_CASE_FIXTURE(SessionShop, "the tenth malformed frame ends the session") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    const std::string_view bad[] = {"",
                                    "x",
                                    "[]",
                                    "1",
                                    R"({"type":1})",
                                    R"({})",
                                    R"({"type":"ping","id":{}})",
                                    R"({"type":"ping","data":[]})",
                                    R"({"type":"ping","type":"ping"})"};
    for (const std::string_view text : bad) {
        CAPTURE(text);
        bob.send(text);
        CHECK(kind(bob.next()) == "error VALIDATION_ERROR");
    }
    CHECK(bob.sink().close_code == 0);
    bob.send("{");
    CHECK(kind(bob.next()) == "error VALIDATION_ERROR");
    CHECK(bob.sink().close_code == 4400);
    bob.send(R"({"type":"ping"})");
    CHECK(bob.sink().texts.size() == 11);
}

TEST_CASE_FIXTURE(SessionShop, "the error for a malformed frame says what is wrong") {
    const std::string long_id(254, 'x');
    const std::string deep = std::string(33, '[') + std::string(33, ']');
    struct Case {
        std::string frame;
        std::string_view said;
        std::string_view field = "";
        std::int64_t limit = 0;
    };
    const std::vector<Case> cases = {
        {"", "this is not valid JSON: it is empty at byte 0"},
        {"{\"type\":\"ping\",}", "this is not valid JSON: a comma before a closing bracket at byte 14"},
        {"\xef\xbb\xbf{\"type\":\"ping\"}", "this is not valid JSON: it begins with a byte order mark at byte 0"},
        {R"({"type":"ping","id":"\ud800"})", "this is not valid JSON: half of a surrogate pair at byte 21"},
        {R"({"type":"ping","id":"\u0000"})", "this is not valid JSON: a string contains U+0000 at byte 21"},
        {R"({"type":"ping","id":9223372036854775808})", "this is not valid JSON: a number is too large at byte 20"},
        {R"({"type":"ping","type":"sync"})",
         "this is not valid JSON: an object has the same name twice, the second time at byte 15"},
        {deep, "this is not valid JSON: it is nested more than 32 deep at byte 32"},
        {"[]", "a frame is a JSON object"},
        {"{}", "type is missing", "type"},
        {R"({"type":null})", "type must be a string", "type"},
        {R"({"type":7})", "type must be a string", "type"},
        {R"({"type":"no.such"})", "unknown frame type", "type"},
        {R"({"type":"ping","id":1.5})", "id must be a string or a whole number", "id"},
        {R"({"type":"ping","id":{}})", "id must be a string or a whole number", "id"},
        {R"({"type":"ping","id":")" + long_id + "\"}", "id is too long as JSON: at most 255 bytes", "id", 255},
        {R"({"type":"ping","data":[]})", "data must be an object", "data"},
        {R"({"type":"message.send"})", "channel is missing", "channel"},
        {R"({"type":"message.send","data":{"channel":7}})", "channel must be a string", "channel"},
        {R"({"type":"message.send","data":{"channel":"order_1"}})", "content is missing", "content"},
        {R"({"type":"typing.start","data":{}})", "channel is missing", "channel"},
        {R"({"type":"presence.subscribe"})", "users is missing", "users"},
        {R"({"type":"presence.subscribe","data":{"users":[]}})", "users must not be empty", "users"},
        {R"({"type":"presence.subscribe","data":{"users":[7]}})", "users must be an array of strings", "users"},
        {R"({"type":"auth.refresh","data":{}})", "token is missing", "token"},
        {R"({"type":"sync","data":{"channels":{"x":[0,0]}}})",
         "channels must map internal ids to [rev, receipt_rev], both at least 0", "channels"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.frame);
        TestClient bob(*this, "bob");  // a new one each time, because the tenth malformed frame would end it
        bob.next("connection.ready");
        bob.send(each.frame);
        const json::value error = bob.next("error");
        CHECK(text_at(error, "data.code") == "VALIDATION_ERROR");
        CHECK(text_at(error, "data.message") == each.said);
        CHECK(text_at(error, "data.details.field") == each.field);
        if (each.limit > 0) CHECK(number_at(error, "data.details.limit") == each.limit);
        CHECK(at(error, "data.retryable") == json::value(false));
    }
}

TEST_CASE_FIXTURE(SessionShop, "frames sent before connection.ready wait for it") {
    auto outcome = admit_token(token("bob"));
    TestClient bob(*this, std::move(outcome.admission));
    bob.send(R"({"type":"ping","id":1})");
    bob.send(R"({"type":"message.send","id":2,"data":{"channel":"order_1","content":"early"}})");
    CHECK(bob.sink().texts.empty());
    CHECK(text_at(bob.next(), "type") == "connection.ready");
    CHECK(text_at(bob.next(), "type") == "pong");
    CHECK(number_at(bob.next("ack"), "id") == 2);

    auto flood = admit_token(token("bob"));
    TestClient loud(*this, std::move(flood.admission));
    for (int i = 0; i < 65; ++i) loud.send(R"({"type":"ping"})");
    CHECK(loud.sink().close_code == 1013);
}

TEST_CASE_FIXTURE(SessionShop, "typing is shown to the others, by either name of the channel") {
    TestClient alice(*this, "alice");
    TestClient bob(*this, "bob");
    alice.send(R"({"type":"typing.start","data":{"channel":"order_1"}})");
    const auto started = bob.next("typing.start");
    CHECK(text_at(started, "data.user_id") == user_id("alice"));
    CHECK(text_at(started, "data.channel_id") == channel_id("order_1"));
    alice.send(R"({"type":"typing.stop","data":{"channel":)" + json_string(channel_id("order_1")) + "}}");
    bob.next("typing.stop");
    alice.next("connection.ready");
    CHECK(alice.types_until_pong().empty());
    alice.send(R"({"type":"typing.start"})");
    CHECK(kind(alice.next()) == "error VALIDATION_ERROR");
}

TEST_CASE_FIXTURE(SessionShop, "typing ends for the others when anything ends it for the user") {
    TestClient phone(*this, "alice");
    TestClient laptop(*this, "alice");
    TestClient bob(*this, "bob");
    phone.next("connection.ready");
    const auto type = [&](TestClient& client) {
        client.send(R"({"type":"typing.start","data":{"channel":"order_1"}})");
        bob.next("typing.start");
    };
    type(laptop);
    SUBCASE("its connection is lost") { laptop.session().closed(); }
    SUBCASE("its connection was asked to close, and has not gone yet") {
        for (int i = 0; i < 10; ++i) laptop.send("nonsense");
        CHECK(laptop.sink().close_code == 4400);
    }
    SUBCASE("its token has expired") {
        laptop.next("connection.ready");
        clock().advance(std::chrono::minutes(59) + std::chrono::seconds(119));
        for (TestClient* each : {&phone, &laptop, &bob}) {
            each->session().alive();
            if (each == &laptop) continue;
            each->send(R"({"type":"auth.refresh","id":1,"data":{"token":)" + json_string(token(each == &bob ? "bob" : "alice")) + "}}");
        }
        bob.next("ack");
        bob.next("typing.stop");  // after six seconds
        type(laptop);
        clock().advance(std::chrono::seconds(1));
        lane().tick();
        CHECK(laptop.sink().close_code == 4401);
    }
    SUBCASE("it sends, on the other connection") { send("alice", "x"); }
    SUBCASE("it is removed") {
        CHECK(backend("PATCH", "/v1/channels/order_1/members/bob", R"({"role":"admin"})").status == 200);
        CHECK(backend("DELETE", "/v1/channels/order_1/members/alice").status == 200);
    }
    SUBCASE("it is muted") { CHECK(backend("PUT", "/v1/users/alice/mute", "{}").status == 200); }
    SUBCASE("it is silenced in the channel") {
        CHECK(backend("PUT", "/v1/users/alice/mute", R"({"channel":"order_1"})").status == 200);
    }
    SUBCASE("moderation silences it") {
        CHECK(backend("PATCH", "/v1/workspace",
                      R"({"moderation":{"enabled":true,"blocklist":["geheim"],"rules":{"profanity":{"action":"auto_mute"}}}})")
                  .status == 200);
        CHECK(user("alice", "POST", "/v1/channels/order_1/messages", R"({"content":"geheim"})").status == 422);
    }
    SUBCASE("it is deleted") { CHECK(backend("DELETE", "/v1/users/alice").status == 204); }
    SUBCASE("the channel is deleted") { CHECK(backend("DELETE", "/v1/channels/order_1").status == 204); }
    SUBCASE("the workspace is deleted") {
        // Nobody is left to receive it.
        CHECK(engine().run(Caller::host(), DeleteWorkspace{.workspace = workspace().id}));
        CHECK(bob.wait_closed() == 4403);
        return;
    }
    bob.next("typing.stop");
}

TEST_CASE_FIXTURE(SessionShop, "reading is acknowledged as over REST") {
    send("alice", "1");
    TestClient bob(*this, "bob");
    bob.send(R"({"type":"message.read","id":1,"data":{"channel":"order_1"}})");
    const auto ack = bob.next("ack");
    CHECK(number_at(ack, "data.receipt_rev") == 1);
    CHECK(number_at(ack, "data.receipt.last_read_seq") == 1);
    CHECK(number_at(ack, "data.unread_count") == 0);
    CHECK_FALSE(at(ack, "data").as_object().contains("rev"));
}

TEST_CASE_FIXTURE(SessionShop,
                  "a user has five connections, and a sixth is refused while none of them is silent") {
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 5; ++i) clients.push_back(std::make_unique<TestClient>(*this, "bob"));
    TestClient sixth(*this, "bob");
    CHECK(sixth.wait_closed() == 4429);
    const auto error = sixth.next();
    CHECK(kind(error) == "error RATE_LIMITED");
    CHECK(number_at(error, "data.retry_after_ms") > 0);
    clock().advance(std::chrono::seconds(36));
    for (int i = 1; i < 5; ++i) clients[static_cast<std::size_t>(i)]->session().alive();
    TestClient seventh(*this, "bob");
    CHECK(clients[0]->wait_closed() == 4408);
    CHECK(kind(seventh.next()) == "connection.ready");
}

TEST_CASE_FIXTURE(SessionShop, "members receive their own joining and leaving, and nothing after that") {
    TestClient eve(*this, "eve");
    eve.next("connection.ready");
    CHECK(backend("POST", "/v1/channels/order_1/members", R"({"external_ids":["eve"]})").status == 200);
    const auto joined = eve.next();
    CHECK(kind(joined) == "member.joined");
    CHECK(text_at(joined, "data.members.0.user.external_id") == "eve");
    send("alice", "welcome");
    CHECK(kind(eve.next()) == "message.created");
    CHECK(backend("DELETE", "/v1/channels/order_1/members/eve").status == 200);
    const auto left = eve.next();
    CHECK(kind(left) == "member.left");
    CHECK(at(left, "data.members.0.left") == json::value(true));
    TestClient bob(*this, "bob");
    send("alice", "without eve");
    bob.next("message.created");
    CHECK(eve.types_until_pong().empty());
    // Both users of a direct channel receive it at once, with all its members.
    CHECK(
        backend("POST", "/v1/channels", R"({"type":"direct","member_external_ids":["eve","bob"]})").status ==
        201);
    const auto created = eve.next();
    CHECK(kind(created) == "channel.created");
    CHECK(at(created, "data.members").as_array().size() == 2);
    CHECK(backend("DELETE", "/v1/channels/" + text_at(created, "data.channel.id")).status == 204);
    CHECK(kind(eve.next()) == "channel.deleted");
}

TEST_CASE_FIXTURE(SessionShop, "mentions and new names reach the users concerned") {
    TestClient bob(*this, "bob");
    TestClient eve(*this, "eve");
    const auto sent =
        user("alice", "POST", "/v1/channels/order_1/messages", R"({"content":"@bob","mentions":["bob"]})");
    CHECK(sent.status == 201);
    CHECK(text_at(bob.next("mention"), "data.message_id") == text_at(sent.body, "id"));
    CHECK(backend("POST", "/v1/users", R"({"external_id":"alice","name":"Alicia"})").status == 200);
    CHECK(text_at(bob.next("user.updated"), "data.user.name") == "Alicia");
    eve.next("connection.ready");
    CHECK(eve.types_until_pong().empty());
}

TEST_CASE_FIXTURE(SessionShop, "nothing that is JSON, or nearly, does harm") {
    const auto folder = test::test_data("torture/json");
    if (!folder) return;
    for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        TestClient bob(*this, "bob");
        bob.next("connection.ready");
        bob.send(text);
        CHECK(kind(bob.next()) == "error VALIDATION_ERROR");
        // As the data of a frame it can still be invalid, but nothing worse.
        bob.send(R"({"type":"message.send","data":{"channel":"order_1","content":"x","metadata":)" + text +
                 "}}");
        const std::string answer = kind(bob.next());
        CAPTURE(entry.path().filename().string());
        CHECK((answer == "error VALIDATION_ERROR" || answer == "ack" || answer == "message.created"));
    }
}

}  // namespace
}  // namespace cariosan
