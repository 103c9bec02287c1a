/// A workspace with three users and a group of two of them, connected over WebSocket.
#pragma once

#include <doctest/doctest.h>

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "unit/protocol/gateway_world.hpp"

namespace cariosan::test {

namespace json = boost::json;

struct SessionShop : GatewayWorld {
    explicit SessionShop(Options options = {}) : GatewayWorld(std::move(options)) {
        make_user("alice", "Alice");
        make_user("bob", "Budi");
        make_user("eve", "Eve");
        make_group("order_1", {"alice", "bob"});
    }
    void send(std::string_view user_name, std::string_view content, std::string_view channel = "order_1") {
        const auto sent =
            engine().run(Caller::user(workspace().id, std::string(user_name)),
                         SendMessage{.channel = std::string(channel), .content = std::string(content)});
        REQUIRE(sent);
    }
};

/// The type and error code of a frame, such as "error VALIDATION_ERROR".
inline std::string kind(const json::value& frame) {
    const std::string code = text_at(frame, "data.code");
    return text_at(frame, "type") + (code.empty() ? "" : " " + code);
}

}  // namespace cariosan::test
