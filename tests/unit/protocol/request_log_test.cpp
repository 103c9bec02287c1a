// What the log contains about requests, and what it never contains.
#include <algorithm>

#include "protocol/rest/request_log.hpp"
#include "unit/protocol/logged_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

constexpr std::string_view kMessages = "/v1/channels/{channel}/messages";

TEST_CASE("a request that changes something logs its caller, route and duration") {
    LoggedShop logged;
    const std::string alice = logged.shop.user_id("alice");
    logged.book.clear();
    const Reply reply = logged.shop.send("alice", R"({"content":"hello"})");
    REQUIRE(reply.status == 201);
    const LogRecord line = logged.only();
    CHECK(line.level == LogLevel::info);
    CHECK(logged_text(line, "method") == "POST");
    CHECK(logged_text(line, "route") == kMessages);
    CHECK(logged_text(line, "status") == "201");
    CHECK(logged_text(line, "duration_ms") == "0");
    CHECK(logged_text(line, "request_id") == reply.header("X-Request-Id"));
    CHECK(logged_text(line, "user") == alice);
    CHECK(logged_text(line, "workspace") == logged.shop.workspace().id.to_string());
}

TEST_CASE("a read only logs at debug") {
    LoggedShop logged;
    (void)logged.shop.user("alice", "GET", "/v1/channels/order_1/messages");
    logged.check_line(LogLevel::debug, "GET", kMessages, 200);
    (void)logged.shop.request(plain("GET", "/healthz"));
    logged.check_line(LogLevel::debug, "GET", "/healthz", 200);
    (void)logged.shop.request(plain("OPTIONS", "/v1/users"));
    logged.check_line(LogLevel::debug, "OPTIONS", "", 204);

    LoggedShop quiet(LogLevel::info);
    (void)quiet.shop.user("alice", "GET", "/v1/channels/order_1/messages");
    CHECK(quiet.book.requests().empty());
    (void)quiet.shop.send("alice", R"({"content":"hello"})");
    quiet.check_line(LogLevel::info, "POST", kMessages, 201);
    LoggedShop silent(LogLevel::warning);
    (void)silent.shop.send("alice", R"({"content":"hello"})");
    CHECK(silent.book.requests().empty());
}

TEST_CASE("every refusal logs its code at info") {
    LoggedShop logged;
    (void)logged.shop.request(plain("GET", "/v1/users"));
    logged.check_line(LogLevel::info, "GET", "/v1/users", 401, "UNAUTHORIZED");
    (void)logged.shop.request(plain("GET", "/v1/nowhere"));
    logged.check_line(LogLevel::info, "GET", "", 404, "NOT_FOUND");
    (void)logged.shop.request(plain("PUT", "/v1/users"));
    logged.check_line(LogLevel::info, "PUT", "", 405, "METHOD_NOT_ALLOWED");
    (void)logged.shop.request(plain("POST", "/healthz"));
    logged.check_line(LogLevel::info, "POST", "/healthz", 405, "METHOD_NOT_ALLOWED");
    (void)logged.shop.request(plain("GET", "/v1/ws"));
    logged.check_line(LogLevel::info, "GET", "/v1/ws", 426, "VALIDATION_ERROR");
    (void)logged.shop.send("alice", "{}");
    logged.check_line(LogLevel::info, "POST", kMessages, 400, "VALIDATION_ERROR");
    (void)logged.shop.user("eve", "POST", "/v1/channels/order_1/messages", R"({"content":"hello"})");
    logged.check_line(LogLevel::info, "POST", kMessages, 403, "NOT_A_MEMBER");
    logged.shop.gateway().drain(std::chrono::seconds(1));
    (void)logged.shop.request(plain("GET", "/readyz"));
    logged.check_line(LogLevel::info, "GET", "/readyz", 503, "UNAVAILABLE");
    (void)logged.shop.admit(plain("GET", "/v1/ws"));
    logged.check_line(LogLevel::info, "GET", "/v1/ws", 503, "UNAVAILABLE");
}

