// REST through the gateway: who is admitted, how often, and errors in requests.
#include <doctest/doctest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>

#include "unit/protocol/gateway_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

TEST_CASE_FIXTURE(GatewayShop, "a refused caller learns why") {
    check_error(request(plain("GET", "/v1/me")), 401, "UNAUTHORIZED");
    CHECK(request(plain("GET", "/v1/me")).header("WWW-Authenticate") == "Bearer");
    const auto with = [&](std::string authorization) {
        HttpRequest made = plain("GET", "/v1/workspace");
        made.headers.push_back({"Authorization", std::move(authorization)});
        return request(std::move(made));
    };
    check_error(with("Basic abc"), 401, "UNAUTHORIZED");
    check_error(with("Bearer "), 401, "UNAUTHORIZED");
    check_error(with("Bearer nonsense"), 401, "UNAUTHORIZED");
    check_error(with("Bearer pk_live_x:sk_y"), 401, "UNAUTHORIZED");
    check_error(with("Bearer " + workspace().api_key + ":sk_wrong"), 401, "UNAUTHORIZED");
    check_error(with("Bearer :"), 401, "UNAUTHORIZED");
    CHECK(with("bearer  " + workspace().api_key + ":" + workspace().api_secret).status == 200);
    check_error(user("alice", "GET", "/v1/users"), 403, "FORBIDDEN");
    check_error(backend("GET", "/v1/me"), 403, "FORBIDDEN");
    check_error(user("eve", "GET", "/v1/channels/order_1/messages"), 403, "NOT_A_MEMBER");
    check_error(user("bob", "PATCH", "/v1/channels/order_1", R"({"name":"x"})"), 403, "NOT_ADMIN");
}

TEST_CASE_FIXTURE(GatewayShop, "the error for an expired token says so") {
    const std::string old_token = token("alice");
    clock().advance(std::chrono::hours(2));
    HttpRequest made = plain("GET", "/v1/me");
    made.headers.push_back({"Authorization", "Bearer " + old_token});
    const auto reply = request(std::move(made));
    CHECK(reply.status == 401);
    CHECK(text_at(reply.body, "error.details.reason") == "expired");
}

TEST_CASE_FIXTURE(GatewayShop, "objects of another workspace do not exist, and its keys and tokens open only itself") {
    auto other = engine().run(Caller::host(), CreateWorkspace{.name = "Other"});
    REQUIRE(other);
    const auto as_other = [&](std::string_view method, std::string_view target) {
        HttpRequest made = plain(method, target);
        made.headers.push_back({"Authorization", "Bearer " + other->api_key + ":" + other->api_secret});
        return request(std::move(made));
    };
    check_error(as_other("GET", "/v1/users/" + user_id("alice")), 404, "NOT_FOUND", "user");
    check_error(as_other("GET", "/v1/channels/" + channel_id("order_1")), 404, "NOT_FOUND");
    CHECK(at(as_other("GET", "/v1/users").body, "users").as_array().empty());
    // A token that names the other workspace for a user of ours.
    const auto alice = engine().run(Caller::backend(workspace().id), GetUser{.user = "alice"});
    REQUIRE(alice);
    HttpRequest made = plain("GET", "/v1/me");
    made.headers.push_back(
        {"Authorization", "Bearer " + gateway().issue_token(other->id, *alice, std::chrono::hours(1))});
    check_error(request(std::move(made)), 401, "UNAUTHORIZED");
}

TEST_CASE_FIXTURE(GatewayShop, "a token whose user is given by another user's external id is refused") {
    auto alice = engine().run(Caller::backend(workspace().id), GetUser{.user = "alice"});
    REQUIRE(alice);
    const auto me_with = [&](const std::string& token) {
        HttpRequest me = plain("GET", "/v1/me");
        me.headers.push_back({"Authorization", "Bearer " + token});
        return request(std::move(me));
    };
    const auto issue = [&] { return gateway().issue_token(workspace().id, *alice, std::chrono::hours(1)); };
    CHECK(me_with(issue()).status == 200);
    CHECK(admit_token(issue()).admission);
    for (const char* other : {"bob", "Alice", "alice ", "nobody", ""}) {
        alice->external_id = other;
        CAPTURE(other);
        check_error(me_with(issue()), 401, "UNAUTHORIZED");
        CHECK(admit_token(issue()).refusal.status == 401);
    }
}

