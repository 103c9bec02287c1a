// How the cost of subscriptions grows, per member of one channel and per channel of one user. If it does not depend on
// their number it is constant; if it is proportional, the total is quadratic.
#include <cariosan/session.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include "realtime/hub/hub.hpp"
#include "realtime/lanes/lane_hub.hpp"
#include "unit/realtime/fakes.hpp"

using namespace cariosan;
using namespace cariosan::realtime;

namespace {

Uuid number(std::uint8_t kind, std::size_t value) {
    Uuid uuid;
    uuid.bytes[0] = kind;
    for (int i = 0; i < 4; ++i) uuid.bytes[static_cast<std::size_t>(15 - i)] = static_cast<std::uint8_t>(value >> (8 * i));
    return uuid;
}
UserId user_number(std::size_t value) { return UserId{number(1, value)}; }
ChannelId channel_number(std::size_t value) { return ChannelId{number(2, value)}; }

/// Counts what it receives.
class Listener final : public Subscriber {
  public:
    using Subscriber::Subscriber;
    void ready(const SessionStart&) override {}
    void deliver(const FrameRef&) override {}
    void offer(const FrameRef&) override {}
    void resync(ChannelId, std::int64_t) override {}
    bool unread_moved(ChannelId) override { return true; }
    void blocks_changed(const BlockUpdated&, const FrameRef&) override {}
    void preferences_changed(ChannelId, const Preferences&) override {}
    void audience_changed(ChannelId, bool) override {}
    void draining(std::int64_t) override {}
    void end(std::uint16_t, std::string_view, std::int64_t) override {}
    void tick() override {}
};

/// A hub with one lane.
class Node {
  public:
    Node() { hub_.add_lane(0, queue_); }
    ~Node() {
        for (auto& each : listeners_) {
            if (each) lane_.remove(*each);
        }
    }
    Hub& hub() { return hub_; }
    LaneHub& lane() { return lane_; }
    Listener& listener(std::size_t index) { return *listeners_[index]; }

    void connect(std::size_t index, std::size_t first_channel, std::size_t channels, std::int64_t members) {
        if (listeners_.size() <= index) {
            listeners_.resize(index + 1);
            handles_.resize(index + 1);
        }
        handles_[index] = handle_of(++last_session_, user_number(index));
        listeners_[index] = std::make_unique<Listener>(handles_[index]);
        lane_.add(*listeners_[index]);
        hub_.attach(handles_[index], std::chrono::milliseconds(0));
        SessionSnapshot loaded;
        for (std::size_t i = 0; i < channels; ++i) {
            loaded.positions.push_back({channel_number(first_channel + i), 1, 1, members, {}});
        }
        hub_.loaded(handles_[index], std::move(loaded));
        run();
    }
    void disconnect(std::size_t index) {
        lane_.remove(*listeners_[index]);
        listeners_[index].reset();
        hub_.detach(handles_[index], std::chrono::milliseconds(0));
        run();
    }
    void publish(const Event& event) {
        hub_.publish(event);
        run();
    }
    void run() {
        hub_.flush();
        lane_.run();
    }