TEST_CASE("a refusal by the transport logs the status sent") {
    LoggedShop logged;
    Gateway& gateway = logged.shop.gateway();
    const auto check_refused = [&](ErrorCode code, int status) {
        CHECK(gateway.refuse(Error(code, "no"), plain("GET", "/v1/users")).status == status);
        logged.check_line(LogLevel::info, "GET", "", status, to_string(code));
    };
    check_refused(ErrorCode::payload_too_large, 413);
    check_refused(ErrorCode::headers_too_large, 431);
    check_refused(ErrorCode::rate_limited, 429);
    CHECK(gateway.refuse(Error(ErrorCode::unavailable, "late"), {}, 408).status == 408);
    logged.check_line(LogLevel::info, "", "", 408, "UNAVAILABLE");

    HttpRequest head = plain("POST", "/v1/channels/order_1/messages");
    head.headers.push_back({"Authorization", "Bearer " + logged.shop.token("alice")});
    head.headers.push_back({"Content-Type", "application/json"});
    head.headers.push_back({"Content-Length", "1000000"});
    RequestOutcome outcome = logged.shop.begin(head);
    REQUIRE(outcome.pending);
    logged.book.clear();
    logged.shop.clock().advance(std::chrono::milliseconds(1500));
    CHECK(outcome.pending->refuse(Error(ErrorCode::unavailable, "late"), 408).status == 408);
    const LogRecord line = logged.only();
    CHECK(logged_text(line, "status") == "408");
    CHECK(logged_text(line, "route") == kMessages);
    CHECK(logged_text(line, "duration_ms") == "1500");
    CHECK(logged_text(line, "user") != "");
}

TEST_CASE("a command in a frame is logged, whether it succeeds or is refused") {
    LoggedShop logged;
    TestClient alice(logged.shop, "alice");
    logged.book.clear();
    const std::string channel = logged.shop.channel_id("order_1");
    logged.book.clear();
    alice.send(R"({"type":"message.send","id":1,"data":{"channel":")" + channel + R"(","content":"hello"}})");
    (void)alice.next("ack");
    LogRecord line = logged.only();
    CHECK(line.level == LogLevel::info);
    CHECK(logged_text(line, "method") == "WS");
    CHECK(logged_text(line, "route") == "message.send");
    CHECK(logged_text(line, "code").empty());
    CHECK_FALSE(logged_text(line, "user").empty());
    for (const std::string_view wrong : {R"("content":7)", R"("content":"")"}) {
        alice.send(R"({"type":"message.send","id":2,"data":{"channel":")" + channel + R"(",)" + std::string(wrong) + "}}");
        (void)alice.next("error");
        line = logged.only();
        CHECK(line.level == LogLevel::info);
        CHECK(logged_text(line, "code") == "VALIDATION_ERROR");
    }
}

TEST_CASE("a change by a frame is logged even if its session has ended since") {
    LoggedShop logged;
    const std::string channel = logged.shop.channel_id("order_1");
    TestClient alice(logged.shop, "alice");
    logged.book.clear();
    alice.send(R"({"type":"message.send","id":1,"data":{"channel":")" + channel + R"(","content":"hello"}})");
    alice.session().closed();
    logged.shop.run_until([&] { return !logged.book.requests().empty(); });
    const LogRecord line = logged.only();
    CHECK(logged_text(line, "route") == "message.send");
    CHECK_FALSE(logged_text(line, "user").empty());
}

