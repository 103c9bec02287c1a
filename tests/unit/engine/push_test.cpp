#include <doctest/doctest.h>

#include <cariosan/delivery.hpp>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "unit/engine/gate_storage.hpp"

using namespace cariosan;

namespace {

/// Accepts everything at once.
class RecordingSender final : public PushSender {
  public:
    void send(PushCall call, std::function<void(PushAnswer)> done) override {
        done({.outcome = PushOutcome::delivered});
        const std::lock_guard lock(mutex_);
        calls_.push_back(std::move(call));
        changed_.notify_all();
    }
    std::vector<PushCall> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return calls_.size() >= count; });
        return calls_;
    }
    std::size_t count() {
        const std::lock_guard lock(mutex_);
        return calls_.size();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<PushCall> calls_;
};

void add_device(Shop& shop, const std::string& user, const std::string& token) {
    RegisterDevice device;
    device.token = token;
    (void)shop.engine->run(Caller::user(shop.workspace, user), device).value();
}

}  // namespace

TEST_CASE("with a sender, a message is pushed to the other members' devices") {
    const auto sender = std::make_shared<RecordingSender>();
    EngineOptions options;
    options.push = sender;
    Shop shop(std::move(options));
    add_device(shop, "alice", "hers");
    add_device(shop, "budi", "his");
    const Message message = shop.engine->run(shop.alice(), Shop::message("not for the service")).value();
    const auto calls = sender->wait_for(1);
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].device_token == "his");
    CHECK(calls[0].sender_name == "alice");
    CHECK(calls[0].channel == shop.channel);
    CHECK(calls[0].message == message.id);
    CHECK(shop.engine->close().ok());
    CHECK(shop.engine->metrics().pushes == 1);
    CHECK(sender->count() == 1);
}

TEST_CASE("without a sender, messages leave no push jobs") {
    Shop shop;
    add_device(shop, "budi", "his");
    (void)shop.engine->run(shop.alice(), Shop::message("hello")).value();
    // Each command is one mutation: neither leases nor results were committed.
    const std::uint64_t commands = shop.engine->metrics().mutations;
    CHECK(commands == 6);
    CHECK(shop.engine->close().ok());
    CHECK(shop.engine->metrics().mutations == commands);
}
