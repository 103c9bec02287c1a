#pragma once

#include <doctest/doctest.h>

#include "realtime/hub/hub.hpp"
#include "unit/realtime/fakes.hpp"

namespace cariosan::realtime {

inline ChannelPosition position(ChannelId channel, std::int64_t rev, std::int64_t member_rev = 1,
                                std::int64_t members = 2, std::int64_t last_activity = 0) {
    return {channel, rev, member_rev, members, {last_activity}};
}

/// How the fakes show a user.
inline std::string name_of(UserId user) {
    return std::to_string(user.uuid.bytes[14] * 256 + user.uuid.bytes[15]);
}

/// A hub with lanes and fake sessions.
struct World {
    /// `nodes`: the other nodes, or null.
    explicit World(Nodes* nodes = nullptr, const Limits& limits = {})
        : hub(encoder, source, presence, counters, limits, nodes) {
        hub.advance(now);
        for (std::uint8_t i = 0; i < 2; ++i) {
            queues.push_back(std::make_shared<LaneQueue>([] {}));
            lanes.push_back(std::make_unique<LaneHub>(queues.back()));
            hub.add_lane(i, queues.back());
        }
    }
    ~World() {
        for (auto& each : sessions) lanes[each->handle().lane]->remove(*each);
    }

    /// Begins a session whose channels are not known yet.
    FakeSubscriber& open(SessionId id, UserId user, std::uint8_t lane = 0) {
        handles[id] = handle_of(id, user, lane);
        handles[id]->last_active_ms = now.count();
        sessions.push_back(std::make_unique<FakeSubscriber>(handles[id]));
        lanes[lane]->add(*sessions.back());
        hub.attach(handles[id], now);
        return *sessions.back();
    }
    void load(SessionId id, std::vector<ChannelPosition> positions) {
        SessionSnapshot loaded;
        loaded.start.epoch = "e";
        loaded.start.user.external_id = name_of(handles[id]->user);
        loaded.positions = std::move(positions);
        hub.loaded(handles[id], std::move(loaded));
        run();
    }
    FakeSubscriber& admit(SessionId id, UserId user, std::vector<ChannelPosition> positions, std::uint8_t lane = 0) {
        FakeSubscriber& session = open(id, user, lane);
        load(id, std::move(positions));
        CHECK(session.take() == "ready(e) ");
        return session;
    }
    void publish(const Event& event) {
        hub.publish(event);
        run();
    }
    /// A loss that concerns the user, and what storage answers then.
    void reread(UserId user, UserState state) {
        hub.lost({.users = {user}});
        hub.reread(user, std::move(state));
        run();
    }
    void detach(SessionId id) {
        hub.detach(handles[id], now);
        run();
    }
    /// Lets time pass in steps of a quarter of a second.
    void pass(std::chrono::milliseconds time) {
        constexpr std::chrono::milliseconds kTick{250};
        for (const auto end = now + time; now < end;) {
            now += std::min(kTick, end - now);
            hub.advance(now);
            hub.tick(now);
            run();
        }
    }
    void run() {
        hub.flush();
        for (auto& lane : lanes) lane->run();
    }

    std::chrono::milliseconds now{1'000'000};
    FakeEncoder encoder;
    FakeSource source;
    Counters counters;
    FakePresenceStore presence;
    Hub hub;
    std::vector<LaneQueueRef> queues;
    std::vector<std::unique_ptr<LaneHub>> lanes;
    std::map<SessionId, SessionHandleRef> handles;
    std::vector<std::unique_ptr<FakeSubscriber>> sessions;
};

}  // namespace cariosan::realtime
