// What the Redis adapter does while Redis is killed, stopped, emptied, refuses, or cuts its connections.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "conformance/node_kind.hpp"

namespace cariosan::conformance {
namespace {

using test::PrivateRedis;

constexpr std::chrono::seconds kFaultPatience{60};

#define REDIS_FAULT(name) TEST_CASE(name* doctest::skip(!PrivateRedis::is_installed()))

void eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kFaultPatience;
    while (!condition()) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

BusTopic fault_topic(std::uint8_t number) {
    BusTopic topic;
    topic.id.bytes[0] = number;
    return topic;
}

UserId fault_user(std::uint8_t number) {
    UserId user;
    user.uuid.bytes[0] = number;
    return user;
}

Present whether_here(Coordination& node, std::uint8_t user) { return node.present(std::vector{fault_user(user)}).at(0); }

bool is_here(Coordination& node, std::uint8_t user) { return whether_here(node, user) == Present::yes; }

/// Counts what it is told.
class Told final : public BusListener {
  public:
    void received(std::span<const BusBytes> messages) override {
        while (is_slow) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const std::lock_guard lock(mutex_);
        for (const BusBytes& each : messages) texts_.push_back(*each);
    }
    void subscribed(std::span<const BusTopic> topics) override {
        const std::lock_guard lock(mutex_);
        standing_.insert(standing_.end(), topics.begin(), topics.end());
    }
    void lost(std::span<const BusTopic> topics) override {
        const std::lock_guard lock(mutex_);
        lost_.insert(lost_.end(), topics.begin(), topics.end());
    }
    void lost_all() override { ++lost_everything; }

    std::ptrdiff_t times_standing(const BusTopic& topic) { return count(standing_, topic); }
    std::ptrdiff_t times_lost(const BusTopic& topic) { return count(lost_, topic); }
    std::ptrdiff_t times_received(const std::string& text) { return count(texts_, text); }

    std::atomic<bool> is_slow{false};
    std::atomic<int> lost_everything{0};

  private:
    template <class Item>
    std::ptrdiff_t count(const std::vector<Item>& items, const Item& item) {
        const std::lock_guard lock(mutex_);
        return std::ranges::count(items, item);
    }

    std::mutex mutex_;
    std::vector<std::string> texts_;
    std::vector<BusTopic> standing_;
    std::vector<BusTopic> lost_;
};

/// One node of a bus, subscribed to the first topic.
struct FaultNode {
    explicit FaultNode(Redis& redis) : bus(redis.event_bus()) {
        bus->start(told);
        const BusTopic topic = fault_topic(1);
        bus->subscribe({&topic, 1});
        eventually([&] { return told.times_standing(topic) == 1 && !bus->is_away(); });
    }
    ~FaultNode() { bus->stop(); }

    void publish(const std::string& text, std::uint8_t topic = 1) {
        const BusMessage message{{fault_topic(topic)}, std::make_shared<const std::string>(text)};
        bus->publish({&message, 1});
    }
    void publish_until(const std::string& text, FaultNode& other) {
        eventually([&] {
            publish(text);
            return other.told.times_received(text) > 0;
        });
    }

    Told told;
    std::shared_ptr<EventBus> bus;
};

std::shared_ptr<Redis> open_fault(const std::string& url, LogSink log = {}) {
    auto redis = open_redis({.url = url, .log = std::move(log)});
    REQUIRE(redis);
    return *redis;
}

/// One whose calls wait as long as it takes, so that a slow machine fails no test.
std::shared_ptr<Redis> open_patient(const PrivateRedis& server, LogSink log = {}) {
    return redis::make_redis({.socket = server.socket()}, {.log = std::move(log)}, nullptr, kFaultPatience);
}

std::shared_ptr<Coordination> settled(Redis& redis) {
    auto node = redis.coordination();
    eventually([&] { return !node->is_away(); });
    return node;
}

/// What the adapter logs, one line per record.
class Lines {
  public:
    LogSink sink() {
        return [this](const LogRecord& record) {
            const std::lock_guard lock(mutex_);
            text_ += record.event;
            for (const LogRecord::Field& field : record.fields) {
                if (const auto* value = std::get_if<std::string>(&field.value)) text_ += " " + field.name + "=" + *value;
            }
            text_ += "\n";
        };
    }
    std::size_t times(const std::string& text) {
        const std::lock_guard lock(mutex_);
        std::size_t count = 0;
        for (std::size_t at = text_.find(text); at != std::string::npos; at = text_.find(text, at + 1)) ++count;
        return count;
    }
    bool has(const std::string& part) {
        const std::lock_guard lock(mutex_);
        return text_.find(part) != std::string::npos;
    }

