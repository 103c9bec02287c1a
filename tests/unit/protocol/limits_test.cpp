// Every limit of section 3.4 that a client or a backend can exceed through the gateway, with default and other values: the
// text of the refusal names the one in force.
#include <doctest/doctest.h>

#include <boost/json/value.hpp>
#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/commands/command_table.hpp"
#include "unit/fake_attachments.hpp"
#include "unit/protocol/gateway_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

std::string chars(std::int64_t count, char each = 'x') { return std::string(static_cast<std::size_t>(count), each); }

/// A JSON array of this many strings, each with its number.
std::string names(std::int64_t count, std::string_view prefix = "u") {
    std::string out = "[";
    for (std::int64_t i = 0; i < count; ++i) out += (i > 0 ? "," : "") + json_string(std::string(prefix) + std::to_string(i));
    return out + "]";
}

/// A JSON array of this many spans, one after another.
std::string spans(std::int64_t count) {
    std::string out = "[";
    for (std::int64_t i = 0; i < count; ++i) out += (i > 0 ? ",[" : "[") + std::to_string(i) + ",1]";
    return out + "]";
}

std::string nested_object(std::int64_t depth) {
    std::string out;
    for (std::int64_t i = 1; i < depth; ++i) out += R"({"a":)";
    return out + "{}" + chars(depth - 1, '}');
}

/// An object whose canonical text has this many bytes.
std::string object_of(std::int64_t bytes) { return R"({"a":")" + chars(bytes - 8) + "\"}"; }

/// All different from the defaults and from each other.
Limits other_limits() {
    Limits limits;
    limits.message_bytes = 71;
    limits.mentions = 3;
    limits.mention_spans = 8;
    limits.emoji_bytes = 11;
    limits.metadata_bytes = 61;
    limits.metadata_depth = 2;
    limits.name_bytes = 13;
    limits.external_id_bytes = 17;
    limits.idempotency_key_bytes = 19;
    limits.url_bytes = 41;
    limits.page = 57;
    limits.attachment_bytes = 29;
    limits.members_per_call = 6;
    limits.presence_users = 5;
    limits.blocklist_terms = 7;
    limits.blocklist_term_code_points = 9;
    limits.query_bytes = 31;
    limits.query_terms = 4;
    limits.members_shown = 12;
    return limits;
}

struct LimitCase {
    std::string what;
    std::int64_t limit = 0;
    std::function<Reply(GatewayShop&, std::int64_t)> ask;  ///< requests this many, this large, this long
    std::string said;                                      ///< how the text must state the number
};

LimitCase of_user(std::string what, std::int64_t limit, std::string_view unit, std::string method, std::string target,
                  std::function<std::string(std::int64_t)> body) {
    return {std::move(what), limit,
            [=](GatewayShop& shop, std::int64_t size) { return shop.user("alice", method, target, body(size)); },
            "at most " + std::to_string(limit) + std::string(unit)};
}

LimitCase of_backend(std::string what, std::int64_t limit, std::string_view unit, std::string method, std::string target,
                     std::function<std::string(std::int64_t)> body) {
    return {std::move(what), limit,
            [=](GatewayShop& shop, std::int64_t size) { return shop.backend(method, target, body(size)); },
            "at most " + std::to_string(limit) + std::string(unit)};
}

LimitCase of_query(std::string what, std::int64_t limit, std::string_view unit, std::function<std::string(std::int64_t)> target) {
    return {std::move(what), limit,
            [=](GatewayShop& shop, std::int64_t size) { return shop.user("alice", "GET", target(size)); },
            "at most " + std::to_string(limit) + std::string(unit)};
}

