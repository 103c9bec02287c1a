#include "realtime/lanes/lane_hub.hpp"

#include <doctest/doctest.h>

#include "unit/realtime/fakes.hpp"

using namespace cariosan;
using namespace cariosan::realtime;

namespace {

struct FakeLane {
    FakeLane() : queue(std::make_shared<LaneQueue>([this] { ++wakes; })), hub(std::make_unique<LaneHub>(queue)) {}
    ~FakeLane() {
        for (auto& subscriber : subscribers) hub->remove(*subscriber);
    }

    FakeSubscriber& add(SessionId id, UserId user, std::vector<ChannelId> channels) {
        subscribers.push_back(std::make_unique<FakeSubscriber>(handle_of(id, user)));
        hub->add(*subscribers.back());
        auto start = std::make_shared<SessionStart>();
        start->epoch = "e";
        queue->push(AdmitSession{id, std::move(channels), start});
        hub->run();
        CHECK(subscribers.back()->take() == "ready(e) ");
        return *subscribers.back();
    }
    void message(ChannelId channel, std::int64_t rev, UserId author) {
        const std::string text = std::to_string(rev);
        queue->push(ToChannel{channel, rev, text_frame(text + " "), text_frame(text + "* "), author, false});
    }

    int wakes = 0;
    LaneQueueRef queue;
    std::unique_ptr<LaneHub> hub;
    std::vector<std::unique_ptr<FakeSubscriber>> subscribers;
};

}  // namespace

TEST_CASE("a channel's frames reach only its subscribers, and the author's connections get their own copy") {
    FakeLane lane;
    FakeSubscriber& alice = lane.add(1, kAlice, {kShop});
    FakeSubscriber& budi = lane.add(2, kBudi, {kShop, kOther});
    lane.message(kShop, 5, kAlice);
    lane.message(kOther, 1, kAlice);
    lane.hub->run();
    CHECK(alice.take() == "5* ");
    CHECK(budi.take() == "5 1 ");
}

TEST_CASE("frames of one run are copied into one buffer in order, except for their authors") {
    FakeLane lane;
    FakeSubscriber& alice = lane.add(1, kAlice, {kShop});
    FakeSubscriber& budi = lane.add(2, kBudi, {kShop});
    FakeSubscriber& citra = lane.add(3, user_id(13), {kShop});
    lane.message(kShop, 1, kAlice);
    lane.message(kShop, 2, kBudi);
    lane.message(kShop, 3, kAlice);
    lane.hub->run();
    CHECK(alice.take() == "1* 2 3* ");
    CHECK(budi.take() == "1 2* 3 ");
    CHECK(citra.take() == "1 2 3 ");
    CHECK(citra.deliveries == 1);
}

TEST_CASE("a completion does not overtake the events queued before it") {
    FakeLane lane;
    FakeSubscriber& alice = lane.add(1, kAlice, {kShop});
    lane.message(kShop, 1, kAlice);
    lane.queue->push(Complete{[&] { alice.said += "ack "; }});
    lane.message(kShop, 2, kBudi);
    lane.hub->run();
    CHECK(alice.take() == "1* ack 2 ");
}

TEST_CASE("the audience changes at the change's place in the queue") {
    FakeLane lane;
    FakeSubscriber& alice = lane.add(1, kAlice, {});
    lane.message(kShop, 1, kBudi);
    lane.queue->push(SubscribeUser{kAlice, kShop});
    lane.message(kShop, 2, kBudi);
    lane.queue->push(UnsubscribeUser{kAlice, kShop});
    lane.message(kShop, 3, kBudi);
    lane.hub->run();
    CHECK(alice.take() == "2 ");
    CHECK(alice.changes == std::vector<std::pair<int, bool>>{{kShop.uuid.bytes[15], true}, {kShop.uuid.bytes[15], false}});
    CHECK_FALSE(lane.hub->subscribed(alice, kShop));
}

TEST_CASE("a session waiting to be admitted receives nothing") {
    FakeLane lane;
    FakeSubscriber waiting(handle_of(9, kAlice));
    lane.hub->add(waiting);
    lane.queue->push(SubscribeUser{kAlice, kShop});
    lane.message(kShop, 1, kBudi);
    lane.queue->push(ToUsers{{kAlice}, text_frame("x ")});
    lane.hub->run();
    CHECK(waiting.take().empty());
    lane.hub->remove(waiting);
}

