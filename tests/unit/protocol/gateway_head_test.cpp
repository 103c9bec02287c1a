// Requests checked by their head, before the body is read.
#include <doctest/doctest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "unit/protocol/gateway_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

class HeadShop : public GatewayShop {
  public:
    using GatewayShop::GatewayShop;

    /// The head of a request with a body, as the transport passes it.
    HttpRequest head(std::string_view method, std::string_view target, const std::string& credentials) {
        HttpRequest made = plain(method, target);
        if (!credentials.empty()) made.headers.push_back({"Authorization", "Bearer " + credentials});
        made.headers.push_back({"Content-Type", "application/json"});
        made.headers.push_back({"Content-Length", "1000000"});
        made.headers.push_back({"Origin", "https://shop.example"});
        made.headers.push_back({"X-Request-Id", "mine"});
        return made;
    }
    std::string key() const { return workspace().api_key + ":" + workspace().api_secret; }
};

int status_of(const RequestOutcome& outcome) { return outcome.pending ? 0 : outcome.response.status; }

TEST_CASE_FIXTURE(HeadShop, "credentials, path, method, role and type are checked before the body is read") {
    const std::string messages = "/v1/channels/order_1/messages";
    CHECK(status_of(begin(head("POST", messages, ""))) == 401);
    CHECK(status_of(begin(head("POST", messages, "nonsense"))) == 401);
    CHECK(status_of(begin(head("POST", messages, "pk_live_x:sk_y"))) == 401);
    CHECK(status_of(begin(head("POST", "/v1/nowhere", key()))) == 404);
    CHECK(status_of(begin(head("PUT", messages, key()))) == 405);
    CHECK(status_of(begin(head("POST", "/v1/users", token("alice")))) == 403);
    HttpRequest typed = head("POST", messages, key());
    typed.headers[1].value = "text/plain";
    CHECK(status_of(begin(typed)) == 415);
    std::erase_if(typed.headers, [](const HttpHeader& each) { return each.name == "Content-Type"; });
    CHECK(status_of(begin(typed)) == 415);
    typed.headers.push_back({"Transfer-Encoding", "chunked"});
    std::erase_if(typed.headers, [](const HttpHeader& each) { return each.name == "Content-Length"; });
    CHECK(status_of(begin(typed)) == 415);
    // A request that needs no body is answered at once.
    CHECK(status_of(begin(head("GET", messages, token("alice")))) == 200);
    CHECK(status_of(begin(head("POST", "/healthz", ""))) == 405);
}

TEST_CASE_FIXTURE(HeadShop, "an admitted request is answered when the body has arrived") {
    RequestOutcome outcome = begin(head("POST", "/v1/channels/order_1/messages", token("alice")));
    REQUIRE(outcome.pending);
    std::optional<HttpResponse> response;
    outcome.pending->finish(R"({"content":"hello"})", [&](HttpResponse answer) { response = std::move(answer); });
    run_until([&] { return response.has_value(); });
    CHECK(response->status == 201);
    outcome.pending.reset();
    RequestOutcome given_up = begin(head("POST", "/v1/channels/order_1/messages", token("alice")));
    REQUIRE(given_up.pending);
}

TEST_CASE("every refusal has the request's id and the headers for its origin") {
    HeadShop shop({.gateway = {.allowed_origins = {"https://shop.example"}}, .limits = {}});
    const auto check = [](const HttpResponse& response, int status) {
        CHECK(response.status == status);
        const Reply reply{.status = response.status, .headers = response.headers, .body = {}, .text = {}};
        CHECK(reply.header("X-Request-Id") == "mine");
        CHECK(reply.header("Access-Control-Allow-Origin") == "https://shop.example");
    };
    check(shop.begin(shop.head("POST", "/v1/users", "")).response, 401);
    const Error large(ErrorCode::payload_too_large, "too large");
    check(shop.gateway().refuse(large, shop.head("POST", "/v1/users", "")), 413);
    RequestOutcome outcome = shop.begin(shop.head("POST", "/v1/users", shop.key()));
    REQUIRE(outcome.pending);
    check(outcome.pending->refuse(large), 413);
}

TEST_CASE("a refused WebSocket has the request's id and the headers for its origin") {
    HeadShop shop({.gateway = {.allowed_origins = {"https://shop.example"}}, .limits = {}});
    HttpRequest handshake = plain("GET", "/v1/ws");
    handshake.headers.push_back({"Origin", "https://shop.example"});
    handshake.headers.push_back({"X-Request-Id", "mine"});
    const auto check = [&](int status) {
        std::optional<HttpResponse> refusal;
        shop.gateway().admit(shop.lane(), handshake, [&](UpgradeOutcome outcome) { refusal = std::move(outcome.refusal); });
        shop.run_until([&] { return refusal.has_value(); });
        const Reply reply{.status = refusal->status, .headers = refusal->headers, .body = {}, .text = {}};
        CHECK(reply.status == status);
        CHECK(reply.header("X-Request-Id") == "mine");
        CHECK(reply.header("Access-Control-Allow-Origin") == "https://shop.example");
    };
    check(401);
    handshake.headers.push_back({"Sec-WebSocket-Protocol", "cariosan.jwt.nonsense"});
    check(401);
    shop.gateway().drain(std::chrono::seconds(1));
    check(503);
}

TEST_CASE_FIXTURE(HeadShop, "the number of pages produced at once is limited, whoever waits for them") {
    const HttpRequest page = head("GET", "/v1/channels/order_1/messages", token("alice"));
    const std::uint64_t before = engine().metrics().commands;
    int answered = 0;
    for (int i = 0; i < 200; ++i) {
        gateway().begin(lane(), page, [&](const RequestOutcome& outcome) { answered += outcome.response.status == 200; });
    }
    // Nothing is sent before the lane runs: finished answers wait for it.
    CHECK(engine().metrics().commands - before <= 64);
    run_until([&] { return answered == 200; });
    CHECK(engine().metrics().commands - before >= 200);
}

TEST_CASE("a request in two steps is authenticated once") {
    HeadShop shop({.gateway = {}, .limits = {}, .rates = {.backend_requests_per_second = 10}});
    shop.clock().advance(std::chrono::seconds(60));
    for (int i = 0; i < 20; ++i) {
        CHECK(shop.backend("PATCH", "/v1/channels/order_1", R"({"name":"x"})").status == 200);
    }
    CHECK(shop.backend("PATCH", "/v1/channels/order_1", R"({"name":"x"})").status == 429);
}

}  // namespace
}  // namespace cariosan