TEST_CASE_FIXTURE(GatewayShop, "tokens are issued for users and work") {
    const auto made = backend("POST", "/v1/auth/token", R"({"user_id":"alice","ttl_seconds":60})");
    CHECK(made.status == 200);
    HttpRequest me = plain("GET", "/v1/me");
    me.headers.push_back({"Authorization", "Bearer " + text_at(made.body, "token")});
    const auto reply = request(std::move(me));
    CHECK(reply.status == 200);
    CHECK(text_at(reply.body, "external_id") == "alice");
    CHECK(number_at(reply.body, "unread_total") == 0);
    const auto expires = Timestamp::parse(text_at(made.body, "expires_at"));
    REQUIRE(expires);
    CHECK(expires->milliseconds / 1000 == clock().now().milliseconds / 1000 + 60);

    CHECK(backend("POST", "/v1/users/alice/tokens").status == 200);
    CHECK(backend("POST", "/v1/users/" + user_id("alice") + "/tokens", "{}").status == 200);
    // Only the external id is accepted here.
    check_error(backend("POST", "/v1/auth/token", R"({"user_id":")" + user_id("alice") + R"("})"), 404,
                "NOT_FOUND");
    check_error(backend("POST", "/v1/auth/token", R"({"user_id":"nobody"})"), 404, "NOT_FOUND", "user");
    check_error(backend("POST", "/v1/auth/token", "{}"), 400, "VALIDATION_ERROR", "user_id");
    check_error(user("alice", "POST", "/v1/auth/token", R"({"user_id":"bob"})"), 403, "FORBIDDEN");
}

TEST_CASE_FIXTURE(GatewayShop, "bodies that are not as they should be") {
    const auto post = [&](std::string type, std::string body) {
        HttpRequest made = plain("POST", "/v1/users");
        made.headers.push_back(
            {"Authorization", "Bearer " + workspace().api_key + ":" + workspace().api_secret});
        if (!type.empty()) made.headers.push_back({"Content-Type", std::move(type)});
        made.body = std::move(body);
        return request(std::move(made));
    };
    const std::string good = R"({"external_id":"x","name":"X"})";
    CHECK(post("application/json; charset=utf-8", good).status == 201);
    check_error(post("text/plain", good), 415, "UNSUPPORTED_MEDIA_TYPE");
    check_error(post("", good), 415, "UNSUPPORTED_MEDIA_TYPE");
    check_error(post("application/json", "{"), 400, "VALIDATION_ERROR");
    check_error(post("application/json", "[]"), 400, "VALIDATION_ERROR");
    check_error(post("application/json", good + "x"), 400, "VALIDATION_ERROR");
    check_error(post("application/json", R"({"external_id":"x","external_id":"y","name":"X"})"), 400,
                "VALIDATION_ERROR");
    check_error(post("application/json", R"({"external_id":"x\u0000","name":"X"})"), 400, "VALIDATION_ERROR");
    check_error(post("application/json", "{\"external_id\":\"\xff\",\"name\":\"X\"}"), 400,
                "VALIDATION_ERROR");
    check_error(post("application/json", ""), 400, "VALIDATION_ERROR", "external_id");
    check_error(post("", ""), 400, "VALIDATION_ERROR", "external_id");
    check_error(post("application/json", R"({"external_id":7,"name":"X"})"), 400, "VALIDATION_ERROR",
                "external_id");
    const auto long_name =
        post("application/json", R"({"external_id":"x","name":")" + std::string(256, 'n') + R"("})");
    check_error(long_name, 400, "VALIDATION_ERROR", "name");
    CHECK(number_at(long_name.body, "error.details.limit") == 255);
}

TEST_CASE_FIXTURE(GatewayShop, "paths and methods that do not exist") {
    check_error(backend("GET", "/v1/nothing"), 404, "NOT_FOUND");
    check_error(request(plain("GET", "/v1/nothing")), 404, "NOT_FOUND");
    check_error(request(plain("GET", "/v1/users/%zz")), 400, "VALIDATION_ERROR");
    const auto wrong = request(plain("PUT", "/v1/users"));
    check_error(wrong, 405, "METHOD_NOT_ALLOWED");
    CHECK(wrong.header("Allow") == "POST, GET, HEAD, OPTIONS");
    const auto options = request(plain("OPTIONS", "/v1/users"));
    CHECK(options.status == 204);
    CHECK(options.header("Allow") == "POST, GET, HEAD, OPTIONS");
    check_error(request(plain("OPTIONS", "/v1/nothing")), 404, "NOT_FOUND");
    CHECK(backend("HEAD", "/v1/users").status == 200);
    const auto socket = request(plain("GET", "/v1/ws"));
    check_error(socket, 426, "VALIDATION_ERROR");
    CHECK(socket.header("Upgrade") == "websocket");
}