TEST_CASE("a frame to several channels reaches each session once") {
    FakeLane lane;
    FakeSubscriber& alice = lane.add(1, kAlice, {kShop, kOther});
    FakeSubscriber& budi = lane.add(2, kBudi, {kOther});
    CHECK(lane.hub->hold(budi, kOther));
    lane.queue->push(ToChannels{{kShop, kOther}, {kAlice, kBudi}, text_frame("user ")});
    lane.hub->run();
    CHECK(alice.take() == "user ");
    CHECK(budi.take() == "user ");
}

TEST_CASE("a held channel withholds durable frames until a read covers them") {
    FakeLane lane;
    FakeSubscriber& alice = lane.add(1, kAlice, {kShop, kOther});
    lane.message(kShop, 4, kBudi);
    lane.hub->run();
    CHECK(alice.take() == "4 ");

    REQUIRE(lane.hub->hold(alice, kShop));
    lane.message(kShop, 5, kBudi);
    lane.message(kOther, 1, kBudi);
    lane.queue->push(ToChannel{kShop, 0, text_frame("typing "), nullptr, kBudi, true});
    lane.hub->run();
    CHECK(alice.take() == "typing 1 ");

    SUBCASE("a read that stops short must be repeated") {
        CHECK_FALSE(lane.hub->release(alice, kShop, 4));
        lane.message(kShop, 6, kBudi);
        lane.hub->run();
        CHECK(alice.take().empty());
        CHECK_FALSE(lane.hub->release(alice, kShop, 5));
        CHECK(lane.hub->release(alice, kShop, 6));
        lane.message(kShop, 7, kBudi);
        lane.hub->run();
        CHECK(alice.take() == "7 ");
    }
    SUBCASE("a read ahead of the lane makes it drop what the read covered") {
        CHECK(lane.hub->release(alice, kShop, 7));
        lane.message(kShop, 6, kBudi);
        lane.message(kShop, 7, kBudi);
        lane.message(kShop, 8, kBudi);
        lane.hub->run();
        CHECK(alice.take() == "8 ");
        lane.message(kShop, 9, kBudi);
        lane.hub->run();
        CHECK(alice.take() == "9 ");
    }
    SUBCASE("held again while it catches up") {
        CHECK(lane.hub->release(alice, kShop, 7));
        CHECK(lane.hub->hold(alice, kShop));
        lane.message(kShop, 8, kBudi);
        lane.hub->run();
        CHECK(alice.take().empty());
        CHECK_FALSE(lane.hub->release(alice, kShop, 7));
        CHECK(lane.hub->release(alice, kShop, 8));
    }
}

TEST_CASE("holding needs a subscription, and releasing an ended one returns at once") {
    FakeLane lane;
    FakeSubscriber& alice = lane.add(1, kAlice, {kShop});
    CHECK_FALSE(lane.hub->hold(alice, kOther));
    REQUIRE(lane.hub->hold(alice, kShop));
    lane.queue->push(UnsubscribeUser{kAlice, kShop});
    lane.hub->run();
    CHECK(lane.hub->release(alice, kShop, 1));
}

TEST_CASE("a member added again while the feed lags behind its reads gets nothing twice") {
    FakeLane lane;
    FakeSubscriber& alice = lane.add(1, kAlice, {kShop});
    const auto leave_and_join = [&] {
        lane.message(kShop, 2, kBudi);
        lane.queue->push(UnsubscribeUser{kAlice, kShop});
        lane.message(kShop, 3, kBudi);
        lane.queue->push(SubscribeUser{kAlice, kShop});
        for (const std::int64_t rev : {4, 5, 6}) lane.message(kShop, rev, kBudi);
    };
    REQUIRE(lane.hub->hold(alice, kShop));
    SUBCASE("read before it was removed here") {
        CHECK(lane.hub->release(alice, kShop, 5));
        leave_and_join();
    }
    SUBCASE("read in between") {
        lane.queue->push(UnsubscribeUser{kAlice, kShop});
        lane.hub->run();
        CHECK(lane.hub->release(alice, kShop, 5));
        lane.queue->push(SubscribeUser{kAlice, kShop});
        for (const std::int64_t rev : {2, 3, 4, 5, 6}) lane.message(kShop, rev, kBudi);
    }
    lane.hub->run();
    CHECK(alice.take() == "6 ");
    lane.message(kShop, 7, kAlice);
    lane.hub->run();
    CHECK(alice.take() == "7* ");
}

