// What the log contains about the end of a WebSocket.
#include "unit/protocol/logged_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

/// The only line about the end of a connection since the last call.
LogRecord end_line(LoggedShop& logged) {
    const std::vector<LogRecord> lines = logged.book.named("websocket.closed");
    logged.book.clear();
    REQUIRE(lines.size() == 1);
    return lines.front();
}

void check_end(LoggedShop& logged, LogLevel level, std::string_view code, std::string_view cause) {
    const LogRecord line = end_line(logged);
    CAPTURE(cause);
    CHECK(line.level == level);
    CHECK(logged_text(line, "close_code") == code);
    CHECK(logged_text(line, "cause") == cause);
    CHECK_FALSE(logged_text(line, "duration_ms").empty());
    CHECK_FALSE(logged_text(line, "request_id").empty());
    CHECK_FALSE(logged_text(line, "user").empty());
    CHECK_FALSE(logged_text(line, "workspace").empty());
}

TEST_CASE("a WebSocket closed by the transport logs one line at info with the code, the cause and its upgrade's id") {
    LoggedShop logged;
    HttpRequest upgrade = plain("GET", "/v1/ws");
    upgrade.headers.push_back({"Sec-WebSocket-Protocol", "cariosan.v1, cariosan.jwt." + logged.shop.token("alice")});
    upgrade.headers.push_back({"X-Request-Id", "upgrade-1"});
    UpgradeOutcome outcome = logged.shop.admit(upgrade);
    {
        TestClient alice(logged.shop, std::move(outcome.admission));
        logged.shop.clock().advance(std::chrono::seconds(2));
        alice.session().closing(close_code::kTooBig, "message too big");
    }
    const LogRecord line = end_line(logged);
    CHECK(line.level == LogLevel::info);
    CHECK(logged_text(line, "close_code") == "1009");
    CHECK(logged_text(line, "cause") == "message too big");
    CHECK(logged_text(line, "duration_ms") == "2000");
    CHECK(logged_text(line, "request_id") == "upgrade-1");
    CHECK_FALSE(logged_text(line, "user").empty());

    { TestClient(logged.shop, "alice").session().closing(close_code::kInvalidText, "not UTF-8"); }
    check_end(logged, LogLevel::info, "1007", "not UTF-8");
    { TestClient(logged.shop, "alice").session().closing(close_code::kIdle, "a message was left unfinished"); }
    check_end(logged, LogLevel::info, "4408", "a message was left unfinished");
}

TEST_CASE("a WebSocket closed by its session logs one line at info") {
    LoggedShop logged(LogLevel::info);
    {
        TestClient alice(logged.shop, "alice");
        for (int i = 0; i < 10; ++i) alice.send("{");
        check_end(logged, LogLevel::info, "4400", "too many malformed frames: at most 9");
        alice.session().closing(1000, {});
    }
    CHECK(logged.book.named("websocket.closed").empty());
    {
        TestClient alice(logged.shop, "alice");
        alice.sink().set_backlog((1 << 20) + 1);
        alice.send(R"({"type":"ping"})");
        check_end(logged, LogLevel::info, "4008", "slow consumer");
    }
    {
        TestClient alice(logged.shop, "alice");
        logged.shop.clock().advance(std::chrono::seconds(91));
        logged.shop.lane().tick();
        check_end(logged, LogLevel::info, "4408", "nothing was received for 90 s");
    }
    {
        std::vector<std::unique_ptr<TestClient>> clients;
        for (int i = 0; i < 5; ++i) clients.push_back(std::make_unique<TestClient>(logged.shop, "bob"));
        TestClient sixth(logged.shop, "bob");
        CHECK(sixth.wait_closed() == close_code::kTooMany);
        check_end(logged, LogLevel::info, "4429", "too many connections");
    }
    CHECK(logged.book.named("websocket.closed").empty());
}

TEST_CASE("a WebSocket with an ordinary end logs one line at debug") {
    LoggedShop logged;
    { TestClient(logged.shop, "alice").session().closing(1000, {}); }
    check_end(logged, LogLevel::debug, "1000", "the client closed it");
    { TestClient(logged.shop, "alice").session().closing(close_code::kGoingAway, "the server is stopping"); }
    check_end(logged, LogLevel::debug, "1001", "the server is stopping");
    { const TestClient alice(logged.shop, "alice"); }
    check_end(logged, LogLevel::debug, "", "the connection was lost");
}

}  // namespace
}  // namespace cariosan