TEST_CASE_FIXTURE(GatewayShop, "a request keeps a valid id and loses any other") {
    const auto id_for = [&](std::string given) {
        HttpRequest made = plain("GET", "/healthz");
        made.headers.push_back({"x-request-id", std::move(given)});
        return std::string(request(std::move(made)).header("X-Request-Id"));
    };
    CHECK(id_for("abc-1_2.3") == "abc-1_2.3");
    CHECK(Uuid::parse(id_for("")));
    CHECK(Uuid::parse(id_for("a b")));
    CHECK(Uuid::parse(id_for("a\r\nSet-Cookie: x")));
    CHECK(Uuid::parse(id_for(std::string(129, 'a'))));
}

TEST_CASE("metrics can require a token, and a host can have paths of its own") {
    GatewayOptions options;
    options.metrics_token = "scrape me";
    options.fallback = [](const HttpRequest& request) -> std::optional<HttpResponse> {
        if (request.target != "/") return std::nullopt;
        return HttpResponse{.status = 200, .headers = {{"Content-Type", "text/html"}}, .body = "<p>"};
    };
    GatewayWorld world({.gateway = std::move(options), .limits = {}});
    CHECK(world.request(plain("GET", "/metrics")).status == 401);
    HttpRequest scrape = plain("GET", "/metrics");
    scrape.headers.push_back({"Authorization", "Bearer scrape me"});
    CHECK(world.request(std::move(scrape)).status == 200);
    CHECK(world.request(plain("GET", "/")).text == "<p>");
    CHECK(world.request(plain("GET", "/other")).status == 404);
    CHECK(world.request(plain("POST", "/")).status == 404);
}

TEST_CASE("pages of listed origins get CORS headers") {
    GatewayOptions options;
    options.allowed_origins = {"https://app.example"};
    GatewayWorld world({.gateway = std::move(options), .limits = {}});
    HttpRequest preflight = plain("OPTIONS", "/v1/channels/c/messages");
    preflight.headers = {{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "POST"}};
    const auto allowed = world.request(preflight);
    CHECK(allowed.status == 204);
    CHECK(allowed.header("Access-Control-Allow-Origin") == "https://app.example");
    CHECK(allowed.header("Access-Control-Allow-Methods").find("POST") != std::string_view::npos);
    CHECK(allowed.header("Access-Control-Allow-Headers").find("Authorization") != std::string_view::npos);
    // The page must be able to read errors too.
    HttpRequest plain_request = plain("GET", "/v1/me");
    plain_request.headers.push_back({"Origin", "https://app.example"});
    CHECK(world.request(std::move(plain_request)).header("Access-Control-Allow-Origin") ==
          "https://app.example");
}

TEST_CASE("a preflight from an unlisted origin gets no CORS header") {
    const auto has_cors_header = [](const auto& response) {
        return std::ranges::any_of(response.headers, [](const HttpHeader& header) {
            return header.name.starts_with("Access-Control-");
        });
    };
    for (const bool lists_one : {true, false}) {
        GatewayOptions options;
        if (lists_one) options.allowed_origins = {"https://app.example"};
        GatewayWorld world({.gateway = std::move(options), .limits = {}});
        for (const std::string target : {"/v1/channels/c/messages", "/v1/me", "/healthz", "/v1/ws", "/openapi.json"}) {
            HttpRequest preflight = plain("OPTIONS", target);
            preflight.headers = {{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "GET"}};
            CAPTURE(target);
            CHECK(has_cors_header(world.request(preflight)) == lists_one);
            for (const char* origin : {"https://evil.example", "http://app.example", "https://app.example:444", "null", ""}) {
                CAPTURE(origin);
                preflight.headers[0].value = origin;
                const auto refused = world.request(preflight);
                CHECK(refused.status == 204);
                CHECK_FALSE(refused.header("Allow").empty());
                CHECK_FALSE(has_cors_header(refused));
            }
            // Two origins are invalid.
            preflight.headers = {{"Origin", "https://app.example"},
                                 {"Origin", "https://app.example"},
                                 {"Access-Control-Request-Method", "GET"}};
            CHECK_FALSE(has_cors_header(world.request(preflight)));
        }
    }
}