  private:
    FakeEncoder encoder_;
    FakeSource source_;
    Counters counters_;
    FakePresenceStore presence_;
    Hub hub_{encoder_, source_, presence_, counters_, {}};
    LaneQueueRef queue_ = std::make_shared<LaneQueue>([] {});
    LaneHub lane_{queue_};
    std::vector<SessionHandleRef> handles_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    SessionId last_session_ = 0;
};

/// CPU time of this thread, which other load on the machine hardly affects.
double nanoseconds_of_cpu() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

/// Nanoseconds per step, for `count` steps.
template <class Step>
double each(std::size_t count, Step&& step) {
    const double start = nanoseconds_of_cpu();
    for (std::size_t i = 0; i < count; ++i) step(i);
    return (nanoseconds_of_cpu() - start) / static_cast<double>(count);
}

template <class Work>
double whole(std::size_t count, Work&& work) {
    return each(1, [&](std::size_t) { work(); }) / static_cast<double>(count);
}

void members_of_one_channel(std::size_t count) {
    Node node;
    const ChannelId channel = channel_number(0);
    const auto members = static_cast<std::int64_t>(count);
    const double connect = each(count, [&](std::size_t i) { node.connect(i, 0, 1, members); });
    const double deliver = whole(count, [&] {
        for (std::int64_t rev = 2; rev < 12; ++rev) node.publish(message_event(channel, rev, UserId{}));
    }) / 10;
    const double sync = each(count, [&](std::size_t i) {
        node.lane().hold(node.listener(i), channel);
        node.lane().release(node.listener(i), channel, 11);
    });
    // The oldest first, as connections usually end.
    const double reconnect = each(count, [&](std::size_t i) {
        node.disconnect(i);
        node.connect(i, 0, 1, members);
    });
    std::int64_t rev = 11;
    std::vector<UserId> half;  // results of a repair cause no frames
    for (std::size_t i = 0; i < count / 2; ++i) half.push_back(user_number(i));
    const auto repair = [&](std::vector<UserId> joined, std::vector<UserId> left) {
        node.publish(message_event(channel, rev += 2, UserId{}));
        node.hub().repaired(channel, FeedRepair{false, rev, members, std::move(joined), std::move(left)});
        node.run();
    };
    const double leave = whole(half.size(), [&] { repair({}, half); });
    const double join = whole(half.size(), [&] { repair(half, {}); });
    const double forget = whole(count, [&] {
        Event deleted = message_event(channel, ++rev, UserId{});
        deleted.body = ChannelDeleted{};
        node.publish(deleted);
    });
    std::printf("%7zu members   connect %6.0f  reconnect %6.0f  sync %6.0f  leave %6.0f  join %6.0f  channel deleted %6.0f  deliver %4.1f\n",
                count, connect, reconnect, sync, leave, join, forget, deliver);
}

void channels_of_one_user(std::size_t count) {
    Node node;
    node.connect(0, 0, 0, 2);
    const double join = each(count, [&](std::size_t i) {
        node.publish(members_event(channel_number(i), 1, MembersEvent::Kind::joined, {user_number(0)}, 2));
    });
    const double sync = each(count, [&](std::size_t i) {
        node.lane().hold(node.listener(0), channel_number(i));
        node.lane().release(node.listener(0), channel_number(i), 1);
    });
    const double message = each(count, [&](std::size_t i) { node.publish(message_event(channel_number(i), 2, UserId{})); });
    const double deleted = each(count / 2, [&](std::size_t i) {
        Event event = message_event(channel_number(i), 3, UserId{});
        event.body = ChannelDeleted{};
        node.publish(event);
    });
    const double leave = each(count / 2, [&](std::size_t i) {
        node.publish(members_event(channel_number(count / 2 + i), 3, MembersEvent::Kind::left, {user_number(0)}, 2));
    });
    const double connect = whole(count, [&] { node.connect(1, 0, count, 2); });
    const double disconnect = whole(count, [&] { node.disconnect(1); });
    std::printf("%7zu channels  join %6.0f  sync %6.0f  message %6.0f  deleted %6.0f  leave %6.0f  connect %6.0f  disconnect %6.0f\n", count,
                join, sync, message, deleted, leave, connect, disconnect);
}

}  // namespace

int main() {
    // First, because whatever runs after the many members pays for the fragmented memory they leave.
    std::printf("CPU nanoseconds per channel of one user\n");
    for (const std::size_t count : {100U, 1'000U, 10'000U}) channels_of_one_user(count);
    std::printf("CPU nanoseconds per member of one channel; deliver: per frame and member\n");
    for (const std::size_t count : {1'000U, 10'000U, 100'000U}) members_of_one_channel(count);
}
