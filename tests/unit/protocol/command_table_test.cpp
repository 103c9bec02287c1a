#include "protocol/commands/command_table.hpp"

#include <doctest/doctest.h>

#include <set>

#include "core/permissions.hpp"
#include "protocol/json/json_reader.hpp"
#include "protocol/rest/router.hpp"

namespace cariosan::protocol {
namespace {

Result<Invocation> decode_json(std::string_view name, std::string_view json, Caller::Kind caller) {
    static const CommandTable table;
    const CommandRow* row = table.find(name);
    REQUIRE(row != nullptr);
    JsonDocument document;
    REQUIRE(document.parse(json));
    return decode(*row, caller, Input(document.root().if_object(), {}));
}

std::string bad_field(const Result<Invocation>& decoded) {
    if (decoded) return "decoded";
    CHECK(decoded.error().code == ErrorCode::validation_error);
    const ErrorDetail* field = decoded.error().detail("field");
    return field != nullptr ? std::get<std::string>(field->value) : "none";
}

TEST_CASE("the table of commands lists the callers that the table of permissions allows") {
    const CommandTable table;
    for (const CommandRow& row : table.rows()) {
        CAPTURE(row.name);
        const core::Permission& permission = core::permission_of(row.make().index());
        CHECK(row.callers.contains(Caller::Kind::host) == permission.host);
        CHECK(row.callers.contains(Caller::Kind::backend) == permission.backend);
        CHECK(row.callers.contains(Caller::Kind::user) == (permission.user != core::UserRight::never));
    }
}

TEST_CASE("every command has a row, except the one that checks API keys") {
    const CommandTable table;
    std::set<std::size_t> commands;
    std::set<std::string_view> names;
    std::set<std::string> routes;
    for (const CommandRow& row : table.rows()) {
        CAPTURE(row.name);
        commands.insert(row.make().index());
        CHECK(names.insert(row.name).second);
        CHECK(table.find(row.name) == &row);
        for (const Route& route : row.routes) {
            CHECK(routes.insert(std::string(route.method) + " " + std::string(route.path)).second);
            CHECK(route.path.starts_with("/v1/"));
        }
        std::set<std::string_view> fields;
        for (const Field& field : row.fields) CHECK(fields.insert(field.name).second);
    }
    CHECK(commands.size() == std::variant_size_v<Command::variant> - 1);
    CHECK_FALSE(commands.contains(Command(VerifyApiKey{}).index()));
    CHECK(table.find("nothing") == nullptr);
}

TEST_CASE("every parameter of a path is a required field") {
    const CommandTable table;
    for (const CommandRow& row : table.rows()) {
        for (const Route& route : row.routes) {
            for (std::size_t at = route.path.find('{'); at != std::string_view::npos;
                 at = route.path.find('{', at + 1)) {
                const std::string_view name = route.path.substr(at + 1, route.path.find('}', at) - at - 1);
                CAPTURE(row.name);
                CAPTURE(name);
                CHECK(std::ranges::any_of(
                    row.fields, [&](const Field& field) { return field.name == name && field.required; }));
            }
        }
    }
}

TEST_CASE("fields are parsed into their command") {
    const auto decoded =
        decode_json("message.send", R"({"channel":"order_1","content":"Halo","type":"text","parent_id":null,
        "mentions":["bob",{"user":"eve","spans":[[0,2],[5,1]]}],"idempotency_key":"k","metadata":{"b":1,"a":[ ]},"unknown":{"x":1}})",
                    Caller::Kind::user);
    REQUIRE(decoded);
    const auto& send = std::get<SendMessage>(decoded->command);
    CHECK(send.channel == "order_1");
    CHECK(send.content == "Halo");
    CHECK(send.type == MessageType::text);
    CHECK_FALSE(send.parent_id);
    REQUIRE(send.mentions.size() == 2);
    CHECK(send.mentions[0].user == "bob");
    CHECK(send.mentions[0].spans.empty());
    CHECK(send.mentions[1].user == "eve");
    CHECK(send.mentions[1].spans == std::vector<TextSpan>{{0, 2}, {5, 1}});
    CHECK(send.idempotency_key == "k");
    CHECK(send.metadata == R"({"a":[],"b":1})");
    CHECK_FALSE(send.user);
}

TEST_CASE("mentions of another form are refused") {
    for (const char* one : {"7", "null", "{}", R"({"user":7})", R"({"user":"eve","spans":7})", R"({"user":"eve","spans":[0,2]})",
                            R"({"user":"eve","spans":[[0]]})", R"({"user":"eve","spans":[[0,1,2]]})", R"({"user":"eve","spans":[["0",1]]})",
                            R"({"user":"eve","spans":[[0.5,1]]})"}) {
        CAPTURE(one);
        const auto decoded = decode_json("message.send", R"({"channel":"c","content":"x","mentions":[)" + std::string(one) + "]}", Caller::Kind::user);
        REQUIRE_FALSE(decoded);
        CHECK(std::get<std::string>(decoded.error().detail("field")->value) == "mentions");
    }
    const auto without = decode_json("message.send", R"({"channel":"c","content":"x","mentions":[{"user":"eve","spans":null}]})", Caller::Kind::user);
    REQUIRE(without);
    CHECK(std::get<SendMessage>(without->command).mentions.at(0).spans.empty());
}