TEST_CASE("a caller who is not admitted learns what is missing") {
    GatewayWorld world;
    const auto said = [&](const char* authorization) {
        HttpRequest request = plain("GET", "/v1/me");
        if (*authorization != '\0') request.headers.push_back({"Authorization", authorization});
        const auto refused = world.request(std::move(request));
        CHECK(refused.code() == "UNAUTHORIZED");
        return std::string(refused.body.at("error").at("message").as_string());
    };
    CHECK(said("").find("is missing") != std::string::npos);
    CHECK(said("Basic abc").find("not Bearer") != std::string::npos);
    CHECK(said("Bearer").find("not Bearer") != std::string::npos);
    for (const char* without : {"Bearer pk_live_x", "Bearer pk_live_x:", "Bearer pk_live_x: ", "bearer pk_x:"}) {
        CAPTURE(std::string(without));
        CHECK(said(without).find("lacks its secret") != std::string::npos);
    }
    CHECK(said("Bearer :sk_y").find("lacks its key") != std::string::npos);
    CHECK(said("Bearer pk_live_x:sk_y").find("is wrong") != std::string::npos);
    CHECK(said("Bearer x").find("not a token") != std::string::npos);
}

TEST_CASE("rate limits are enforced, and responses state them") {
    GatewayWorld world({.gateway = {}, .limits = {}, .rates = {.backend_requests_per_second = 5}});
    for (int i = 0; i < 10; ++i) CHECK(world.backend("GET", "/v1/workspace").status == 200);
    const auto limited = world.backend("GET", "/v1/workspace");
    check_error(limited, 429, "RATE_LIMITED");
    CHECK(limited.header("Retry-After") == "1");
    CHECK(limited.header("RateLimit-Limit") == "10");
    CHECK(limited.header("RateLimit-Remaining") == "0");
    CHECK(limited.header("RateLimit-Reset") == "1");
    CHECK(number_at(limited.body, "error.details.retry_after_ms") == 200);
    CHECK(at(limited.body, "error.retryable") == boost::json::value(true));
    world.clock().advance(std::chrono::milliseconds(200));
    CHECK(world.backend("GET", "/v1/workspace").status == 200);
}

TEST_CASE_FIXTURE(GatewayShop, "a revoked key stops working within five seconds") {
    CHECK(backend("GET", "/v1/workspace").status == 200);
    auto rotated = engine().run(Caller::host(), RotateSecret{.workspace = workspace().id});
    REQUIRE(rotated);
    clock().advance(std::chrono::seconds(5));
    check_error(backend("GET", "/v1/workspace"), 401, "UNAUTHORIZED");
}

TEST_CASE("invalid options are refused") {
    GatewayWorld world;
    const auto refused = [&](auto change) {
        GatewayOptions options;
        options.jwt_secret = std::string(32, 's');
        change(options);
        const auto made = Gateway::create(world.engine(), std::move(options));
        return !made && made.error().code == ErrorCode::misuse;
    };
    CHECK(refused([](GatewayOptions&) {}));  // there is one already
    CHECK(refused([](GatewayOptions& options) { options.jwt_secret = "short"; }));
    CHECK(refused([](GatewayOptions& options) { options.jwt_secret_previous = "short"; }));
    CHECK(refused([](GatewayOptions& options) { options.trusted_proxies = {"nonsense"}; }));
    CHECK(refused([](GatewayOptions& options) { options.jwt_ttl = std::chrono::seconds(0); }));
}

TEST_CASE("a gateway uses its engine's limits, and refuses limits that admit nobody") {
    EngineOptions options;
    options.storage = open_sqlite({.path = ":memory:"}).value();
    options.crypto = openssl_crypto();
    options.limits.connections_per_user = 0;
    const auto engine = Engine::open(std::move(options)).value();
    GatewayOptions gateway;
    gateway.jwt_secret = std::string(32, 's');
    const auto made = Gateway::create(*engine, std::move(gateway));
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == ErrorCode::misuse);
}

}  // namespace
}  // namespace cariosan
