// What `EventBus` promises. A bus may lose, repeat and reorder messages, so these tests publish until something arrives,
// and only judge what must never happen.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "conformance/node_kind.hpp"

namespace cariosan::conformance {
namespace {

constexpr std::chrono::seconds kPatience{30};

BusTopic bus_topic(std::uint8_t number, BusTopic::Kind kind = BusTopic::Kind::channel) {
    BusTopic topic{.kind = kind};
    topic.id.bytes[15] = number;
    return topic;
}

BusMessage bus_message(std::vector<BusTopic> topics, std::string text) {
    return {std::move(topics), std::make_shared<const std::string>(std::move(text))};
}

/// Records what it receives.
class Inbox final : public BusListener {
  public:
    void received(std::span<const BusBytes> messages) override {
        const std::lock_guard lock(mutex_);
        for (const BusBytes& each : messages) texts_.push_back(*each);
        changed_.notify_all();
    }
    void subscribed(std::span<const BusTopic> topics) override {
        const std::lock_guard lock(mutex_);
        standing_.insert(standing_.end(), topics.begin(), topics.end());
        changed_.notify_all();
    }
    void lost(std::span<const BusTopic>) override {}
    void lost_all() override {}

    void wait_standing(const BusTopic& topic) {
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_for(lock, kPatience,
                                  [&] { return std::ranges::find(standing_, topic) != standing_.end(); }));
    }
    /// Whether the text arrives within a moment.
    bool receives(const std::string& text) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::milliseconds(200),
                                 [&] { return std::ranges::find(texts_, text) != texts_.end(); });
    }
    std::vector<std::string> texts() {
        const std::lock_guard lock(mutex_);
        return texts_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> texts_;
    std::vector<BusTopic> standing_;
};

/// A node of the bus and what it receives.
struct BusNode {
    template <class Kind>
    explicit BusNode(Kind& kind) : bus(kind.node()) { bus->start(inbox); }
    ~BusNode() { bus->stop(); }
    void subscribe(const BusTopic& topic) {
        bus->subscribe({&topic, 1});
        inbox.wait_standing(topic);
    }
    void publish(const BusMessage& message) { bus->publish({&message, 1}); }
    /// Publishes the message until the other node has received it.
    void publish_until_received(const BusMessage& message, BusNode& other) {
        for (int i = 0; i < 100; ++i) {
            publish(message);
            if (other.inbox.receives(*message.bytes)) return;
        }
        FAIL("never received");
    }

    Inbox inbox;
    std::shared_ptr<EventBus> bus;
};

bool has(const std::vector<std::string>& texts, std::string_view text) {
    return std::ranges::find(texts, text) != texts.end();
}

}  // namespace

BUS_TEST("a message published to a topic reaches its subscribers byte for byte") {
    Kind kind;
    BusNode one(kind);
    BusNode two(kind);
    BusNode three(kind);
    two.subscribe(bus_topic(1));
    three.subscribe(bus_topic(2));
    const std::string bytes("\0\x01\xff of any kind", 15);
    one.publish_until_received(bus_message({bus_topic(1)}, bytes), two);
    one.publish_until_received(bus_message({bus_topic(2)}, "for three"), three);
    CHECK_FALSE(has(three.inbox.texts(), bytes));
    CHECK_FALSE(has(two.inbox.texts(), "for three"));
    CHECK(one.inbox.texts().empty());
}

BUS_TEST("topics with the same id but different kinds are different topics") {
    Kind kind;
    BusNode one(kind);
    BusNode two(kind);
    two.subscribe(bus_topic(1, BusTopic::Kind::user));
    one.publish(bus_message({bus_topic(1, BusTopic::Kind::channel)}, "channel"));
    one.publish(bus_message({bus_topic(1, BusTopic::Kind::workspace)}, "workspace"));
    one.publish_until_received(bus_message({bus_topic(1, BusTopic::Kind::user)}, "user"), two);
    CHECK_FALSE(has(two.inbox.texts(), "channel"));
    CHECK_FALSE(has(two.inbox.texts(), "workspace"));
}

BUS_TEST("a message with several topics reaches the subscribers of any of them") {
    Kind kind;
    BusNode one(kind);
    BusNode two(kind);
    BusNode three(kind);
    two.subscribe(bus_topic(1));
    three.subscribe(bus_topic(2));
    const BusMessage message = bus_message({bus_topic(1), bus_topic(2)}, "both");
    one.publish_until_received(message, two);
    one.publish_until_received(message, three);
}

BUS_TEST("subscribing twice is acknowledged at once, and after unsubscribing messages stop arriving") {
    Kind kind;
    BusNode one(kind);
    BusNode two(kind);
    two.subscribe(bus_topic(1));
    two.subscribe(bus_topic(1));
    two.subscribe(bus_topic(2));
    one.publish_until_received(bus_message({bus_topic(1)}, "before"), two);
    const BusTopic left = bus_topic(1);
    two.bus->unsubscribe({&left, 1});
    // A few messages may still arrive, but none after a round trip.
    one.publish_until_received(bus_message({bus_topic(2)}, "round trip"), two);
    one.publish(bus_message({bus_topic(1)}, "after"));
    one.publish_until_received(bus_message({bus_topic(2)}, "another round trip"), two);
    CHECK_FALSE(has(two.inbox.texts(), "after"));
    two.subscribe(bus_topic(1));
    one.publish_until_received(bus_message({bus_topic(1)}, "again"), two);
}

BUS_TEST("a stopped node receives nothing more, and the others carry on") {
    Kind kind;
    BusNode one(kind);
    BusNode two(kind);
    two.subscribe(bus_topic(1));
    {
        BusNode three(kind);
        three.subscribe(bus_topic(1));
        one.publish_until_received(bus_message({bus_topic(1)}, "to both"), three);
        three.bus->stop();
        const std::size_t before = three.inbox.texts().size();
        one.publish_until_received(bus_message({bus_topic(1)}, "to two"), two);
        CHECK(three.inbox.texts().size() == before);
    }
    one.publish_until_received(bus_message({bus_topic(1)}, "once more"), two);
}

BUS_TEST("nodes subscribe, publish and stop from many threads") {
    Kind kind;
    BusNode one(kind);
    one.subscribe(bus_topic(1));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&kind] {
            for (int round = 0; round < 50; ++round) {
                Inbox inbox;
                const auto bus = kind.node();
                bus->start(inbox);
                const BusTopic topic = bus_topic(1);
                bus->subscribe({&topic, 1});
                const BusMessage message = bus_message({topic}, "x");
                bus->publish({&message, 1});
                bus->unsubscribe({&topic, 1});
                bus->stop();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(one.inbox.receives("x"));
}

}  // namespace cariosan::conformance
