#include <doctest/doctest.h>

#include "demo.hpp"

using namespace cariosan;
using namespace cariosan::server;

namespace {

HttpRequest from(const char* address, std::vector<HttpHeader> headers = {}) {
    return {.method = "GET",
            .target = "/demo.json",
            .headers = std::move(headers),
            .body = "",
            .remote_address = address};
}

}  // namespace

TEST_CASE("the demo's tokens stay on this machine, but in development") {
    for (const char* address : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
        CHECK(may_see_demo(from(address), Environment::prod));
        CHECK_FALSE(may_see_demo(from(address, {{"x-forwarded-for", "192.0.2.1"}}), Environment::prod));
        CHECK_FALSE(may_see_demo(from(address, {{"Forwarded", "for=192.0.2.1"}}), Environment::test));
    }
    for (const char* address : {"192.0.2.1", "128.0.0.1", "::2", ""}) {
        CHECK_FALSE(may_see_demo(from(address), Environment::prod));
        CHECK_FALSE(may_see_demo(from(address), Environment::test));
        CHECK(may_see_demo(from(address), Environment::dev));
    }
}

TEST_CASE("the key of the demo's backend stays on this machine, in development too") {
    CHECK(is_of_this_machine(from("127.0.0.1")));
    CHECK(is_of_this_machine(from("::1")));
    CHECK_FALSE(is_of_this_machine(from("192.0.2.1")));
    CHECK_FALSE(is_of_this_machine(from("127.0.0.1", {{"X-Forwarded-For", "127.0.0.1"}})));
}
