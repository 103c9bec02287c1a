/// A workspace with two users and three groups, for tests of `sync`.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unit/protocol/gateway_world.hpp"

namespace cariosan::test {

struct SyncShop : GatewayWorld {
    explicit SyncShop(Options options = {}) : GatewayWorld(std::move(options)) {
        make_user("alice", "Alice");
        make_user("bob", "Budi");
        for (const char* channel : {"a", "b", "c"}) make_group(channel, {"alice", "bob"});
    }
    void send(std::string_view channel, std::string_view content = "x") {
        clock().advance(std::chrono::milliseconds(1));
        const auto sent =
            engine().run(Caller::user(workspace().id, "alice"),
                         SendMessage{.channel = std::string(channel), .content = std::string(content)});
        REQUIRE(sent);
    }
    /// The `channels` of a sync: name, rev, receipt_rev.
    struct Held {
        std::string channel;
        std::int64_t rev = 0;
        std::int64_t receipt_rev = 0;
    };
    std::string sync_frame(const std::vector<Held>& held, bool complete, std::string epoch = "") {
        std::string channels;
        for (const Held& each : held) {
            channels += (channels.empty() ? "\"" : ",\"") + channel_id(each.channel) + "\":[" +
                        std::to_string(each.rev) + "," + std::to_string(each.receipt_rev) + "]";
        }
        if (epoch.empty()) epoch = engine().epoch();
        return R"({"type":"sync","id":"s","data":{"epoch":")" + epoch + R"(","channels":{)" + channels +
               R"(},"complete":)" + (complete ? "true" : "false") + "}}";
    }
};

}  // namespace cariosan::test