std::vector<LimitCase> limit_cases(const Limits& limits) {
    const std::string messages = "/v1/channels/order_1/messages";
    const auto metadata = [](const std::string& value) { return R"({"content":"x","metadata":)" + value + "}"; };
    const auto terms = [](const std::string& value) { return R"({"moderation":{"blocklist":)" + value + "}}"; };
    const auto user_with = [](std::string_view fields) { return R"({"external_id":"new",)" + std::string(fields) + "}"; };
    return {
        of_user("content", limits.message_bytes, " bytes", "POST", messages,
                [](auto size) { return R"({"content":")" + chars(size) + "\"}"; }),
        of_user("mentions", limits.mentions, " users", "POST", messages,
                [](auto size) { return R"({"content":"x","mentions":)" + names(size) + "}"; }),
        of_user("mentions", limits.mention_spans, " spans", "POST", messages,
                [](auto size) { return R"({"content":")" + chars(size) + R"(","mentions":[{"user":"budi","spans":)" + spans(size) + "}]}"; }),
        of_user("idempotency_key", limits.idempotency_key_bytes, " bytes", "POST", messages,
                [](auto size) { return R"({"content":"x","idempotency_key":")" + chars(size) + "\"}"; }),
        of_user("metadata", limits.metadata_bytes, " bytes", "POST", messages, [=](auto size) { return metadata(object_of(size)); }),
        of_user("metadata", limits.metadata_depth, " levels", "POST", messages,
                [=](auto size) { return metadata(nested_object(size)); }),
        of_user("emoji", limits.emoji_bytes, " bytes", "POST", messages + "/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/reactions",
                [](auto size) { return R"({"emoji":")" + chars(size) + "\"}"; }),
        of_user("size_bytes", limits.attachment_bytes, "", "POST", "/v1/attachments/presign",
                [](auto size) {
                    return R"({"filename":"a.png","content_type":"image/png","size_bytes":)" + std::to_string(size) + "}";
                }),
        of_backend("name", limits.name_bytes, " bytes", "POST", "/v1/users",
                   [=](auto size) { return user_with(R"("name":")" + chars(size) + "\""); }),
        of_backend("external_id", limits.external_id_bytes, " bytes", "POST", "/v1/users",
                   [](auto size) { return R"({"name":"N","external_id":")" + chars(size) + "\"}"; }),
        of_backend("avatar_url", limits.url_bytes, " bytes", "POST", "/v1/users",
                   [=](auto size) { return user_with(R"("name":"N","avatar_url":"https://a.example/)" + chars(size - 18) + "\""); }),
        of_backend("member_external_ids", limits.members_per_call, " users", "POST", "/v1/channels",
                   [](auto size) { return R"({"type":"group","external_id":"g","member_external_ids":)" + names(size) + "}"; }),
        of_backend("external_ids", limits.members_per_call, " users", "POST", "/v1/channels/order_1/members",
                   [](auto size) { return R"({"external_ids":)" + names(size) + "}"; }),
        of_backend("moderation.blocklist", limits.blocklist_terms, " terms", "PATCH", "/v1/workspace",
                   [=](auto size) { return terms(names(size)); }),
        of_backend("moderation.blocklist", limits.blocklist_term_code_points, " code points", "PATCH", "/v1/workspace",
                   [=](auto size) { return terms("[\"" + chars(size) + "\"]"); }),
        of_backend("ttl_seconds", 31'536'000, " seconds", "POST", "/v1/users/alice/tokens",
                   [](auto size) { return R"({"ttl_seconds":)" + std::to_string(size) + "}"; }),
        of_query("limit", limits.page, "", [=](auto size) { return messages + "?limit=" + std::to_string(size); }),
        of_query("members", limits.members_shown, "", [](auto size) { return "/v1/me/channels?members=" + std::to_string(size); }),
        of_query("q", limits.query_bytes, " bytes", [](auto size) { return "/v1/search?q=" + chars(size); }),
        of_query("q", limits.query_terms, " words and phrases",
                 [](auto size) {
                     std::string q;
                     for (std::int64_t i = 0; i < size; ++i) q += (i > 0 ? "+a" : "a") + std::to_string(i);
                     return "/v1/search?q=" + q;
                 }),
        of_query("users", limits.presence_users, " users",
                 [](auto size) {
                     std::string users;
                     for (std::int64_t i = 0; i < size; ++i) users += (i > 0 ? ",u" : "u") + std::to_string(i);
                     return "/v1/presence?users=" + users;
                 }),
        of_query("query", 64, " parameters",
                 [=](auto size) {
                     std::string query = messages + "?";
                     for (std::int64_t i = 0; i < size; ++i) query += (i > 0 ? "&p" : "p") + std::to_string(i) + "=1";
                     return query;
                 }),
    };
}

void check_limits(const Limits& limits) {
    GatewayShop shop({.gateway = {}, .limits = limits, .attachments = std::make_shared<FakeAttachments>()});
    for (const LimitCase& each : limit_cases(limits)) {
        CAPTURE(each.what);
        CAPTURE(each.limit);
        const auto names_limit = [&](const Reply& reply) {
            return reply.status >= 400 && number_at(reply.body, "error.details.limit") == each.limit;
        };
        const Reply within = each.ask(shop, each.limit);
        CAPTURE(within.text);
        CHECK_FALSE(names_limit(within));
        const Reply refused = each.ask(shop, each.limit + 1);
        CAPTURE(refused.text);
        CHECK(names_limit(refused));
        CHECK(refused.status == (each.what == "content" ? 413 : 400));
        CHECK(text_at(refused.body, "error.details.field") == each.what);
        const std::string message = text_at(refused.body, "error.message");
        CHECK(message.ends_with(each.said));
        CHECK(at(refused.body, "error.retryable") == boost::json::value(false));
    }
}

TEST_CASE("a refusal names the limit in its text, with the defaults") { check_limits({}); }

TEST_CASE("a refusal names the configured limit") { check_limits(other_limits()); }

TEST_CASE("a refusal because of a maximum number names it in its text") {
    Limits limits;
    limits.emoji_per_message = 1;
    limits.members_per_channel = 2;
    limits.memberships_per_user = 1;
    limits.blocks_per_user = 1;
    limits.webhooks_per_workspace = 1;
    GatewayShop shop({.gateway = {}, .limits = limits});
    const auto check = [](const Reply& refused, std::string_view field, std::int64_t limit, std::string_view said) {
        check_error(refused, 400, "VALIDATION_ERROR", field);
        CHECK(number_at(refused.body, "error.details.limit") == limit);
        CHECK(text_at(refused.body, "error.message") == said);
    };
    check(shop.backend("POST", "/v1/channels/order_1/members", R"({"external_ids":["eve"]})"), "external_ids", 2,
          "too many members: a channel may have at most 2");
    check(shop.backend("POST", "/v1/channels", R"({"type":"group","external_id":"g","member_external_ids":["bob"]})"),
          "member_external_ids", 1, "too many memberships: a user may have at most 1");
    CHECK(shop.user("alice", "PUT", "/v1/me/blocks/eve").status == 200);
    check(shop.user("alice", "PUT", "/v1/me/blocks/bob"), "user", 1, "too many blocked users: a user may have at most 1");
    const auto hook = R"({"url":"https://hooks.example/","events":["message.created"]})";
    CHECK(shop.backend("POST", "/v1/webhooks", hook).status == 201);
    check(shop.backend("POST", "/v1/webhooks", hook), "url", 1, "too many webhooks: a workspace may have at most 1");
    const std::string message = text_at(shop.send("alice", R"({"content":"x"})").body, "id");
    const std::string reactions = "/v1/channels/order_1/messages/" + message + "/reactions";
    CHECK(shop.user("alice", "POST", reactions, R"({"emoji":"👍"})").status == 200);
    check(shop.user("bob", "POST", reactions, R"({"emoji":"🎉"})"), "emoji", 1,
          "too many different emoji: a message may have at most 1");
    CHECK(shop.backend("PATCH", "/v1/workspace", R"({"edit_window_seconds":5})").status == 200);
    shop.clock().advance(std::chrono::seconds(6));
    const Reply late = shop.user("alice", "PATCH", "/v1/channels/order_1/messages/" + message, R"({"content":"y"})");
    CHECK(late.status == 422);
    CHECK(text_at(late.body, "error.message") == "the message is too old to be edited: at most 5 seconds");
}

TEST_CASE("a list without a limit in the request uses an allowed one, however small pages are") {
    Limits limits;
    limits.page = 2;
    GatewayShop shop({.gateway = {}, .limits = limits});
    const WorkspaceId workspace = shop.workspace().id;
    const auto posted = [&](std::string_view target, std::string_view body) { return shop.backend("POST", target, body).body; };
    const std::string hook =
        text_at(posted("/v1/webhooks", R"({"url":"https://hooks.example/","events":["message.created"]})"), "id");
    std::string message;
    for (int i = 0; i < 3; ++i) message = text_at(shop.send("alice", R"({"content":"word"})").body, "id");
    const std::string fields = R"({"channel":")" + shop.channel_id("order_1") + R"(","message_id":")" + message + R"(","webhook":")" + hook +
                               R"(","q":"word"})";
    const Caller callers[] = {Caller::user(workspace, "alice"), Caller::backend(workspace), Caller::host()};
    const protocol::CommandTable table;
    int lists = 0;
    for (const protocol::CommandRow& row : table.rows()) {
        if (std::ranges::find(row.fields, "limit", &protocol::Field::name) == row.fields.end()) continue;
        CAPTURE(row.name);
        const auto* const caller =
            std::ranges::find_if(callers, [&](const Caller& each) { return protocol::check_caller(row, each.kind()).ok(); });
        REQUIRE(caller != std::end(callers));
        const auto answer = shop.gateway().run(*caller, row.name, fields);
        CAPTURE((answer ? *answer : answer.error().message));
        CHECK(answer.ok());
        ++lists;
    }
    CHECK(lists == 18);
    CHECK(list_at(shop.user("alice", "GET", "/v1/channels/order_1/messages").body, "messages").size() == 2);
    // A sync reads lists of its own.
    TestClient alice(shop, "alice");
    alice.send(R"({"type":"sync","data":{"complete":true}})");
    (void)alice.next("sync.done");
}

