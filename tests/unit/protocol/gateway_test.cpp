// REST through the gateway, over a real engine with SQLite in memory.
#include <doctest/doctest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <future>
#include <iterator>

#include "protocol/json_writer.hpp"
#include "support/test_data.hpp"
#include "unit/protocol/gateway_world.hpp"

namespace cariosan {
namespace {

using test::at;
using test::GatewayWorld;
using test::list_at;
using test::number_at;
using test::Reply;
using test::text_at;

struct GatewayShop : GatewayWorld {
    explicit GatewayShop(Options options = {}) : GatewayWorld(std::move(options)) {
        make_user("alice", "Alice");
        make_user("bob", "Budi");
        make_user("eve", "Eve");
        make_group("order_1", {"alice", "bob"});
    }
    Reply send(std::string_view user_name, std::string_view body) {
        return user(user_name, "POST", "/v1/channels/order_1/messages", body);
    }
};

HttpRequest plain(std::string_view method, std::string_view target) {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.remote_address = "192.0.2.1";
    return request;
}

void check_error(const Reply& reply, int status, std::string_view code, std::string_view field = "") {
    CAPTURE(reply.text);
    CHECK(reply.status == status);
    CHECK(reply.code() == code);
    CHECK(text_at(reply.body, "error.details.field") == field);
    CHECK(text_at(reply.body, "error.request_id") == reply.header("X-Request-Id"));
    CHECK(reply.header("Content-Type") == "application/json");
    CHECK_FALSE(text_at(reply.body, "error.message").empty());
}

TEST_CASE_FIXTURE(GatewayShop, "users are made, found, listed and brought up to date") {
    const auto made =
        backend("POST", "/v1/users", R"({"external_id":"u/1 ä","name":"Ü","metadata":{"b":1,"a":2}})");
    CHECK(made.status == 201);
    CHECK(text_at(made.body, "external_id") == "u/1 ä");
    CHECK(at(made.body, "avatar_url").is_null());
    CHECK(made.text.find(R"("metadata":{"a":2,"b":1})") != std::string::npos);
    const std::string id = text_at(made.body, "id");
    CHECK(backend("GET", "/v1/users/" + id).text == made.text);
    CHECK(backend("GET", "/v1/users/u%2F1%20%C3%A4").text == made.text);
    check_error(backend("GET", "/v1/users/u"), 404, "NOT_FOUND", "user");

    const auto again = backend("POST", "/v1/users", R"({"external_id":"u/1 ä","name":"Other"})");
    CHECK(again.status == 200);
    CHECK(text_at(again.body, "id") == id);
    CHECK(text_at(again.body, "name") == "Other");

    const auto first = backend("GET", "/v1/users?limit=3");
    CHECK(at(first.body, "users").as_array().size() == 3);
    CHECK(at(first.body, "has_more") == boost::json::value(true));
    const auto second = backend("GET", "/v1/users?limit=3&cursor=" + text_at(first.body, "next_cursor"));
    CHECK(at(second.body, "users").as_array().size() == 1);
    CHECK(at(second.body, "has_more") == boost::json::value(false));
    CHECK(at(second.body, "next_cursor").is_null());
}

TEST_CASE_FIXTURE(GatewayShop, "a message is sent once, however often it is asked for") {
    const auto sent = send("alice", R"({"content":"Halo","idempotency_key":"k1"})");
    CHECK(sent.status == 201);
    CHECK(number_at(sent.body, "seq") == 1);
    CHECK(text_at(sent.body, "user.external_id") == "alice");
    CHECK(text_at(sent.body, "idempotency_key") == "k1");
    CHECK(text_at(sent.body, "channel_external_id") == "order_1");
    CHECK(at(sent.body, "reactions").as_array().empty());
    CHECK_FALSE(sent.body.as_object().contains("mentions"));
    CHECK_FALSE(sent.body.as_object().contains("parent_id"));
    const auto again = send("alice", R"({"content":"Halo","idempotency_key":"k1"})");
    CHECK(again.status == 200);
    CHECK(again.text == sent.text);
    check_error(send("alice", R"({"content":"Other","idempotency_key":"k1"})"), 409, "CONFLICT",
                "idempotency_key");

    // The key is the author's alone.
    const auto seen = user("bob", "GET", "/v1/channels/order_1/messages");
    CHECK(seen.text.find("idempotency_key") == std::string::npos);
    CHECK(user("alice", "GET", "/v1/channels/order_1/messages").text.find(R"("idempotency_key":"k1")") !=
          std::string::npos);
    CHECK(backend("GET", "/v1/channels/order_1/messages").text.find("idempotency_key") == std::string::npos);
}

TEST_CASE_FIXTURE(GatewayShop, "texts come back as they were sent, however naughty") {
    const auto path = test::test_data("torture/blns.json");
    if (!path) return;
    std::ifstream file(*path);
    const auto strings = boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    int sent_count = 0;
    for (const auto& each : strings.as_array()) {
        const std::string body = boost::json::serialize(each);
        const auto sent = send("alice", R"({"content":)" + body + R"(,"metadata":{"m":)" + body + "}}");
        CAPTURE(body);
        if (each.as_string().empty()) {
            check_error(sent, 400, "VALIDATION_ERROR", "content");
            continue;
        }
        ++sent_count;
        CHECK(sent.status == 201);
        CHECK(at(sent.body, "content") == each);
        CHECK(at(sent.body, "metadata.m") == each);
    }
    CHECK(sent_count > 500);
    check_error(send("alice", R"({"content":")" + std::string(8193, 'x') + R"("})"), 413, "PAYLOAD_TOO_LARGE",
                "content");
    CHECK(number_at(user("alice", "GET", "/v1/channels/order_1/messages?limit=1").body, "messages.0.seq") ==
          sent_count);
}

TEST_CASE_FIXTURE(GatewayShop, "history is paged by cursors in both directions") {
    for (int i = 1; i <= 7; ++i) CHECK(send("alice", R"({"content":"m"})").status == 201);
    const auto seqs = [](const Reply& reply) {
        std::vector<std::int64_t> found;
        for (const auto& message : list_at(reply.body, "messages"))
            found.push_back(number_at(message, "seq"));
        return found;
    };
    using List = std::vector<std::int64_t>;
    const std::string path = "/v1/channels/order_1/messages";
    auto page = user("bob", "GET", path + "?limit=3");
    CHECK(seqs(page) == List{7, 6, 5});
    CHECK_FALSE(text_at(page.body, "epoch").empty());
    CHECK(number_at(page.body, "rev") == 8);
    page = user("bob", "GET", path + "?limit=3&cursor=" + text_at(page.body, "next_cursor"));
    CHECK(seqs(page) == List{4, 3, 2});
    page = user("bob", "GET", path + "?limit=3&cursor=" + text_at(page.body, "next_cursor"));
    CHECK(seqs(page) == List{1});
    CHECK(at(page.body, "next_cursor").is_null());
    page = user("bob", "GET", path + "?limit=3&after=seq:2");
    CHECK(seqs(page) == List{5, 4, 3});
    page = user("bob", "GET", path + "?limit=3&cursor=" + text_at(page.body, "next_cursor"));
    CHECK(seqs(page) == List{7, 6});
    CHECK(at(page.body, "next_cursor").is_null());
    check_error(user("bob", "GET", path + "?limit=101"), 400, "VALIDATION_ERROR", "limit");
    check_error(user("bob", "GET", path + "?limit=x"), 400, "VALIDATION_ERROR", "limit");
}

TEST_CASE_FIXTURE(GatewayShop, "who is not let in is told why") {
    check_error(request(plain("GET", "/v1/me")), 401, "UNAUTHORIZED");
    CHECK(request(plain("GET", "/v1/me")).header("WWW-Authenticate") == "Bearer");
    const auto with = [&](std::string authorization) {
        HttpRequest made = plain("GET", "/v1/workspace");
        made.headers.push_back({"Authorization", std::move(authorization)});
        return request(std::move(made));
    };
    check_error(with("Basic abc"), 401, "UNAUTHORIZED");
    check_error(with("Bearer "), 401, "UNAUTHORIZED");
    check_error(with("Bearer nonsense"), 401, "UNAUTHORIZED");
    check_error(with("Bearer pk_live_x:sk_y"), 401, "UNAUTHORIZED");
    check_error(with("Bearer " + workspace().api_key + ":sk_wrong"), 401, "UNAUTHORIZED");
    check_error(with("Bearer :"), 401, "UNAUTHORIZED");
    CHECK(with("bearer  " + workspace().api_key + ":" + workspace().api_secret).status == 200);
    check_error(user("alice", "GET", "/v1/users"), 403, "FORBIDDEN");
    check_error(backend("GET", "/v1/me"), 403, "FORBIDDEN");
    check_error(user("eve", "GET", "/v1/channels/order_1/messages"), 403, "NOT_A_MEMBER");
    check_error(user("bob", "PATCH", "/v1/channels/order_1", R"({"name":"x"})"), 403, "NOT_ADMIN");
}

TEST_CASE_FIXTURE(GatewayShop, "an expired token says so") {
    const std::string old_token = token("alice");
    clock().advance(std::chrono::hours(2));
    HttpRequest made = plain("GET", "/v1/me");
    made.headers.push_back({"Authorization", "Bearer " + old_token});
    const auto reply = request(std::move(made));
    CHECK(reply.status == 401);
    CHECK(text_at(reply.body, "error.details.reason") == "expired");
}

TEST_CASE_FIXTURE(GatewayShop, "another workspace's things do not exist, its keys and tokens open only its own") {
    auto other = engine().run(Caller::host(), CreateWorkspace{.name = "Other"});
    REQUIRE(other);
    const auto as_other = [&](std::string_view method, std::string_view target) {
        HttpRequest made = plain(method, target);
        made.headers.push_back({"Authorization", "Bearer " + other->api_key + ":" + other->api_secret});
        return request(std::move(made));
    };
    check_error(as_other("GET", "/v1/users/" + user_id("alice")), 404, "NOT_FOUND", "user");
    check_error(as_other("GET", "/v1/channels/" + channel_id("order_1")), 404, "NOT_FOUND");
    CHECK(at(as_other("GET", "/v1/users").body, "users").as_array().empty());
    // A token that names the other workspace for a user of ours.
    const auto alice = engine().run(Caller::backend(workspace().id), GetUser{.user = "alice"});
    REQUIRE(alice);
    HttpRequest made = plain("GET", "/v1/me");
    made.headers.push_back(
        {"Authorization", "Bearer " + gateway().issue_token(other->id, *alice, std::chrono::hours(1))});
    check_error(request(std::move(made)), 401, "UNAUTHORIZED");
}

TEST_CASE_FIXTURE(GatewayShop, "tokens are made for users and work") {
    const auto made = backend("POST", "/v1/auth/token", R"({"user_id":"alice","ttl_seconds":60})");
    CHECK(made.status == 200);
    HttpRequest me = plain("GET", "/v1/me");
    me.headers.push_back({"Authorization", "Bearer " + text_at(made.body, "token")});
    const auto reply = request(std::move(me));
    CHECK(reply.status == 200);
    CHECK(text_at(reply.body, "external_id") == "alice");
    CHECK(number_at(reply.body, "unread_total") == 0);
    const auto expires = Timestamp::parse(text_at(made.body, "expires_at"));
    REQUIRE(expires);
    CHECK(expires->milliseconds / 1000 == clock().now().milliseconds / 1000 + 60);

    CHECK(backend("POST", "/v1/users/alice/tokens").status == 200);
    CHECK(backend("POST", "/v1/users/" + user_id("alice") + "/tokens", "{}").status == 200);
    // Only the external id counts here.
    check_error(backend("POST", "/v1/auth/token", R"({"user_id":")" + user_id("alice") + R"("})"), 404,
                "NOT_FOUND");
    check_error(backend("POST", "/v1/auth/token", R"({"user_id":"nobody"})"), 404, "NOT_FOUND", "user");
    check_error(backend("POST", "/v1/auth/token", "{}"), 400, "VALIDATION_ERROR", "user_id");
    check_error(user("alice", "POST", "/v1/auth/token", R"({"user_id":"bob"})"), 403, "FORBIDDEN");
}

TEST_CASE_FIXTURE(GatewayShop, "bodies that are not what they should be") {
    const auto post = [&](std::string type, std::string body) {
        HttpRequest made = plain("POST", "/v1/users");
        made.headers.push_back(
            {"Authorization", "Bearer " + workspace().api_key + ":" + workspace().api_secret});
        if (!type.empty()) made.headers.push_back({"Content-Type", std::move(type)});
        made.body = std::move(body);
        return request(std::move(made));
    };
    const std::string good = R"({"external_id":"x","name":"X"})";
    CHECK(post("application/json; charset=utf-8", good).status == 201);
    check_error(post("text/plain", good), 415, "UNSUPPORTED_MEDIA_TYPE");
    check_error(post("", good), 415, "UNSUPPORTED_MEDIA_TYPE");
    check_error(post("application/json", "{"), 400, "VALIDATION_ERROR");
    check_error(post("application/json", "[]"), 400, "VALIDATION_ERROR");
    check_error(post("application/json", good + "x"), 400, "VALIDATION_ERROR");
    check_error(post("application/json", R"({"external_id":"x","external_id":"y","name":"X"})"), 400,
                "VALIDATION_ERROR");
    check_error(post("application/json", R"({"external_id":"x\u0000","name":"X"})"), 400, "VALIDATION_ERROR");
    check_error(post("application/json", "{\"external_id\":\"\xff\",\"name\":\"X\"}"), 400,
                "VALIDATION_ERROR");
    check_error(post("application/json", ""), 400, "VALIDATION_ERROR", "external_id");
    check_error(post("", ""), 400, "VALIDATION_ERROR", "external_id");
    check_error(post("application/json", R"({"external_id":7,"name":"X"})"), 400, "VALIDATION_ERROR",
                "external_id");
    const auto long_name =
        post("application/json", R"({"external_id":"x","name":")" + std::string(256, 'n') + R"("})");
    check_error(long_name, 400, "VALIDATION_ERROR", "name");
    CHECK(number_at(long_name.body, "error.details.limit") == 255);
}

TEST_CASE_FIXTURE(GatewayShop, "paths and methods that are not there") {
    check_error(backend("GET", "/v1/nothing"), 404, "NOT_FOUND");
    check_error(request(plain("GET", "/v1/nothing")), 404, "NOT_FOUND");
    check_error(request(plain("GET", "/v1/users/%zz")), 400, "VALIDATION_ERROR");
    const auto wrong = request(plain("PUT", "/v1/users"));
    check_error(wrong, 405, "METHOD_NOT_ALLOWED");
    CHECK(wrong.header("Allow") == "POST, GET, HEAD, OPTIONS");
    const auto options = request(plain("OPTIONS", "/v1/users"));
    CHECK(options.status == 204);
    CHECK(options.header("Allow") == "POST, GET, HEAD, OPTIONS");
    check_error(request(plain("OPTIONS", "/v1/nothing")), 404, "NOT_FOUND");
    CHECK(backend("HEAD", "/v1/users").status == 200);
    const auto socket = request(plain("GET", "/v1/ws"));
    check_error(socket, 426, "VALIDATION_ERROR");
    CHECK(socket.header("Upgrade") == "websocket");
}

TEST_CASE_FIXTURE(GatewayShop, "a request keeps a sane id and loses any other") {
    const auto id_for = [&](std::string given) {
        HttpRequest made = plain("GET", "/healthz");
        made.headers.push_back({"x-request-id", std::move(given)});
        return std::string(request(std::move(made)).header("X-Request-Id"));
    };
    CHECK(id_for("abc-1_2.3") == "abc-1_2.3");
    CHECK(Uuid::parse(id_for("")));
    CHECK(Uuid::parse(id_for("a b")));
    CHECK(Uuid::parse(id_for("a\r\nSet-Cookie: x")));
    CHECK(Uuid::parse(id_for(std::string(129, 'a'))));
}

TEST_CASE_FIXTURE(GatewayShop, "leaving answers nothing, member calls answer the members") {
    const auto added = backend("POST", "/v1/channels/order_1/members", R"({"external_ids":["eve","bob"]})");
    CHECK(added.status == 200);
    CHECK(at(added.body, "members").as_array().size() == 2);
    CHECK(number_at(added.body, "rev") == 2);
    const auto changed = user("alice", "PATCH", "/v1/channels/order_1/members/eve", R"({"role":"admin"})");
    CHECK(changed.status == 200);
    CHECK(text_at(changed.body, "members.0.role") == "admin");
    const auto removed = user("alice", "DELETE", "/v1/channels/order_1/members/bob");
    CHECK(removed.status == 200);
    CHECK(at(removed.body, "members.0.left") == boost::json::value(true));
    CHECK(text_at(removed.body, "members.0.user_id") == user_id("bob"));
    const auto left = user("eve", "DELETE", "/v1/me/channels/order_1");
    CHECK(left.status == 204);
    CHECK(left.text.empty());
    const auto list = user("alice", "GET", "/v1/channels/order_1/members");
    CHECK(at(list.body, "members").as_array().size() == 1);
    CHECK(number_at(list.body, "rev") >= 5);
}

TEST_CASE_FIXTURE(GatewayShop, "my channels show what a list needs") {
    CHECK(backend("POST", "/v1/channels", R"({"type":"direct","member_external_ids":["alice","bob"]})")
              .status == 201);
    CHECK(backend("POST", "/v1/channels", R"({"type":"direct","member_external_ids":["bob","alice"]})")
              .status == 200);
    clock().advance(std::chrono::seconds(1));
    CHECK(send("bob", R"({"content":"Halo @alice","mentions":["alice"]})").status == 201);
    const auto list = user("alice", "GET", "/v1/me/channels");
    REQUIRE(at(list.body, "channels").as_array().size() == 2);
    CHECK(text_at(list.body, "channels.0.channel.external_id") == "order_1");
    CHECK(text_at(list.body, "channels.0.last_message.content") == "Halo @alice");
    CHECK(text_at(list.body, "channels.0.role") == "admin");
    CHECK(number_at(list.body, "channels.0.unread_count") == 1);
    CHECK(number_at(list.body, "channels.0.mention_count") == 1);
    CHECK(at(list.body, "channels.0.members").as_array().size() == 2);
    CHECK(text_at(list.body, "channels.1.channel.type") == "direct");
    CHECK(text_at(list.body, "channels.1.peer.external_id") == "bob");
    CHECK(at(list.body, "channels.1.last_message").is_null());

    const auto read = user("alice", "POST", "/v1/channels/order_1/read");
    CHECK(read.status == 200);
    CHECK(number_at(read.body, "unread_count") == 0);
    CHECK(number_at(read.body, "receipt.last_read_seq") == 1);
    CHECK(number_at(read.body, "receipt_rev") == 1);
    const auto muted = user("alice", "PATCH", "/v1/me/channels/order_1", R"({"muted":true})");
    CHECK(at(muted.body, "muted") == boost::json::value(true));
}

TEST_CASE_FIXTURE(GatewayShop, "changes are state since a revision") {
    CHECK(send("alice", R"({"content":"1"})").status == 201);
    const std::string path = "/v1/channels/" + channel_id("order_1") + "/changes";
    const auto all = user("bob", "GET", path);
    CHECK(all.status == 200);
    CHECK(at(all.body, "reset") == boost::json::value(false));
    CHECK(number_at(all.body, "rev") == 2);
    CHECK(at(all.body, "messages").as_array().size() == 1);
    CHECK(at(all.body, "members").as_array().size() == 2);
    const std::string epoch = text_at(all.body, "epoch");
    const auto none = user("bob", "GET", path + "?since=2&receipts_since=0&epoch=" + epoch);
    CHECK(at(none.body, "messages").as_array().empty());
    CHECK_FALSE(none.body.as_object().contains("channel"));
    const auto other_epoch = user("bob", "GET", path + "?since=2&epoch=other");
    CHECK(at(other_epoch.body, "reset") == boost::json::value(true));
    check_error(user("bob", "GET", "/v1/channels/order_1/changes"), 400, "VALIDATION_ERROR", "channel");
    check_error(user("bob", "GET", path + "?since=-1"), 400, "VALIDATION_ERROR", "since");
    check_error(user("eve", "GET", path), 403, "NOT_A_MEMBER");
}

TEST_CASE_FIXTURE(GatewayShop, "the open paths") {
    CHECK(request(plain("GET", "/healthz")).text == R"({"status":"ok"})");
    CHECK(request(plain("GET", "/readyz")).status == 200);
    const auto metrics = request(plain("GET", "/metrics"));
    CHECK(metrics.text.find("cariosan_commits_total ") != std::string::npos);
    CHECK(metrics.header("Content-Type").starts_with("text/plain"));
    CHECK(text_at(request(plain("GET", "/openapi.json")).body, "openapi") == "3.1.0");
    check_error(request(plain("POST", "/healthz")), 405, "METHOD_NOT_ALLOWED");
    gateway().drain(std::chrono::milliseconds(10));
    check_error(request(plain("GET", "/readyz")), 503, "UNAVAILABLE");
    CHECK(request(plain("GET", "/readyz")).header("Retry-After") == "1");
}

TEST_CASE("metrics can be guarded, and a host has paths of its own") {
    GatewayOptions options;
    options.metrics_token = "scrape me";
    options.fallback = [](const HttpRequest& request) -> std::optional<HttpResponse> {
        if (request.target != "/") return std::nullopt;
        return HttpResponse{.status = 200, .headers = {{"Content-Type", "text/html"}}, .body = "<p>"};
    };
    GatewayWorld world({.gateway = std::move(options), .limits = {}});
    CHECK(world.request(plain("GET", "/metrics")).status == 401);
    HttpRequest scrape = plain("GET", "/metrics");
    scrape.headers.push_back({"Authorization", "Bearer scrape me"});
    CHECK(world.request(std::move(scrape)).status == 200);
    CHECK(world.request(plain("GET", "/")).text == "<p>");
    CHECK(world.request(plain("GET", "/other")).status == 404);
    CHECK(world.request(plain("POST", "/")).status == 404);
}

TEST_CASE("pages of other origins get CORS headers where they are listed") {
    GatewayOptions options;
    options.allowed_origins = {"https://app.example"};
    GatewayWorld world({.gateway = std::move(options), .limits = {}});
    HttpRequest preflight = plain("OPTIONS", "/v1/channels/c/messages");
    preflight.headers = {{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "POST"}};
    const auto allowed = world.request(preflight);
    CHECK(allowed.status == 204);
    CHECK(allowed.header("Access-Control-Allow-Origin") == "https://app.example");
    CHECK(allowed.header("Access-Control-Allow-Methods").find("POST") != std::string_view::npos);
    CHECK(allowed.header("Access-Control-Allow-Headers").find("Authorization") != std::string_view::npos);
    preflight.headers[0].value = "https://evil.example";
    const auto refused = world.request(preflight);
    CHECK(refused.header("Access-Control-Allow-Origin").empty());
    // Errors too must be readable by the page.
    HttpRequest plain_request = plain("GET", "/v1/me");
    plain_request.headers.push_back({"Origin", "https://app.example"});
    CHECK(world.request(std::move(plain_request)).header("Access-Control-Allow-Origin") ==
          "https://app.example");
}

TEST_CASE("rates are kept, and said") {
    GatewayOptions options;
    options.backend_requests_per_second = 5;
    GatewayWorld world({.gateway = std::move(options), .limits = {}, .rates = {}});
    for (int i = 0; i < 10; ++i) CHECK(world.backend("GET", "/v1/workspace").status == 200);
    const auto limited = world.backend("GET", "/v1/workspace");
    check_error(limited, 429, "RATE_LIMITED");
    CHECK(limited.header("Retry-After") == "1");
    CHECK(limited.header("RateLimit-Limit") == "10");
    CHECK(limited.header("RateLimit-Remaining") == "0");
    CHECK(limited.header("RateLimit-Reset") == "1");
    CHECK(number_at(limited.body, "error.details.retry_after_ms") == 200);
    CHECK(at(limited.body, "error.retryable") == boost::json::value(true));
    world.clock().advance(std::chrono::milliseconds(200));
    CHECK(world.backend("GET", "/v1/workspace").status == 200);
}

TEST_CASE("who fails too often is not asked any more") {
    GatewayWorld world({.gateway = {}, .limits = {}, .rates = {}});
    const auto try_key = [&](std::string secret, std::string address) {
        HttpRequest made = plain("GET", "/v1/workspace");
        made.remote_address = std::move(address);
        made.headers.push_back(
            {"Authorization", "Bearer " + world.workspace().api_key + ":" + std::move(secret)});
        return world.request(std::move(made)).status;
    };
    for (int i = 0; i < 20; ++i) CHECK(try_key("wrong", "198.51.100.1") == 401);
    CHECK(try_key("wrong", "198.51.100.1") == 429);
    CHECK(try_key(world.workspace().api_secret, "198.51.100.1") == 429);
    CHECK(try_key(world.workspace().api_secret, "198.51.100.2") == 200);
    // Known by now, the key needs no look into storage.
    CHECK(try_key(world.workspace().api_secret, "198.51.100.1") == 200);
    world.clock().advance(std::chrono::seconds(10));
    CHECK(try_key(world.workspace().api_secret, "198.51.100.1") == 200);
}

TEST_CASE_FIXTURE(GatewayShop, "a withdrawn key ends within five seconds") {
    CHECK(backend("GET", "/v1/workspace").status == 200);
    auto rotated = engine().run(Caller::host(), RotateSecret{.workspace = workspace().id});
    REQUIRE(rotated);
    clock().advance(std::chrono::seconds(5));
    check_error(backend("GET", "/v1/workspace"), 401, "UNAUTHORIZED");
}

TEST_CASE_FIXTURE(GatewayShop, "the host calls commands by name") {
    const auto call = [&](const Caller& caller, std::string_view name, std::string_view json) {
        std::promise<Result<std::string>> promise;
        auto future = promise.get_future();
        gateway().call(caller, name, json,
                       [&](Result<std::string> answer) { promise.set_value(std::move(answer)); });
        return future.get();
    };
    const auto made = call(Caller::host(), "workspace.create", R"({"name":"New","test":true})");
    REQUIRE(made);
    CHECK(text_at(boost::json::parse(*made), "api_key").starts_with("pk_test_"));
    CHECK(call(Caller::host(), "workspace.list", "")->find("New") != std::string::npos);
    const auto sent = call(Caller::user(workspace().id, "alice"), "message.send",
                           R"({"channel":"order_1","content":"Halo","idempotency_key":"k"})");
    REQUIRE(sent);
    CHECK(text_at(boost::json::parse(*sent), "idempotency_key") == "k");
    CHECK(call(Caller::backend(workspace().id), "user.token", R"({"user":"alice"})"));
    CHECK(*call(Caller::backend(workspace().id), "channel.delete", R"({"channel":"order_1"})") == "");
    CHECK(call(Caller::host(), "nothing", "{}").error().code == ErrorCode::not_found);
    CHECK(call(Caller::host(), "user.list", "{}").error().code == ErrorCode::forbidden);
    CHECK(call(Caller::host(), "workspace.create", "[]").error().code == ErrorCode::validation_error);
    CHECK(call(Caller::host(), "workspace.create", "{").error().code == ErrorCode::validation_error);
    CHECK(call(Caller::host(), "workspace.create", "{}").error().code == ErrorCode::validation_error);
}

TEST_CASE("bad options are refused") {
    GatewayWorld world;
    const auto refused = [&](auto change) {
        GatewayOptions options;
        options.jwt_secret = std::string(32, 's');
        change(options);
        const auto made = Gateway::create(world.engine(), std::move(options));
        return !made && made.error().code == ErrorCode::misuse;
    };
    CHECK(refused([](GatewayOptions&) {}));  // there is one already
    CHECK(refused([](GatewayOptions& options) { options.jwt_secret = "short"; }));
    CHECK(refused([](GatewayOptions& options) { options.jwt_secret_previous = "short"; }));
    CHECK(refused([](GatewayOptions& options) { options.trusted_proxies = {"nonsense"}; }));
    CHECK(refused([](GatewayOptions& options) { options.jwt_ttl = std::chrono::seconds(0); }));
    CHECK(refused([](GatewayOptions& options) { options.max_connections_per_user = 0; }));
}

}  // namespace
}  // namespace cariosan
