// A storage that commits several batches at a time: who waits for whom, and what keeps its order.
#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/engine.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/shared_storage.hpp"

using namespace cariosan;

namespace {

/// What the lanes of a `LaneStorage` did, and what a test blocks.
class Lanes {
  public:
    /// Commits that send to this channel wait from now on.
    void hold(ChannelId channel) {
        const std::lock_guard lock(mutex_);
        held_ = channel;
    }
    void release() {
        const std::lock_guard lock(mutex_);
        held_.reset();
        changed_.notify_all();
    }
    void wait_until_held() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return holding_ > 0; });
    }
    void pass(std::span<const Mutation> batch) {
        std::unique_lock lock(mutex_);
        for (const Mutation& each : batch) {
            if (const auto* send = std::get_if<mutation::SendMessage>(&each)) lanes_[send->channel].insert(std::this_thread::get_id());
        }
        const auto is_held = [&] {
            return held_ && std::ranges::any_of(batch, [&](const Mutation& each) {
                       const auto* send = std::get_if<mutation::SendMessage>(&each);
                       return send != nullptr && send->channel == *held_;
                   });
        };
        if (!is_held()) return;
        ++holding_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return !is_held(); });
        --holding_;
    }
    /// The lanes that sent to a channel.
    std::set<std::thread::id> lanes_of(ChannelId channel) {
        const std::lock_guard lock(mutex_);
        return lanes_[channel];
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<ChannelId> held_;
    int holding_ = 0;
    std::map<ChannelId, std::set<std::thread::id>> lanes_;
};

/// SQLite behind several lanes, like a remote database; they take turns, because SQLite has one writer.
class LaneStorage final : public test::SharedStorage {
  public:
    LaneStorage(std::shared_ptr<Lanes> lanes, std::size_t count)
        : SharedStorage(std::make_shared<Shared>(open_sqlite({.path = ":memory:"}).value())),
          lanes_(std::move(lanes)),
          count_(count) {}

    std::size_t writer_lanes() const override { return count_; }
    std::vector<Result<Committed>> commit(std::span<const Mutation> batch) override {
        lanes_->pass(batch);
        return SharedStorage::commit(batch);
    }

  private:
    std::shared_ptr<Lanes> lanes_;
    const std::size_t count_;
};

/// A workspace with alice and budi, both members of `channels` groups.
struct LaneShop {
    explicit LaneShop(int channels, std::size_t lane_count = 4) {
        EngineOptions options;
        options.storage = std::make_unique<LaneStorage>(lanes, lane_count);
        options.crypto = openssl_crypto();
        options.rates.enabled = false;
        engine = Engine::open(std::move(options)).value();
        workspace = engine->run(Caller::host(), CreateWorkspace{.name = "Shop"}).value().id;
        for (const char* name : {"alice", "budi"}) {
            UpsertUser upsert;
            upsert.external_id = name;
            upsert.name = name;
            REQUIRE(engine->run(Caller::backend(workspace), upsert).ok());
        }
        for (int i = 0; i < channels; ++i) {
            CreateChannel create;
            create.external_id = "order_" + std::to_string(i);
            create.name = "Order";
            create.member_external_ids = {"alice", "budi"};
            ids.push_back(engine->run(Caller::backend(workspace), create).value().id);
        }
    }
    Caller alice() const { return Caller::user(workspace, "alice"); }
    SendMessage message(std::size_t channel, std::string text) const {
        SendMessage send;
        send.channel = "order_" + std::to_string(channel);
        send.content = std::move(text);
        return send;
    }
    Result<Message> send(std::size_t channel) { return engine->run(alice(), message(channel, "x")); }
    /// The lane that sends to each channel.
    std::vector<std::thread::id> lane_of_each() {
        std::vector<std::thread::id> all;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            REQUIRE(send(i).ok());
            REQUIRE(lanes->lanes_of(ids[i]).size() == 1);
            all.push_back(*lanes->lanes_of(ids[i]).begin());
        }
        return all;
    }

    std::shared_ptr<Lanes> lanes = std::make_shared<Lanes>();
    std::unique_ptr<Engine> engine;
    WorkspaceId workspace;
    std::vector<ChannelId> ids;
};

}  // namespace

TEST_CASE("a waiting lane does not block the others") {
    LaneShop shop(32);
    const auto lanes = shop.lane_of_each();
    CHECK(std::set(lanes.begin(), lanes.end()).size() == 4);
    shop.lanes->hold(shop.ids[0]);
    std::atomic<int> answered{0};
    for (const char* text : {"1", "2"}) {
        shop.engine->submit(shop.alice(), shop.message(0, text), [&](const Result<Message>& sent) {
            answered += sent.ok() ? 1 : 0;
        });
    }
    shop.lanes->wait_until_held();
    for (std::size_t i = 1; i < lanes.size(); ++i) {
        if (lanes[i] != lanes[0]) CHECK(shop.send(i).ok());
    }
    CHECK(answered == 0);
    shop.lanes->release();
    CHECK(shop.send(0).value().seq == 4);
    REQUIRE(shop.engine->close().ok());
    CHECK(answered == 2);
}