TEST_CASE("lost events make live subscribers read again, and current reads repeat") {
    FakeLane lane;
    FakeSubscriber& alice = lane.add(1, kAlice, {kShop});
    FakeSubscriber& budi = lane.add(2, kBudi, {kShop});
    FakeSubscriber& citra = lane.add(3, kCitra, {kShop});
    FakeSubscriber& ahead = lane.add(4, user_id(14), {kShop});
    REQUIRE(lane.hub->hold(budi, kShop));
    for (const auto& [reader, rev] : {std::pair{&citra, 9}, std::pair{&ahead, 10}}) {
        REQUIRE(lane.hub->hold(*reader, kShop));
        REQUIRE(lane.hub->release(*reader, kShop, rev));
    }
    lane.queue->push(ResyncChannel{kShop, 7, 10});
    lane.hub->run();
    CHECK(alice.take() == "resync(1,7) ");
    CHECK(budi.take() == "resync(1,0) ");
    CHECK(citra.take() == "resync(1,9) ");
    CHECK(ahead.take().empty());
    // What they read does not carry the count of all unread messages.
    lane.hub->tick();
    for (FakeSubscriber* const each : {&alice, &budi, &citra, &ahead}) CHECK(each->take() == "tick unread(1) ");
    CHECK_FALSE(lane.hub->release(budi, kShop, 9));
    CHECK(lane.hub->release(budi, kShop, 10));
}

TEST_CASE("a dropped channel is forgotten") {
    FakeLane lane;
    FakeSubscriber& alice = lane.add(1, kAlice, {kShop});
    FakeSubscriber& budi = lane.add(2, kBudi, {kShop});
    REQUIRE(lane.hub->hold(budi, kShop));
    lane.queue->push(DropChannel{kShop});
    lane.message(kShop, 9, kAlice);
    lane.hub->run();
    CHECK(alice.take().empty());
    CHECK(budi.take().empty());
}

TEST_CASE("a lane that falls too far behind drops tasks and ends its sessions, but never drops a completion") {
    FakeLane lane;
    FakeSubscriber& alice = lane.add(1, kAlice, {kShop});
    int completed = 0;
    for (std::size_t i = 0; i < LaneQueue::kMaxTasks + 10; ++i) {
        lane.queue->push(ToUsers{{kBudi}, text_frame("x")});
        if (i % 1000 == 0) lane.queue->push(Complete{[&] { ++completed; }});
    }
    lane.queue->push(Complete{[&] { ++completed; }});
    lane.hub->run();
    CHECK(completed == 67);
    CHECK(alice.take() == "end(4008) ");
    lane.message(kShop, 1, kBudi);
    lane.hub->run();
    CHECK(alice.take() == "1 ");
}

TEST_CASE("one wake-up per sleep") {
    FakeLane lane;
    lane.queue->push(ToUsers{});
    lane.queue->push(ToUsers{});
    CHECK(lane.wakes == 1);
    lane.hub->run();
    lane.queue->push(ToUsers{});
    CHECK(lane.wakes == 2);
}

TEST_CASE("a closed queue drops new tasks and does not wake") {
    int wakes = 0;
    LaneQueue queue([&] { ++wakes; });
    queue.close();
    queue.push(ToUsers{});
    std::vector<LaneTask> tasks;
    tasks.emplace_back(Complete{});
    queue.push(tasks);
    CHECK(wakes == 0);
    tasks.clear();
    queue.take(tasks);
    CHECK(tasks.empty());
}

TEST_CASE("sessions come and go among many") {
    FakeLane lane;
    std::vector<std::unique_ptr<FakeSubscriber>> many;
    for (SessionId id = 100; id < 200; ++id) {
        many.push_back(std::make_unique<FakeSubscriber>(handle_of(id, user_id(static_cast<std::uint8_t>(id)))));
        lane.hub->add(*many.back());
        lane.queue->push(AdmitSession{id, {kShop}, std::make_shared<SessionStart>()});
    }
    lane.hub->run();
    for (std::size_t i = 0; i < many.size(); i += 2) lane.hub->remove(*many[i]);
    CHECK(lane.hub->sessions() == 50);
    lane.message(kShop, 1, kAlice);
    lane.hub->run();
    for (std::size_t i = 0; i < many.size(); ++i) CHECK((many[i]->deliveries == 1) == (i % 2 == 1));
    lane.hub->tick();
    CHECK(many[1]->take() == "ready() 1 tick ");
    for (std::size_t i = 1; i < many.size(); i += 2) lane.hub->remove(*many[i]);
    CHECK(lane.hub->sessions() == 0);
}