  private:
    std::mutex mutex_;
    std::string text_;
};

}  // namespace

TEST_CASE("the suites over Redis have a server to start") {
    if (!PrivateRedis::is_installed()) std::puts("skipped: bus and coordination over Redis, redis-server is not installed");
}

REDIS_FAULT("a bus whose connections are cut stands again by itself and says so") {
    PrivateRedis server;
    const auto redis = open_fault(server.url());
    FaultNode one(*redis);
    FaultNode two(*redis);
    one.publish_until("before", two);
    server.run({"CLIENT", "KILL", "TYPE", "pubsub"});
    eventually([&] { return two.told.times_standing(fault_topic(1)) >= 2; });
    server.run({"CLIENT", "KILL", "TYPE", "normal"});
    one.publish_until("after", two);
}

REDIS_FAULT("what could not be published is reported to the other nodes once Redis takes it again") {
    PrivateRedis server;
    Lines lines;
    const auto redis = open_fault(server.url(), lines.sink());
    FaultNode one(*redis);
    FaultNode two(*redis);
    server.run({"ACL", "SETUSER", "default", "-publish"});
    one.publish("refused");
    one.publish("refused too", 2);  // nobody has subscribed to this topic
    eventually([&] { return lines.has("redis.away connection=publisher cause=refused: NOPERM"); });
    server.run({"ACL", "SETUSER", "default", "+publish"});
    eventually([&] { return two.told.times_lost(fault_topic(1)) > 0; });
    CHECK(two.told.times_lost(fault_topic(2)) == 0);
    CHECK(one.told.times_lost(fault_topic(1)) == 0);
    one.publish_until("after", two);
}

REDIS_FAULT("the nodes are told to compare everything if too many topics were not published to") {
    PrivateRedis server;
    Lines lines;
    const auto redis = open_fault(server.url(), lines.sink());
    FaultNode one(*redis);
    FaultNode two(*redis);
    server.run({"ACL", "SETUSER", "default", "-publish"});
    BusMessage message{{}, std::make_shared<const std::string>("to many")};
    for (int i = 0; i < 20'000; ++i) {
        BusTopic& topic = message.topics.emplace_back();
        topic.id.bytes[1] = static_cast<std::uint8_t>(i);
        topic.id.bytes[2] = static_cast<std::uint8_t>(i >> 8);
    }
    one.bus->publish({&message, 1});
    eventually([&] { return lines.has("redis.away connection=publisher cause=refused: NOPERM"); });
    server.run({"ACL", "SETUSER", "default", "+publish"});
    eventually([&] { return two.told.lost_everything > 0; });
}

REDIS_FAULT("a node is away while Redis is dead and joins again when it is back") {
    PrivateRedis server;
    Lines lines;
    const auto redis = open_patient(server, lines.sink());
    FaultNode one(*redis);
    FaultNode two(*redis);
    const auto counts = settled(*redis);
    server.kill();
    eventually([&] { return one.bus->is_away() && two.bus->is_away() && counts->is_away(); });
    one.publish("into the void");
    CHECK(counts->connect({.user = fault_user(1), .id = 1}, {.most = 0}));
    CHECK(whether_here(*counts, 1) == Present::unknown);
    server.start();
    eventually([&] { return !one.bus->is_away() && !two.bus->is_away() && !counts->is_away(); });
    eventually([&] { return two.told.times_standing(fault_topic(1)) >= 2; });
    one.publish_until("after", two);
    CHECK(counts->connect({.user = fault_user(1), .id = 1}, {.most = 1}));
    CHECK_FALSE(counts->connect({.user = fault_user(1), .id = 2}, {.most = 1}));
    CHECK(lines.has("redis.away connection=subscriber"));
    eventually([&] { return lines.has("redis.back connection=coordination"); });
}

REDIS_FAULT("a node notices a Redis that says nothing and joins again when it speaks") {
    PrivateRedis server;
    Lines lines;
    const auto redis = open_fault(server.url(), lines.sink());
    FaultNode one(*redis);
    FaultNode two(*redis);
    const auto counts = settled(*redis);
    server.pause();
    CHECK(whether_here(*counts, 1) == Present::unknown);
    CHECK(counts->connect({.user = fault_user(1), .id = 1}, {.most = 0}));
    CHECK(counts->is_away());
    eventually([&] { return one.bus->is_away() && two.bus->is_away(); });
    // Each connection notices the silence by itself, and `is_away` says so of the first.
    eventually([&] { return lines.times("redis.away connection=subscriber") == 2; });
    one.publish("unheard");
    server.resume();
    eventually([&] { return !one.bus->is_away() && !two.bus->is_away() && !counts->is_away(); });
    one.publish_until("after", two);
    eventually([&] { return two.told.times_standing(fault_topic(1)) >= 2; });
}

REDIS_FAULT("a short silence costs nothing") {
    PrivateRedis server;
    const auto redis = open_fault(server.url());
    FaultNode one(*redis);
    FaultNode two(*redis);
    server.pause();
    one.publish("late");
    server.resume();
    eventually([&] { return two.told.times_received("late") == 1; });
    CHECK(two.told.times_standing(fault_topic(1)) == 1);
}

REDIS_FAULT("renewals heal a Redis that was emptied or has forgotten the scripts") {
    PrivateRedis server;
    const auto redis = open_patient(server);
    const auto one = settled(*redis);
    const auto two = settled(*redis);
    const std::vector<NodeConnection> mine{{.user = fault_user(1), .id = 1}};
    CHECK(one->connect(mine[0], {.most = 1}));
    server.run({"FLUSHALL"});
    server.run({"SCRIPT", "FLUSH"});
    eventually([&] {
        one->renew(mine);
        return is_here(*two, 1);
    });
    CHECK_FALSE(two->connect({.user = fault_user(1), .id = 2}, {.most = 1}));
}

REDIS_FAULT("a wrong password is reported without showing it and a right one is tried again") {
    PrivateRedis server({"--requirepass", "right-secret"});
    Lines lines;
    const auto wrong = open_fault("unix://:wrong-secret@" + server.socket(), lines.sink());
    const auto node = wrong->coordination();
    eventually([&] { return lines.has("WRONGPASS"); });
    CHECK(node->is_away());
    CHECK_FALSE(lines.has("wrong-secret"));
    const auto right = redis::make_redis({.socket = server.socket(), .password = "right-secret"}, {}, nullptr, kFaultPatience);
    const auto counts = settled(*right);
    CHECK(counts->connect({.user = fault_user(1), .id = 1}, {.most = 1}));
}

REDIS_FAULT("an account with the rights in the README is enough") {
    PrivateRedis server;
    server.run({"ACL", "SETUSER", "chat", "on", ">secret", "~cariosan:*", "&cariosan:*", "-@all", "+@connection", "+@pubsub", "+evalsha",
                "+script|load", "+time", "+get", "+set", "+del", "+pexpire", "+@hash", "+@list"});
    const auto redis = redis::make_redis({.socket = server.socket(), .user = "chat", .password = "secret"}, {}, nullptr, kFaultPatience);
    FaultNode one(*redis);
    FaultNode two(*redis);
    one.publish_until("allowed", two);
    const auto counts = settled(*redis);
    CHECK(counts->connect({.user = fault_user(1), .id = 1}, {.most = 1}));
    CHECK(counts->renew(std::vector<NodeConnection>{{.user = fault_user(1), .id = 1}}).empty());
    CHECK(is_here(*counts, 1));
    const TokensTaken taken{.owner = fault_user(1).uuid, .kind = 0, .interval = std::chrono::hours(1), .tokens = 5};
    CHECK(counts->take({&taken, 1})[0] > std::chrono::hours(4));
    const Mark mark{.what = fault_user(1).uuid, .which = 1, .age = {}, .window = std::chrono::hours(1)};
    CHECK(counts->mark({&mark, 1})[0].empty());
    CHECK(settled(*redis)->mark({&mark, 1})[0].size() == 1);
    CHECK_FALSE(counts->is_away());
}

REDIS_FAULT("a node that reads too slowly is cut off by Redis and then compares what it missed") {
    PrivateRedis server({"--client-output-buffer-limit", "pubsub", "64kb", "64kb", "1"});
    const auto redis = open_fault(server.url());
    FaultNode one(*redis);
    FaultNode two(*redis);
    two.told.is_slow = true;
    const std::string large(100'000, 'x');
    eventually([&] {
        one.publish(large);
        return server.run({"PUBSUB", "NUMPAT"}) == "0" && server.run({"CLIENT", "LIST", "TYPE", "pubsub"}).find("name=subscriber") ==
                                                              server.run({"CLIENT", "LIST", "TYPE", "pubsub"}).rfind("name=subscriber");
    });
    two.told.is_slow = false;
    eventually([&] { return two.told.times_standing(fault_topic(1)) >= 2; });
    one.publish_until("after", two);
}

REDIS_FAULT("the time of Redis decides and not the clock of a node") {
    PrivateRedis server;
    const auto redis = open_patient(server);
    const auto one = settled(*redis);
    const auto two = settled(*redis);
    CHECK(one->connect({.user = fault_user(1), .id = 1}, {.most = 1}));
    CHECK_FALSE(two->connect({.user = fault_user(1), .id = 1}, {.most = 1}));
    CHECK(std::stoll(server.run({"PTTL", "cariosan:u:" + fault_user(1).to_string()})) <= Coordination::kLease.count());
    one->leave();
    CHECK(whether_here(*two, 1) == Present::no);
    CHECK(server.run({"DBSIZE"}) == "0");
}

}  // namespace cariosan::conformance