TEST_CASE("a storage has one lane by default") {
    LaneShop shop(8, 1);
    const auto lanes = shop.lane_of_each();
    CHECK(std::set(lanes.begin(), lanes.end()).size() == 1);
}

TEST_CASE("an engine does not open a storage with no lanes or too many") {
    for (const std::size_t count : {std::size_t{0}, std::size_t{65}}) {
        EngineOptions options;
        options.storage = std::make_unique<LaneStorage>(std::make_shared<Lanes>(), count);
        options.crypto = openssl_crypto();
        const auto engine = Engine::open(std::move(options));
        REQUIRE_FALSE(engine.ok());
        CHECK(engine.error().code == ErrorCode::misuse);
    }
}

TEST_CASE("each channel keeps its order over many lanes, for senders and subscribers") {
    LaneShop shop(16);
    std::mutex mutex;
    std::map<ChannelId, std::vector<std::int64_t>> revs;
    std::map<ChannelId, std::vector<std::string>> texts;
    Result<Subscription> subscription = shop.engine->subscribe(shop.workspace, [&](const EventRef& event) {
        if (event->channel.is_nil()) return;
        const std::lock_guard lock(mutex);
        revs[event->channel].push_back(event->rev);
        if (const auto* created = std::get_if<MessageCreated>(&event->body)) {
            texts[event->channel].push_back(created->message.content);
        }
    });
    REQUIRE(subscription.ok());
    constexpr int kMessages = 50;
    std::atomic<int> refused{0};
    std::vector<std::thread> senders;
    for (const char* name : {"alice", "budi"}) {
        senders.emplace_back([&, name] {
            for (int number = 0; number < kMessages; ++number) {
                for (std::size_t channel = 0; channel < shop.ids.size(); ++channel) {
                    shop.engine->submit(Caller::user(shop.workspace, name),
                                        shop.message(channel, name + std::to_string(number)),
                                        [&](const Result<Message>& sent) { refused += sent.ok() ? 0 : 1; });
                }
            }
        });
    }
    for (std::thread& each : senders) each.join();
    REQUIRE(shop.engine->close().ok());
    CHECK(refused == 0);
    for (const ChannelId channel : shop.ids) {
        CHECK(shop.lanes->lanes_of(channel).size() == 1);
        CHECK(std::ranges::is_sorted(revs[channel]));
        REQUIRE(texts[channel].size() == 2 * kMessages);
        for (const char* name : {"alice", "budi"}) {
            int next = 0;
            for (const std::string& text : texts[channel]) {
                if (text == name + std::to_string(next)) ++next;
            }
            CHECK(next == kMessages);
        }
    }
}

TEST_CASE("what a deleted user leaves in the channels of all lanes is removed, in each channel's order") {
    LaneShop shop(32);
    std::mutex mutex;
    std::map<ChannelId, std::vector<std::int64_t>> revs;
    Result<Subscription> subscription = shop.engine->subscribe(shop.workspace, [&](const EventRef& event) {
        const std::lock_guard lock(mutex);
        if (!event->channel.is_nil()) revs[event->channel].push_back(event->rev);
    });
    REQUIRE(subscription.ok());
    for (std::size_t i = 0; i < shop.ids.size(); ++i) REQUIRE(shop.send(i).ok());
    DeleteUser remove;
    remove.user = "budi";
    remove.erase_messages = true;
    REQUIRE(shop.engine->run(Caller::backend(shop.workspace), remove).ok());
    const auto members_of = [&](std::size_t channel) {
        ListMembers list;
        list.channel = "order_" + std::to_string(channel);
        return shop.engine->run(Caller::backend(shop.workspace), list).value().page.items.size();
    };
    for (std::size_t channel = 0; channel < shop.ids.size(); ++channel) {
        while (members_of(channel) != 1) {
            REQUIRE(shop.send(0).ok());
            std::this_thread::yield();
        }
    }
    REQUIRE(shop.engine->close().ok());
    for (const ChannelId channel : shop.ids) CHECK(std::ranges::is_sorted(revs[channel]));
}

TEST_CASE("closing commits what waits for any lane") {
    LaneShop shop(32);
    const auto lanes = shop.lane_of_each();
    shop.lanes->hold(shop.ids[0]);
    std::atomic<int> answered{0};
    const auto count = [&](const Result<Message>& sent) { answered += sent.ok() ? 1 : 0; };
    shop.engine->submit(shop.alice(), shop.message(0, "held"), count);
    shop.lanes->wait_until_held();
    for (std::size_t i = 0; i < lanes.size(); ++i) shop.engine->submit(shop.alice(), shop.message(i, "behind"), count);
    std::thread closer([&] { CHECK(shop.engine->close().ok()); });
    while (shop.engine->run(shop.alice(), GetMe{}).ok()) std::this_thread::yield();
    shop.lanes->release();
    closer.join();
    CHECK(answered == 33);
}
