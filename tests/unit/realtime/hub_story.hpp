/// The parts of the random stories in hub_losses_test.cpp: what is stored, a session with its client, and the bus.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/events/event_topics.hpp"
#include "unit/realtime/hub_world.hpp"

namespace cariosan::realtime {

inline constexpr std::uint8_t kStoryChannels = 5;
inline constexpr std::uint8_t kStoryUsers = 6;

struct StoredChannel {
    std::int64_t rev = 0;
    bool deleted = false;
    std::map<UserId, std::int64_t> members;  ///< since which revision
    std::map<UserId, std::int64_t> left;     ///< at which revision
};
using StoryStore = std::map<ChannelId, StoredChannel>;

inline bool is_member(const StoryStore& store, ChannelId channel, UserId user) {
    const auto found = store.find(channel);
    return found != store.end() && !found->second.deleted && found->second.members.contains(user);
}

/// A frame as "channel since rev who;", with who was removed, or 0.
class StoryEncoder final : public EventEncoder {
  public:
    EncodedEvent encode(const Event& event) override {
        std::string who = "0";
        const auto* changed = std::get_if<MembersEvent>(&event.body);
        if (changed != nullptr && changed->kind == MembersEvent::Kind::left) who = name_of(changed->members[0].user.id);
        if (std::holds_alternative<ChannelDeleted>(event.body)) who = "all";
        return {frame(event.channel, event.rev - 1, event.rev, who), {}};
    }
    FrameRef encode_hiding(const Event& event, Hiding, bool) override { return encode(event).others; }
    FrameRef encode(ChannelId channel, std::int64_t since, std::int64_t rev, const std::vector<FrameRef>&) override {
        return frame(channel, since, rev, "0");
    }
    EncodedPresence encode(const std::vector<UserPresence>& users) override {
        return {.head = "", .tail = "", .users = std::vector<std::string>(users.size())};
    }

  private:
    static FrameRef frame(ChannelId channel, std::int64_t since, std::int64_t rev, const std::string& who) {
        return text_frame(std::to_string(channel.uuid.bytes[15]) + " " + std::to_string(since) + " " + std::to_string(rev) +
                          " " + who + " ");
    }
};

/// A session that reads like `SyncRunner`, and its client with what that knows about each channel.
class StoryClient final : public Subscriber {
  public:
    StoryClient(SessionHandleRef handle, LaneHub& lane, StoryStore& store) : Subscriber(std::move(handle)), lane_(lane), store_(store) {}

    void ready(const SessionStart&) override {
        for (const auto& [channel, stored] : store_) {
            if (is_member(store_, channel, handle_->user)) known[channel] = stored.rev;
            if (lane_.subscribed(*this, channel)) ever_subscribed.insert(channel);
        }
        is_ready = true;
    }
    void deliver(const FrameRef& frame) override {
        std::istringstream text(frame->bytes);
        int number = 0;
        std::int64_t since = 0;
        std::int64_t rev = 0;
        std::string who;
        while (text >> number >> since >> rev >> who) {
            const ChannelId channel = channel_id(static_cast<std::uint8_t>(number));
            if (who == name_of(handle_->user) || who == "all") {
                known.erase(channel);
            } else {
                hear(channel, since, rev);
            }
        }
    }
    void offer(const FrameRef&) override {}
    void resync(ChannelId channel, std::int64_t since) override {
        if (std::ranges::find(readings, channel, &Reading::channel) != readings.end()) {
            ++turns_[channel];
        } else {
            synchronise(channel, since);
        }
    }
    void synchronise(ChannelId channel, std::int64_t since) {
        lane_.hold(*this, channel);
        readings.push_back({channel, since, turns_[channel]});
    }
    bool unread_moved(ChannelId) override { return true; }
    void blocks_changed(const BlockUpdated&, const FrameRef&) override {}
    void preferences_changed(ChannelId, const Preferences&) override {}
    void audience_changed(ChannelId channel, bool joined) override {
        ++turns_[channel];
        if (joined) ever_subscribed.insert(channel);
        const bool reads = std::ranges::find(readings, channel, &Reading::channel) != readings.end();
        if (reads && joined) lane_.hold(*this, channel);
    }
    void draining(std::int64_t) override {}
    void end(std::uint16_t, std::string_view, std::int64_t) override {}
    void tick() override {}

    /// A page of the oldest read arrives.
    void read_on(const StoryStore& snapshot, bool is_old) {
        Reading reading = readings.front();
        readings.pop_front();
        if (reading.turn != turns_[reading.channel] || is_old) {  // again, from the current position
            reading.turn = turns_[reading.channel];
            lane_.hold(*this, reading.channel);
            readings.push_back(reading);
            return;
        }
        if (!is_member(snapshot, reading.channel, handle_->user)) {
            known.erase(reading.channel);
            return;
        }
        const std::int64_t rev = snapshot.at(reading.channel).rev;
        hear(reading.channel, reading.since, rev);
        if (lane_.release(*this, reading.channel, rev)) return;
        reading.since = rev;
        readings.push_back(reading);
    }

    struct Reading {
        ChannelId channel;
        std::int64_t since = 0;
        int turn = 0;
    };
    std::deque<Reading> readings;
    std::map<ChannelId, std::int64_t> known;
    std::set<ChannelId> ever_subscribed;  ///< all that it was ever subscribed to
    bool is_ready = false;

  private:
    void hear(ChannelId channel, std::int64_t since, std::int64_t rev) {
        const auto found = known.find(channel);
        const std::int64_t last = found == known.end() ? 0 : found->second;
        if (rev <= last) return;
        if (since <= last) {
            known[channel] = rev;
        } else if (is_member(store_, channel, handle_->user)) {
            known[channel] = store_.at(channel).rev;  // it requests changes
        } else {
            known.erase(channel);
        }
    }

    LaneHub& lane_;
    StoryStore& store_;
    std::map<ChannelId, int> turns_;
};

/// The bus as the story's hub sees it. Subscriptions become active when the story says so.
class StoryBus final : public FakeNodes {
  public:
    void subscribe(const BusTopic& topic) override { asked.push_back(topic); }
    void unsubscribe(const BusTopic& topic) override {
        std::erase(asked, topic);
        standing.erase(topic);
    }
    bool is_subscribed(const Event& event) const {
        const std::vector<BusTopic> topics = core::topics_of(event);
        return std::ranges::any_of(topics, [&](const BusTopic& topic) { return standing.contains(topic); });
    }

    std::vector<BusTopic> asked;
    std::set<BusTopic> standing;
    std::vector<Event> on_the_way;  ///< committed by the other node, and not published yet
};

}  // namespace cariosan::realtime
