// Whoever requests much only delays itself.
#include <doctest/doctest.h>

#include "unit/protocol/session_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

HttpRequest history_request(const std::string& credentials) {
    HttpRequest request;
    request.method = "GET";
    request.target = "/v1/channels/order_1/messages";
    request.headers.push_back({"Authorization", "Bearer " + credentials});
    return request;
}

TEST_CASE_FIXTURE(SessionShop, "at most eight reads of one user run at once, beside those of others") {
    const HttpRequest alices = history_request(token("alice"));
    const HttpRequest bobs = history_request(token("bob"));
    const HttpRequest backends = history_request(workspace().api_key + ":" + workspace().api_secret);
    CHECK(request(backends).status == 200);  // the key is cached from here on

    int answered = 0;
    const auto ask = [&](const HttpRequest& what, int times) {
        const std::uint64_t before = engine().metrics().commands;
        for (int i = 0; i < times; ++i) {
            gateway().handle(lane(), what, [&](const HttpResponse& answer) {
                CHECK(answer.status == 200);
                ++answered;
            });
        }
        return engine().metrics().commands - before;
    };
    // The lane does not run meanwhile, so none of the reads ends.
    CHECK(ask(alices, 100) == 8);
    CHECK(ask(bobs, 1) == 1);
    CHECK(ask(backends, 1) == 1);
    run_until([&] { return answered == 102; });
}

TEST_CASE_FIXTURE(SessionShop, "connecting does not wait for another user's reads") {
    const HttpRequest alices = history_request(token("alice"));
    const std::string bobs = token("bob");
    int answered = 0;
    for (int i = 0; i < 100; ++i) {
        gateway().handle(lane(), alices, [&](const HttpResponse&) { ++answered; });
    }
    const std::uint64_t before = engine().metrics().commands;
    HttpRequest upgrade;
    upgrade.method = "GET";
    upgrade.target = "/v1/ws";
    upgrade.headers = {{"Sec-WebSocket-Protocol", "cariosan.v1, cariosan.jwt." + bobs}};
    bool is_admitted = false;
    gateway().admit(lane(), upgrade, [&](const UpgradeOutcome& outcome) { is_admitted = outcome.admission != nullptr; });
    CHECK(engine().metrics().commands == before + 1);
    run_until([&] { return is_admitted && answered == 100; });
}

}  // namespace
}  // namespace cariosan