TEST_CASE("my channels show the allowed number of members by default, however small it is") {
    Limits limits;
    limits.members_shown = 1;
    GatewayShop shop({.gateway = {}, .limits = limits});
    const auto shown = [](const Reply& reply, std::string_view path) {
        CAPTURE(reply.text);
        CHECK(reply.status == 200);
        return list_at(reply.body, path).size();
    };
    CHECK(shown(shop.user("alice", "GET", "/v1/me/channels/order_1"), "members") == 1);
    CHECK(shown(shop.user("alice", "PATCH", "/v1/me/channels/order_1", R"({"muted":true})"), "members") == 1);
    CHECK(shown(shop.user("alice", "PATCH", "/v1/me/channels/order_1", R"({"muted":true})"), "members") == 1);
    CHECK(shown(shop.user("alice", "GET", "/v1/me/channels"), "channels") == 1);
}

TEST_CASE("a refusal because of a rate names it in its text") {
    const Rates rates{.sends_per_minute = 2,
                      .writes_per_minute = 3,
                      .reads_per_second = 1,
                      .searches_per_second = 1,
                      .backend_requests_per_second = 40,
                      .failed_logins_per_minute = 2};
    GatewayShop shop({.gateway = {}, .limits = {}, .rates = rates});
    const auto said = [](const std::function<Reply()>& ask) {
        for (int i = 0; i < 100; ++i) {
            const Reply reply = ask();
            if (reply.status == 429) return text_at(reply.body, "error.message");
        }
        return std::string("never refused");
    };
    CHECK(said([&] { return shop.send("alice", R"({"content":"x"})"); }) == "too many messages: at most 2 a minute");
    CHECK(said([&] { return shop.user("alice", "PUT", "/v1/me/blocks/eve"); }) == "too many writes: at most 3 a minute");
    CHECK(said([&] { return shop.user("alice", "GET", "/v1/me"); }) == "too many reads: at most 1 a second, 2 at once");
    CHECK(said([&] { return shop.user("bob", "GET", "/v1/search?q=word"); }) == "too many searches: at most 1 a second, 2 at once");
    CHECK(said([&] { return shop.backend("GET", "/v1/workspace"); }) ==
          "too many requests with this API key: at most 40 a second, 80 at once");
    CHECK(said([&] {
              HttpRequest request = plain("GET", "/v1/me");
              request.headers.push_back({"Authorization", "Bearer no.such.token"});
              return shop.request(std::move(request));
          }) == "too many failed authentications from this address: at most 2 a minute");
}

}  // namespace
}  // namespace cariosan
