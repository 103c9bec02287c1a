#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::Stage;

TEST_CASE("a device is registered for the calling user") {
    Stage stage;
    const auto device = stage.mutation<mutation::RegisterDevice>(
        RegisterDevice{.token = "abc:DEF-_", .platform = DevicePlatform::ios}, stage.as(stage.alice));
    CHECK(device.workspace == stage.shop);
    CHECK(device.user == stage.alice.id);
    CHECK(device.token == "abc:DEF-_");
    CHECK(device.platform == DevicePlatform::ios);
    CHECK(device.max_devices == 20);
    CHECK(device.at == stage.clock.wall);
    const auto removed = stage.mutation<mutation::RemoveDevice>(RemoveDevice{.token = "abc"}, stage.as(stage.alice));
    CHECK(removed.user == stage.alice.id);
    CHECK(removed.token == "abc");
    CHECK(stage.error(RegisterDevice{.token = "abc"}, stage.backend()).code == ErrorCode::forbidden);
}

TEST_CASE("a user's devices are listed in pages") {
    Stage stage;
    for (const char* token : {"one", "two", "three", "four"}) stage.world.devices.push_back({.token = token});
    ListDevices command;
    command.range.limit = 2;
    std::vector<std::string> tokens;
    for (int pages = 1;; ++pages) {
        const Page<Device> page = stage.answer(command, stage.as(stage.alice));
        for (const Device& device : page.items) tokens.push_back(device.token);
        command.range.cursor = page.next_cursor;
        CHECK(page.has_more() == (pages < 2));
        if (!page.has_more()) break;
    }
    CHECK(tokens == std::vector<std::string>{"one", "two", "three", "four"});
    command.range = {.limit = 3, .cursor = "x"};
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "cursor"));
    CHECK(stage.error(ListDevices{}, stage.backend()).code == ErrorCode::forbidden);
}

TEST_CASE("a device token is 1 to 4096 visible ASCII characters, and never appears in an error") {
    Stage stage;
    const std::string longest(4096, '~');
    CHECK(stage.mutation<mutation::RegisterDevice>(RegisterDevice{.token = longest}, stage.as(stage.alice)).token ==
          longest);
    CHECK(is_over(stage.error(RegisterDevice{.token = longest + "x"}, stage.as(stage.alice)), "token", 4096));
    for (const std::string& token :
         {std::string(), std::string("secret token"), std::string("secret\ttoken"), std::string("secret\x7f"),
          std::string("secret\xc3\xa9"), std::string("secret\0x", 8)}) {
        const Error refused = stage.error(RegisterDevice{.token = token}, stage.as(stage.alice));
        CHECK(is_invalid(refused, "token"));
        CHECK(refused.message.find("secret") == std::string::npos);
        CHECK(is_invalid(stage.error(RemoveDevice{.token = token}, stage.as(stage.alice)), "token"));
    }
}
