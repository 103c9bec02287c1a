#include "adapters/curl/http_client.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "support/http_stand_in.hpp"

namespace cariosan::curl {
namespace {

using test::http_answer;
using test::HttpStandIn;
using test::StandInAnswer;

/// Accepts connections but does not answer until it is opened.
class Gate {
  public:
    void pass() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void wait_for(std::size_t waiting) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ >= waiting; });
    }
    void open() {
        const std::scoped_lock lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_{};
    std::condition_variable changed_{};
    std::size_t waiting_ = 0;
    bool open_ = false;
};

std::future<HttpAnswer> begin(HttpClient& client, const std::string& url) {
    auto promise = std::make_shared<std::promise<HttpAnswer>>();
    client.send({.url = url, .body = "{}"}, [promise](HttpAnswer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
}

TEST_CASE("a limited number of requests run at once, and the others follow in order") {
    Gate gate;
    std::atomic<int> served = 0;
    HttpStandIn server([&](const std::string&) {
        gate.pass();
        return StandInAnswer{http_answer("200 OK", std::to_string(++served))};
    });
    auto client = HttpClient::open({.public_only = false, .max_running = 3});
    REQUIRE(client);
    std::vector<std::future<HttpAnswer>> answers;
    for (int i = 0; i < 20; ++i) answers.push_back(begin(**client, server.url()));
    gate.wait_for(3);
    CHECK(server.connections() == 3);
    gate.open();
    for (auto& answer : answers) CHECK(answer.get().status == 200);
    CHECK(served == 20);
    CHECK(server.connections() == 3);
}

TEST_CASE("a destroyed client answers running and waiting requests") {
    Gate gate;
    HttpStandIn server([&](const std::string&) {
        gate.pass();
        return StandInAnswer{.bytes = "", .hang_up = true};
    });
    auto client = HttpClient::open({.public_only = false, .max_running = 1});
    REQUIRE(client);
    auto running = begin(**client, server.url());
    auto waiting = begin(**client, server.url());
    gate.wait_for(1);
    client->reset();
    CHECK(running.get().error == "not sent: the client is closed");
    CHECK(waiting.get().error == "not sent: the client is closed");
    CHECK(server.connections() == 1);
    gate.open();
}

}  // namespace
}  // namespace cariosan::curl