TEST_CASE("a frame answered by the session itself logs at debug, and at info if it is refused") {
    LoggedShop logged;
    const std::string channel = logged.shop.channel_id("order_1");
    const std::string token = logged.shop.token("eve");
    TestClient eve(logged.shop, "eve");
    TestClient alice(logged.shop, "alice");
    logged.book.clear();
    const auto check_frame = [&](TestClient& client, LogLevel level, std::string_view type, const std::string& data,
                                 std::string_view code = "") {
        client.send(R"({"type":")" + std::string(type) + R"(","data":{)" + data + "}}");
        logged.shop.run_until([&] { return !logged.book.requests().empty(); });
        const LogRecord line = logged.only();
        CAPTURE(type);
        CHECK(line.level == level);
        CHECK(logged_text(line, "method") == "WS");
        CHECK(logged_text(line, "route") == type);
        CHECK(logged_text(line, "code") == code);
        CHECK_FALSE(logged_text(line, "user").empty());
    };
    check_frame(alice, LogLevel::debug, "ping", "");
    check_frame(alice, LogLevel::debug, "sync", R"("complete":true)");
    check_frame(alice, LogLevel::debug, "typing.start", R"("channel":")" + channel + "\"");
    check_frame(alice, LogLevel::debug, "typing.stop", R"("channel":"order_1")");
    check_frame(alice, LogLevel::debug, "presence.subscribe", R"("users":["bob"])");
    check_frame(alice, LogLevel::debug, "presence.unsubscribe", R"("users":["bob"])");
    check_frame(eve, LogLevel::debug, "auth.refresh", R"("token":")" + token + "\"");
    check_frame(alice, LogLevel::info, "auth.refresh", R"("token":")" + token + "\"", "FORBIDDEN");
    check_frame(eve, LogLevel::info, "typing.start", R"("channel":"order_1")", "NOT_A_MEMBER");
    for (const std::string_view type :
         {"typing.start", "typing.stop", "presence.subscribe", "presence.unsubscribe", "auth.refresh"}) {
        check_frame(alice, LogLevel::info, type, "", "VALIDATION_ERROR");
    }
    check_frame(alice, LogLevel::info, "sync", R"("channels":7)", "VALIDATION_ERROR");
}

TEST_CASE("malformed, unknown and excessive frames log at info") {
    LoggedShop logged;
    TestClient alice(logged.shop, "alice");
    logged.book.clear();
    const auto check_frame = [&](std::string_view text, std::string_view route) {
        CAPTURE(text);
        alice.send(text);
        const LogRecord line = logged.only();
        CHECK(line.level == LogLevel::info);
        CHECK(logged_text(line, "route") == route);
        CHECK(logged_text(line, "code") == "VALIDATION_ERROR");
        CHECK_FALSE(logged_text(line, "user").empty());
    };
    for (const std::string_view text : {"{", "[]", R"({"type":7})", R"({"id":[],"type":"ping"})", R"({"type":"xyzzy"})",
                                        R"({"type":"user.upsert","data":{}})"}) {
        check_frame(text, "");
    }
    check_frame(R"({"type":"ping","data":7})", "ping");

    LoggedShop hasty(LogLevel::info, {.enabled = true, .frames_per_second = 1});
    TestClient bob(hasty.shop, "bob");
    hasty.book.clear();
    while (hasty.book.requests().empty()) bob.send(R"({"type":"ping"})");
    const LogRecord line = hasty.only();
    CHECK(logged_text(line, "route") == "ping");
    CHECK(logged_text(line, "code") == "RATE_LIMITED");
}

TEST_CASE("an upgrade logs at debug, and a refused one names the user of its token") {
    LoggedShop logged;
    const std::string alice = logged.shop.user_id("alice");
    const std::string token = logged.shop.token("alice");
    logged.book.clear();
    REQUIRE(logged.shop.admit_token(token).admission);
    LogRecord line = logged.only();
    CHECK(line.level == LogLevel::debug);
    CHECK(logged_text(line, "route") == "/v1/ws");
    CHECK(logged_text(line, "status") == "101");
    CHECK(logged_text(line, "user") == alice);
    CHECK(logged_text(line, "workspace") == logged.shop.workspace().id.to_string());
    REQUIRE(logged.shop.backend("DELETE", "/v1/users/alice").status == 204);
    logged.book.clear();
    REQUIRE_FALSE(logged.shop.admit_token(token).admission);
    line = logged.only();
    CHECK(line.level == LogLevel::info);
    CHECK(logged_text(line, "status") == "401");
    CHECK(logged_text(line, "user") == alice);
}

TEST_CASE("a request whose client disconnects during its body logs at debug") {
    LoggedShop logged;
    HttpRequest head = plain("POST", "/v1/channels/order_1/messages");
    head.headers.push_back({"Authorization", "Bearer " + logged.shop.token("alice")});
    head.headers.push_back({"Content-Type", "application/json"});
    head.headers.push_back({"Content-Length", "10"});
    head.headers.push_back({"X-Request-Id", "given-up"});
    RequestOutcome outcome = logged.shop.begin(head);
    REQUIRE(outcome.pending);
    logged.book.clear();
    logged.shop.clock().advance(std::chrono::milliseconds(1500));
    outcome.pending.reset();
    const LogRecord line = logged.only();
    CHECK(line.level == LogLevel::debug);
    CHECK(logged_text(line, "method") == "POST");
    CHECK(logged_text(line, "route") == kMessages);
    CHECK(logged_text(line, "status").empty());
    CHECK(logged_text(line, "cause") == "the connection ended before the body had arrived");
    CHECK(logged_text(line, "duration_ms") == "1500");
    CHECK(logged_text(line, "request_id") == "given-up");
    CHECK(logged_text(line, "user") != "");
}

