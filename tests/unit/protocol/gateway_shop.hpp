/// A workspace with three users and a group of two of them, accessed over REST.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

#include "unit/protocol/gateway_world.hpp"

namespace cariosan::test {

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

inline HttpRequest plain(std::string_view method, std::string_view target) {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.remote_address = "192.0.2.1";
    return request;
}

inline void check_error(const Reply& reply, int status, std::string_view code, std::string_view field = "") {
    CAPTURE(reply.text);
    CHECK(reply.status == status);
    CHECK(reply.code() == code);
    CHECK(text_at(reply.body, "error.details.field") == field);
    CHECK(text_at(reply.body, "error.request_id") == reply.header("X-Request-Id"));
    CHECK(reply.header("Content-Type") == "application/json");
    CHECK_FALSE(text_at(reply.body, "error.message").empty());
}

}  // namespace cariosan::test
