// REST through the gateway, on a real engine with SQLite in memory: requests and answers.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <algorithm>
#include <fstream>
#include <future>
#include <iterator>
#include <map>

#include "core/text/visible_text.hpp"
#include "support/test_data.hpp"
#include "unit/protocol/gateway_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

TEST_CASE_FIXTURE(GatewayShop, "users are created, found, listed and updated") {
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

TEST_CASE_FIXTURE(GatewayShop, "a message is sent once, however often it is requested") {
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

    // The key belongs to its author.
    const auto seen = user("bob", "GET", "/v1/channels/order_1/messages");
    CHECK(seen.text.find("idempotency_key") == std::string::npos);
    CHECK(user("alice", "GET", "/v1/channels/order_1/messages").text.find(R"("idempotency_key":"k1")") !=
          std::string::npos);
    CHECK(backend("GET", "/v1/channels/order_1/messages").text.find("idempotency_key") == std::string::npos);
}

TEST_CASE_FIXTURE(GatewayShop, "difficult texts come back as they were sent") {
    const auto path = test::test_data("torture/blns.json");
    if (!path) return;
    std::ifstream file(*path);
    const auto strings = boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    int sent_count = 0;
    for (const auto& each : strings.as_array()) {
        const std::string body = boost::json::serialize(each);
        const auto sent = send("alice", R"({"content":)" + body + R"(,"metadata":{"m":)" + body + "}}");
        CAPTURE(body);
        if (core::shows_nothing({each.as_string().data(), each.as_string().size()})) {
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

TEST_CASE_FIXTURE(GatewayShop, "leaving answers nothing, and calls about members answer with members") {
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

TEST_CASE_FIXTURE(GatewayShop, "my channels contain what a list needs") {
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

TEST_CASE_FIXTURE(GatewayShop, "changes are the state since a revision") {
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
    CHECK(text_at(request(plain("GET", "/asyncapi.json")).body, "asyncapi") == "3.0.0");
    check_error(request(plain("POST", "/healthz")), 405, "METHOD_NOT_ALLOWED");
    gateway().drain(std::chrono::milliseconds(10));
    check_error(request(plain("GET", "/readyz")), 503, "UNAVAILABLE");
    CHECK(request(plain("GET", "/readyz")).header("Retry-After") == "1");
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

namespace {

/// A page ends at 128 KiB, or after a single item.
constexpr std::size_t kPage = 128 * 1024;

}  // namespace

TEST_CASE_FIXTURE(GatewayShop, "a page of any list ends at 128 KiB as it is written") {
    const std::string heavy_name(255, '"');
    const std::string escaped = test::json_string(heavy_name);
    std::vector<std::string> names;
    for (int i = 0; i < 100; ++i) {
        const std::string name = "user" + std::to_string(100 + i);
        const std::string body = R"({"external_id":")" + name + R"(","name":)" + escaped + R"(,"metadata":{"x":")" +
                                 std::string(3000, 'm') + "\"}}";
        REQUIRE(backend("POST", "/v1/users", body).status == 201);
        names.push_back(name);
    }
    names[0] = "alice";
    make_group("large", names);
    std::string mentions;
    for (int i = 1; i <= 50; ++i) mentions += (i > 1 ? ",\"" : "\"") + names[static_cast<std::size_t>(i)] + '"';
    const std::string controls = test::json_string(std::string(7999, '\x01') + "x");
    for (int i = 0; i < 30; ++i) {
        const std::string body = R"({"content":)" + (i % 2 == 0 ? controls : "\"many\"") + R"(,"mentions":[)" + mentions + "]}";
        REQUIRE(user("alice", "POST", "/v1/channels/large/messages", body).status == 201);
    }
    // Returns how many items there are in all, and checks that each page is small enough.
    const auto walk = [&](const auto& ask, const std::string& target, std::string_view list) {
        std::size_t items = 0;
        for (std::string cursor;;) {
            const auto page = ask(target + (cursor.empty() ? "" : "&cursor=" + cursor));
            REQUIRE(page.status == 200);
            CHECK(page.text.size() <= kPage + 300);
            items += list_at(page.body, list).size();
            if (at(page.body, "has_more") != boost::json::value(true)) return items;
            cursor = text_at(page.body, "next_cursor");
        }
    };
    const auto as_backend = [&](const std::string& target) { return backend("GET", target); };
    const auto as_alice = [&](const std::string& target) { return user("alice", "GET", target); };
    CHECK(walk(as_backend, "/v1/users?limit=100", "users") == 103);
    CHECK(walk(as_backend, "/v1/channels/large/members?limit=100", "members") == 100);
    CHECK(walk(as_alice, "/v1/me/channels?limit=100&members=20", "channels") == 2);
    // The index is at most a second behind.
    while (walk(as_alice, "/v1/search?q=many&limit=100", "results") < 15) {
    }
    CHECK(walk(as_alice, "/v1/channels/large/messages?limit=100", "messages") == 30);
    std::size_t messages = 0;
    for (std::int64_t since = 1;;) {
        const auto page = as_alice("/v1/channels/" + channel_id("large") + "/changes?since=" + std::to_string(since) +
                                   "&epoch=" + engine().epoch());
        REQUIRE(page.status == 200);
        CHECK(page.text.size() <= kPage + 2000);
        messages += list_at(page.body, "messages").size();
        since = number_at(page.body, "rev");
        if (at(page.body, "has_more") != boost::json::value(true)) break;
    }
    CHECK(messages == 30);
}

TEST_CASE_FIXTURE(GatewayShop, "the limit of changes is checked and applied") {
    for (int i = 0; i < 5; ++i) REQUIRE(send("alice", R"({"content":"x"})").status == 201);
    const auto changes = [&](std::string_view limit) {
        return user("bob", "GET", "/v1/channels/" + channel_id("order_1") + "/changes?since=1&epoch=" + engine().epoch() +
                                      "&limit=" + std::string(limit));
    };
    for (const std::string_view bad : {"abc", "0", "-1", "101", "1.5", ""}) check_error(changes(bad), 400, "VALIDATION_ERROR", "limit");
    const auto page = changes("2");
    CHECK(list_at(page.body, "messages").size() == 2);
    CHECK(at(page.body, "has_more") == boost::json::value(true));
    CHECK(number_at(page.body, "rev") == 3);
    CHECK(list_at(changes("100").body, "messages").size() == 5);
}

TEST_CASE_FIXTURE(GatewayShop, "a call after closing is answered once, valid or not") {
    REQUIRE(engine().close().ok());
    const auto called = [&](std::string_view name) {
        std::vector<ErrorCode> answers;
        gateway().call(Caller::backend(workspace().id), name, "{}",
                       [&](const Result<std::string>& answer) { answers.push_back(answer.error().code); });
        return answers;
    };
    CHECK(called("workspace.get") == std::vector{ErrorCode::unavailable});
    CHECK(called("no.such.command").size() == 1);
}

TEST_CASE_FIXTURE(GatewayShop, "after a fork the child is refused") {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(60);
        const auto forked = [](const auto& result) { return !result.ok() && result.error().code == ErrorCode::forked; };
        int refused = 0;
        const Caller caller = Caller::backend(workspace().id);
        refused += forked(gateway().run(caller, "workspace.get", "{}")) ? 1 : 0;
        gateway().call(caller, "workspace.get", "{}", [&](const auto& answer) { refused += forked(answer) ? 1 : 0; });
        gateway().call(caller, "no.such.command", "{}", [&](const auto&) { ++refused; });
        gateway().handle(lane(), {}, [&](const HttpResponse& response) { refused += response.status >= 500 ? 1 : 0; });
        gateway().admit(lane(), {}, [&](const UpgradeOutcome& outcome) { refused += outcome.admission ? 0 : 1; });
        refused += gateway().make_lane([] {}) == nullptr ? 1 : 0;
        refused += gateway().issue_token(workspace().id, {}, std::chrono::seconds(1)).empty() ? 1 : 0;
        gateway().drain(std::chrono::seconds(1));
        ::_exit(refused);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE_FIXTURE(GatewayShop, "a user's data is streamed as lines, in as many pages as needed") {
    for (int i = 0; i < 230; ++i) REQUIRE(send("bob", R"({"content":"m","idempotency_key":"k)" + std::to_string(i) + "\"}").status == 201);
    const Reply reply = backend("GET", "/v1/users/bob/export");
    CHECK(reply.header("X-Content-Type-Options") == "nosniff");
    CHECK(reply.status == 200);
    CHECK(reply.header("Content-Type") == "application/x-ndjson");
    CHECK(reply.header("Cache-Control") == "no-store");
    std::map<std::string, int> kinds;
    for (std::size_t begin = 0; begin < reply.text.size();) {
        const std::size_t end = reply.text.find('\n', begin);
        REQUIRE(end != std::string::npos);
        const boost::json::value line = boost::json::parse(reply.text.substr(begin, end - begin));
        ++kinds[text_at(line, "kind")];
        if (text_at(line, "kind") == "message") CHECK(text_at(line, "idempotency_key").starts_with("k"));
        begin = end + 1;
    }
    CHECK(kinds == std::map<std::string, int>{{"user", 1}, {"membership", 1}, {"message", 230}});
    check_error(backend("GET", "/v1/users/nobody/export"), 404, "NOT_FOUND", "user");
    check_error(user("bob", "GET", "/v1/users/bob/export"), 403, "FORBIDDEN");
    check_error(backend("DELETE", "/v1/users/bob?messages=all"), 400, "VALIDATION_ERROR", "messages");
    CHECK(backend("GET", "/v1/users/bob").status == 200);
}

TEST_CASE_FIXTURE(GatewayShop, "no error is cached, and no browser sniffs JSON") {
    const auto check = [](const Reply& reply, int status) {
        CAPTURE(reply.text);
        CHECK(reply.status == status);
        CHECK(reply.header("X-Content-Type-Options") == "nosniff");
        return reply.header("Cache-Control") == "no-store";
    };
    CHECK(check(backend("GET", "/v1/users/bob"), 200));
    CHECK(check(backend("GET", "/v1/users/nobody"), 404));
    CHECK(check(backend("GET", "/v1/nowhere"), 404));
    CHECK(check(backend("PUT", "/v1/users"), 405));
    CHECK(check(backend("POST", "/v1/users", "{"), 400));
    check(backend("GET", "/healthz"), 200);
    check(backend("GET", "/openapi.json"), 200);
    for (const ErrorCode code : {ErrorCode::payload_too_large, ErrorCode::headers_too_large, ErrorCode::rate_limited,
                                 ErrorCode::unauthorized, ErrorCode::unavailable}) {
        const HttpResponse response = gateway().refuse(Error(code, "no"), HttpRequest{});
        CAPTURE(response.status);
        const auto has = [&](std::string_view name, std::string_view value) {
            return std::count_if(response.headers.begin(), response.headers.end(), [&](const HttpHeader& header) {
                       return header.name == name && header.value == value;
                   }) == 1;
        };
        CHECK(has("Cache-Control", "no-store"));
        CHECK(has("X-Content-Type-Options", "nosniff"));
    }
}

}  // namespace
}  // namespace cariosan