TEST_CASE("a failure of the server logs one line at error with the cause") {
    LogBook book;
    const engine::Log log(book.sink(), LogLevel::error);
    const Error failed = Error(ErrorCode::unavailable, "storage is failing").because("disk full");
    protocol::log_request(log, {.method = "GET", .route = kMessages, .request_id = "r1", .status = 503, .error = &failed});
    const Error busy(ErrorCode::unavailable, "try again");
    protocol::log_request(log, {.method = "GET", .request_id = "r2", .status = 503, .error = &busy});
    const Error wrong(ErrorCode::internal, "a defect");
    protocol::log_request(log, {.method = "GET", .request_id = "r3", .status = 500, .error = &wrong});
    const std::vector<LogRecord> lines = book.requests();
    REQUIRE(lines.size() == 2);
    CHECK(logged_text(lines[0], "request_id") == "r1");
    CHECK(logged_text(lines[0], "message") == "storage is failing");
    CHECK(logged_text(lines[0], "cause") == "disk full");
    CHECK(logged_text(lines[1], "request_id") == "r3");
    CHECK(logged_text(lines[1], "message") == "a defect");
}

TEST_CASE("a command of the host itself is logged, whether it succeeds or is refused") {
    LoggedShop logged;
    const Caller backend = Caller::backend(logged.shop.workspace().id);
    REQUIRE(logged.shop.gateway().run(backend, "user.get", R"({"user":"alice"})"));
    CHECK(logged.only().level == LogLevel::debug);
    REQUIRE_FALSE(logged.shop.gateway().run(backend, "user.get", R"({"user":"xyzzy"})"));
    LogRecord line = logged.only();
    CHECK(line.level == LogLevel::info);
    CHECK(logged_text(line, "method") == "CALL");
    CHECK(logged_text(line, "route") == "user.get");
    CHECK(logged_text(line, "code") == "NOT_FOUND");
    REQUIRE_FALSE(logged.shop.gateway().run(backend, "xyzzy", "{}"));
    CHECK(logged_text(logged.only(), "route").empty());
    logged.shop.gateway().call(backend, "user.get", "{", [](Result<std::string>) {});
    CHECK(logged_text(logged.only(), "code") == "VALIDATION_ERROR");
}

TEST_CASE("no line contains the text, the path, the query or the credentials of a request") {
    LoggedShop logged;
    const std::string token = logged.shop.token("alice");
    (void)logged.shop.send("alice", R"({"content":"xyzzy-in-text"})");
    (void)logged.shop.send("alice", R"({"content":7,"metadata":"xyzzy-in-metadata"})");
    (void)logged.shop.user("alice", "GET", "/v1/channels/xyzzy-in-path/messages?cursor=xyzzy-in-query");
    (void)logged.shop.request(plain("XYZZY-METHOD", "/xyzzy-in-path?xyzzy-in-query"));
    HttpRequest wrong = plain("GET", "/v1/users");
    wrong.headers.push_back({"Authorization", "Bearer xyzzy-key:xyzzy-secret"});
    (void)logged.shop.request(std::move(wrong));
    HttpRequest socket = plain("GET", "/v1/ws");
    socket.headers.push_back({"Sec-WebSocket-Protocol", "cariosan.jwt.xyzzy-token"});
    (void)logged.shop.admit(socket);
    (void)logged.shop.gateway().refuse(Error(ErrorCode::payload_too_large, "no"), socket);
    CHECK(logged.book.requests().size() == 7);
    std::string all = logged.book.text();
    std::ranges::transform(all, all.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    CHECK(all.find("xyzzy") == std::string::npos);
    CHECK(logged.book.text().find(token) == std::string::npos);
    CHECK(logged.book.text().find(logged.shop.workspace().api_secret) == std::string::npos);
}

}  // namespace
}  // namespace cariosan
