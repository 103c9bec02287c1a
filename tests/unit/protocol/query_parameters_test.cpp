// Every query parameter of every route, with invalid values.
#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "protocol/commands/command_table.hpp"
#include "unit/protocol/gateway_shop.hpp"

namespace cariosan {
namespace {

using namespace test;
using protocol::CommandRow;
using protocol::Field;
using Texts = std::vector<std::string>;

const std::string kTooLong(400, 'x');
const std::string kHuge = "99999999999999999999";

/// Invalid for any field of the type.
Texts bad_of_type(const Field& field) {
    const auto is = [&](std::initializer_list<std::string_view> names) { return std::ranges::find(names, field.name) != names.end(); };
    if (is({"limit", "members", "since", "receipts_since"})) {
        return {"abc", "-1", "1.5", "1e1", "0x1", "%201", "1%20", "true", kHuge, "-" + kHuge, "1,2"};
    }
    if (is({"archived"})) return {"maybe", "1", "0", "True", "yes", "null"};
    return {};
}

/// Also invalid for particular fields, by name: outside their bounds or values.
const std::map<std::string, Texts, std::less<>> kBad = {
    {"limit", {"0", "101", "100000"}},
    {"cursor", {"nonsense", "before:", "before:0", "before:-1", "before:x", "before:" + kHuge, "after:", "after:0", "after:x", "seq:1", "e9.0.0", ":", kTooLong}},
    {"members", {"0", "21"}},
    {"archived", {}},
    {"before", {"0", "5", "seq:", "seq:0", "seq:-1", "seq:x", "seq:1.5", "seq:" + kHuge, "nonsense"}},
    {"around", {"0", "5", "seq:", "seq:0", "seq:-1", "seq:x", "seq:1.5", "seq:" + kHuge, "nonsense"}},
    {"after", {"0", "5", "seq:", "seq:-1", "seq:x", "seq:1.5", "seq:" + kHuge, "nonsense"}},
    {"since", {}},
    {"receipts_since", {}},
    {"epoch", {}},
    {"q", {kTooLong, "%00"}},
    {"channel", {kTooLong, "%00"}},
    {"user", {kTooLong, "%00"}},
    {"member", {kTooLong, "%00"}},
    {"type", {"thread", "GROUP", "1"}},
    {"status", {"closed", "OPEN", "1"}},
    {"users", {",", "alice,,bob", kTooLong}},
    {"messages", {"all", "ERASE", "true"}},
};

std::string filled(std::string_view path, const std::string& channel) {
    const std::map<std::string_view, std::string_view> values = {
        {"channel", channel}, {"user", "alice"}, {"emoji", "%F0%9F%91%8D"}, {"token", "t"},
        {"message_id", "01890a5d-ac96-774b-bcce-b302099a8057"}, {"webhook", "01890a5d-ac96-774b-bcce-b302099a8057"}};
    std::string text(path);
    for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{')) {
        const std::size_t close = text.find('}', open);
        const auto found = values.find(std::string_view(text).substr(open + 1, close - open - 1));
        text.replace(open, close + 1 - open, found == values.end() ? "x" : found->second);
    }
    return text;
}

struct Asking : GatewayShop {
    Reply ask(const CommandRow& row, const protocol::Route& route, const std::string& query) {
        const std::string target = filled(route.path, channel_id("order_1")) + "?" + query;
        return row.callers.contains(Caller::Kind::user) ? user("alice", route.method, target)
                                                        : backend(route.method, target);
    }
    void check_refused(const CommandRow& row, const protocol::Route& route, const Field& field, const std::string& value) {
        std::string query = std::string(field.name) + "=" + value;
        if (row.name == "message.search" && field.name != "q") query += "&q=hello";
        if (row.name == "presence.get" && field.name != "users") query += "&users=alice";
        CAPTURE(row.name);
        CAPTURE(query);
        const Reply reply = ask(row, route, query);
        CAPTURE(reply.text);
        CHECK(reply.status == 400);
        CHECK(text_at(reply.body, "error.details.field") == field.name);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Asking, "an invalid value of any query parameter is refused with its name") {
    const protocol::CommandTable table;
    int checked = 0;
    for (const CommandRow& row : table.rows()) {
        for (const protocol::Route& route : row.routes) {
            if (route.has_body()) continue;
            for (const Field& field : row.fields) {
                if (route.path.find("{" + std::string(field.name) + "}") != std::string_view::npos) continue;
                const auto known = kBad.find(field.name);
                CAPTURE(field.name);
                REQUIRE(known != kBad.end());  // for a new parameter, add its invalid values
                Texts values = bad_of_type(field);
                values.insert(values.end(), known->second.begin(), known->second.end());
                values.insert(values.end(), {"", "1&" + std::string(field.name) + "=1", "%FF", "%", "%zz"});
                for (const std::string& value : values) check_refused(row, route, field, value);
                ++checked;
            }
        }
    }
    CHECK(checked > 30);
    CHECK(backend("GET", "/v1/users/alice").status == 200);  // no refused DELETE had an effect
    CHECK(backend("GET", "/v1/channels/order_1/members").body.at("members").as_array().size() == 2);
}

TEST_CASE_FIXTURE(Asking, "unknown query parameters are ignored") {
    CHECK(backend("GET", "/v1/users?colour=blue&empty=&limit=1").status == 200);
    CHECK(user("alice", "GET", "/v1/me/channels?since=x&members=1&archived=false").status == 200);
    CHECK(user("alice", "GET", "/v1/me/channels?archived=true").body.at("channels").as_array().empty());
    CHECK(user("alice", "GET", "/v1/channels/order_1/messages?after=seq:0").status == 200);
}

}  // namespace cariosan