TEST_CASE("absent and null differ where that matters") {
    const auto absent = decode_json("channel.update", R"({"channel":"c"})", Caller::Kind::user);
    REQUIRE(absent);
    CHECK_FALSE(std::get<UpdateChannel>(absent->command).avatar_url);
    const auto cleared =
        decode_json("channel.update", R"({"channel":"c","avatar_url":null})", Caller::Kind::user);
    REQUIRE(cleared);
    REQUIRE(std::get<UpdateChannel>(cleared->command).avatar_url);
    CHECK_FALSE(*std::get<UpdateChannel>(cleared->command).avatar_url);
    const auto set = decode_json("workspace.update", R"({"edit_window_seconds":60})", Caller::Kind::backend);
    REQUIRE(set);
    CHECK(std::get<UpdateWorkspace>(set->command).edit_window_seconds ==
          std::optional(std::optional<std::int64_t>(60)));
}

TEST_CASE("an error about a wrong type names the field") {
    using enum Caller::Kind;
    CHECK(bad_field(decode_json("message.send", R"({"content":"x"})", user)) == "channel");
    CHECK(bad_field(decode_json("message.send", R"({"channel":"c"})", user)) == "content");
    CHECK(bad_field(decode_json("message.send", R"({"channel":"c","content":null})", user)) == "content");
    CHECK(bad_field(decode_json("message.send", R"({"channel":"c","content":1})", user)) == "content");
    CHECK(bad_field(decode_json("message.send", R"({"channel":["c"],"content":""})", user)) == "channel");
    CHECK(bad_field(decode_json("message.send", R"({"channel":"c","content":"","type":"video"})", user)) ==
          "type");
    CHECK(bad_field(decode_json("message.send", R"({"channel":"c","content":"","mentions":"bob"})", user)) ==
          "mentions");
    CHECK(bad_field(decode_json("message.send", R"({"channel":"c","content":"","mentions":[1]})", user)) ==
          "mentions");
    CHECK(bad_field(decode_json("me.channel.list", R"({"limit":"5"})", user)) == "limit");
    for (const char* number : {"5.5", "-0.5", "9223372036854775808.0", "-1e300"}) {
        CAPTURE(number);
        const std::string text = R"({"limit":)" + std::string(number) + "}";
        CHECK(bad_field(decode_json("me.channel.list", text, user)) == "limit");
    }
    CHECK(bad_field(decode_json("me.channel.list", R"({"limit":true})", user)) == "limit");
    CHECK(bad_field(decode_json("me.channel.update", R"({"channel":"c","muted":"yes"})", user)) == "muted");
    CHECK(bad_field(decode_json("channel.changes", R"({"channel":"external"})", user)) == "channel");
    CHECK(bad_field(decode_json("channel.create", R"({"member_external_ids":[]})", backend)) == "type");
    CHECK(bad_field(decode_json("member.add", R"({"channel":"c","external_ids":["a"],"role":"owner"})",
                                backend)) == "role");
    CHECK(bad_field(decode_json("user.token", R"({"user":"u","ttl_seconds":0})", backend)) == "ttl_seconds");
    CHECK(bad_field(decode_json("user.token", R"({"user":"u","ttl_seconds":31536001})", backend)) ==
          "ttl_seconds");
    CHECK(bad_field(decode_json("user.token", R"({"user":"u","ttl_seconds":-1})", backend)) == "ttl_seconds");
    CHECK(bad_field(decode_json("message.list", R"({"channel":"c","cursor":"xyz"})", user)) == "cursor");
}

TEST_CASE("callers may not run commands of others") {
    const auto refused = [](std::string_view name, std::string_view json, Caller::Kind caller) {
        const auto decoded = decode_json(name, json, caller);
        return !decoded && decoded.error().code == ErrorCode::forbidden;
    };
    CHECK(refused("user.list", "{}", Caller::Kind::user));
    CHECK(refused("me.get", "{}", Caller::Kind::backend));
    CHECK(refused("workspace.create", R"({"name":"x"})", Caller::Kind::backend));
    CHECK(refused("workspace.get", "{}", Caller::Kind::host));
    CHECK_FALSE(refused("channel.get", R"({"channel":"c"})", Caller::Kind::user));
}

TEST_CASE("cursors of messages contain their direction") {
    const auto older =
        decode_json("message.list", R"({"channel":"c","cursor":"before:17"})", Caller::Kind::user);
    REQUIRE(older);
    CHECK(std::get<ListMessages>(older->command).before == "seq:17");
    const auto newer =
        decode_json("message.list", R"({"channel":"c","cursor":"after:17"})", Caller::Kind::user);
    REQUIRE(newer);
    CHECK(std::get<ListMessages>(newer->command).after == "seq:17");
}

TEST_CASE("the router finds rows, methods and parameters") {
    const CommandTable table;
    const Router router(table);
    const auto match = router.find("PATCH", {"v1", "channels", "order/1", "members", "bob"});
    REQUIRE(match);
    CHECK(match->row->name == "member.update");
    REQUIRE(match->parameters.size() == 2);
    CHECK(match->parameters[0].name == "channel");
    CHECK(match->parameters[0].value == "order/1");
    CHECK(match->parameters[1].name == "user");
    CHECK(match->parameters[1].value == "bob");
    CHECK(router.find("HEAD", {"v1", "me"})->row->name == "me.get");

    CHECK(router.find("GET", {"v1", "nothing"}).error().code == ErrorCode::not_found);
    CHECK(router.find("GET", {"v1", "users", ""}).error().code == ErrorCode::not_found);
    CHECK(router.find("GET", {"v1", "users", "a", "b", "c"}).error().code == ErrorCode::not_found);
    CHECK(router.find("PUT", {"v1", "users"}).error().code == ErrorCode::method_not_allowed);
    CHECK(router.allowed({"v1", "users"}) == "POST, GET, HEAD, OPTIONS");
    CHECK(router.allowed({"v1", "nothing"}).empty());
}

}  // namespace
}  // namespace cariosan::protocol
