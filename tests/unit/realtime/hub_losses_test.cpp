// Many small random stories with members who come and go, connections, slow reads, and lost events. Half of them run on one
// of two nodes, connected by a bus that delays, repeats and reorders events. In the end every member of a channel must be
// subscribed and have all of it, and nobody else.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <random>

#include "unit/realtime/hub_story.hpp"

using namespace cariosan;
using namespace cariosan::realtime;
using namespace std::chrono_literals;

namespace {

class Story final : public HubSource {
  public:
    enum class Nodes : std::uint8_t { one, two };
    Story(unsigned seed, std::int64_t large, Nodes nodes)
        : random_(seed),
          bus_(nodes == Nodes::two ? std::make_unique<StoryBus>() : nullptr),
          hub_(encoder_, *this, presence_, counters_, {.large_channel = large}, bus_.get()) {
        for (std::uint8_t i = 0; i < 2; ++i) {
            queues_.push_back(std::make_shared<LaneQueue>([] {}));
            lanes_.push_back(std::make_unique<LaneHub>(queues_.back()));
            hub_.add_lane(i, queues_.back());
        }
    }
    ~Story() override {
        for (auto& client : clients_) lanes_[client->handle().lane]->remove(*client);
    }

    void list_channels(const SessionHandleRef& session) override {
        ask([this, session](const StoryStore& store) -> Answer {
            std::vector<ChannelId> channels;
            for (const ChannelPosition& each : positions_of(store, session->user)) channels.push_back(each.channel);
            return [this, session, channels](bool fails) {
                if (fails) return ask_again([this, session] { list_channels(session); });
                hub_.listed(session, channels);
            };
        });
    }
    void load(const SessionHandleRef& session) override {
        ask([this, session](const StoryStore& store) -> Answer {
            SessionSnapshot loaded;
            loaded.positions = positions_of(store, session->user);
            return [this, session, loaded](bool fails) {
                if (fails) return ask_again([this, session] { load(session); });
                hub_.loaded(session, loaded);
            };
        });
    }
    void repair(WorkspaceId, ChannelId channel, const FeedPosition& position) override {
        ask([this, channel, since = position.rev](const StoryStore& store) -> Answer {
            FeedRepair read;
            const auto found = store.find(channel);
            read.deleted = found == store.end() || found->second.deleted;
            if (!read.deleted) {
                read.rev = found->second.rev;
                read.member_count = static_cast<std::int64_t>(found->second.members.size());
                for (const auto& [user, rev] : found->second.members) {
                    if (rev > since) read.joined.push_back(user);
                }
                for (const auto& [user, rev] : found->second.left) {
                    if (rev > since) read.left.push_back(user);
                }
            }
            return [this, channel, read](bool fails) {
                hub_.repaired(channel, fails ? Result<FeedRepair>(Error(ErrorCode::unavailable, "disk")) : read);
            };
        });
    }
    void find_unread(WorkspaceId, UserId, std::optional<UserId>, std::int64_t) override {}
    void read_presence(WorkspaceId, UserId) override {}
    void reread(WorkspaceId, UserId user) override {
        ask([this, user](const StoryStore& store) -> Answer {
            UserState state{positions_of(store, user), {}};
            return [this, user, state](bool fails) {
                hub_.reread(user, fails ? Result<UserState>(Error(ErrorCode::unavailable, "disk")) : state);
            };
        });
    }

    void step() {
        if (bus_ && pick(4) == 0) return pick(3) == 0 ? stand() : carry(pick(8) == 0);
        switch (pick(12)) {
            case 0: case 1: case 2: change(); break;
            case 3: case 4: case 5: dispatch(); break;
            case 6: take_snapshot(); break;
            case 7: answer(pick(5) == 0); break;
            case 8: connect_or_disconnect(); break;
            case 9: read_on(); break;
            case 10: pass(); break;
            case 11:
                if (!clients_.empty()) synchronise(*clients_[pick(clients_.size())]);
                break;
        }
    }
    /// Until nothing is left to do.
    void settle() {
        for (int round = 0; round < 60; ++round) {
            while (bus_ && !bus_->asked.empty()) stand();
            while (bus_ && !bus_->on_the_way.empty()) carry(false);
            while (!queue_.empty()) dispatch();
            while (!asked_.empty()) take_snapshot();
            while (!taken_.empty()) answer(false);
            for (auto& client : clients_) {
                while (!client->readings.empty()) client->read_on(store_, false);
            }
            pass();
        }
    }
    void check() {
        for (auto& client : clients_) {
            REQUIRE(client->is_ready);
            for (std::uint8_t i = 0; i < kStoryChannels; ++i) {
                const ChannelId channel = channel_id(i);
                const UserId user = client->handle().user;
                const bool member = is_member(store_, channel, user);
                CAPTURE(i);
                CAPTURE(name_of(user));
                REQUIRE(lanes_[client->handle().lane]->subscribed(*client, channel) == member);
                // A client may keep what it read itself of a channel where its membership came and went unnoticed.
                if (member || client->ever_subscribed.contains(channel)) REQUIRE(client->known.contains(channel) == member);
                if (member) REQUIRE(client->known.at(channel) == store_.at(channel).rev);
            }
        }
    }
    const Counters& counters() const { return counters_; }
    /// One more message in every channel, and none is lost.
    void speak() {
        for (auto& [channel, stored] : store_) {
            if (!stored.deleted) publish(message_event(channel, ++stored.rev, UserId{}));
        }
    }

  private:
    using Answer = std::function<void(bool fails)>;
    using Read = std::function<Answer(const StoryStore&)>;

    std::size_t pick(std::size_t count) { return random_() % count; }
    void ask(Read read) { asked_.push_back(std::move(read)); }
    void ask_again(const std::function<void()>& question) { question(); }

    static std::vector<ChannelPosition> positions_of(const StoryStore& store, UserId user) {
        std::vector<ChannelPosition> positions;
        for (const auto& [channel, stored] : store) {
            if (!is_member(store, channel, user)) continue;
            positions.push_back(position(channel, stored.rev, stored.members.at(user),
                                         static_cast<std::int64_t>(stored.members.size())));
        }
        return positions;
    }

    void change() {
        const ChannelId channel = channel_id(static_cast<std::uint8_t>(pick(kStoryChannels)));
        const UserId user = user_id(static_cast<std::uint8_t>(11 + pick(kStoryUsers)));
        const auto [found, is_new] = store_.try_emplace(channel);
        StoredChannel& stored = found->second;
        if (stored.deleted) return;
        Event event = message_event(channel, ++stored.rev, UserId{});
        const auto count = [&] { return static_cast<std::int64_t>(stored.members.size()); };
        if (is_new) {
            ChannelCreated created;
            created.members.emplace_back();
            created.members.back().user.id = user;
            created.channel.member_count = 1;
            stored.members[user] = stored.rev;
            event.body = std::move(created);
        } else if (pick(150) == 0) {
            stored.deleted = true;
            event.body = ChannelDeleted{};
        } else if (pick(2) == 0) {
            if (stored.members.contains(user)) {
                stored.members.erase(user);
                stored.left[user] = stored.rev;
                event = members_event(channel, stored.rev, MembersEvent::Kind::left, {user}, count());
            } else {
                stored.left.erase(user);
                stored.members[user] = stored.rev;
                event = members_event(channel, stored.rev, MembersEvent::Kind::joined, {user}, count());
            }
        } else if (pick(2) == 0) {
            event = reaction_event(channel, stored.rev);
        }
        if (pick(6) != 0) return publish(event);
        // Lost; some time later this is noticed.
        core::Loss loss{.all = pick(2) == 0};
        if (!loss.all) {
            loss.channels = {{kWorkspace, channel}};
            loss.users = {user};
        }
        queue_.push_back([this, loss] { hub_.lost(loss); });
    }
    void publish(const Event& event) {
        if (bus_ && pick(2) == 0) return bus_->on_the_way.push_back(event);
        queue_.push_back([this, event] { hub_.publish(event); });
    }
    /// A subscription reaches the bus, and everything published from now on arrives.
    void stand() {
        if (bus_->asked.empty()) return;
        const auto which = bus_->asked.begin() + static_cast<std::ptrdiff_t>(pick(bus_->asked.size()));
        const BusTopic topic = *which;
        bus_->asked.erase(which);
        bus_->standing.insert(topic);
        queue_.push_back([this, topic] { hub_.subscribed({&topic, 1}); });
    }
    /// The other node publishes any one of its events.
    void carry(bool is_repeated) {
        if (bus_->on_the_way.empty()) return;
        const auto which = bus_->on_the_way.begin() + static_cast<std::ptrdiff_t>(pick(bus_->on_the_way.size()));
        const Event event = *which;
        if (!is_repeated) bus_->on_the_way.erase(which);
        if (bus_->is_subscribed(event)) queue_.push_back([this, event] { hub_.publish(event); });
    }
    void dispatch() {
        if (queue_.empty()) return;
        queue_.front()();
        queue_.pop_front();
        if (pick(3) == 0) run();
    }
    void take_snapshot() {
        if (asked_.empty()) return;
        const auto which = asked_.begin() + static_cast<std::ptrdiff_t>(pick(asked_.size()));
        const Read read = *which;
        asked_.erase(which);
        taken_.push_back(read(store_));
    }
    /// The result of a read is in the same queue as the events.
    void answer(bool fails) {
        if (taken_.empty()) return;
        const auto which = taken_.begin() + static_cast<std::ptrdiff_t>(pick(taken_.size()));
        const Answer answer = *which;
        taken_.erase(which);
        queue_.push_back([answer, fails] { answer(fails); });
    }
    void connect_or_disconnect() {
        const UserId user = user_id(static_cast<std::uint8_t>(11 + pick(kStoryUsers)));
        const auto here = std::ranges::count_if(clients_, [&](const auto& each) { return each->handle().user == user; });
        if (here < 2 && pick(3) != 0) {
            handles_.push_back(handle_of(++last_session_, user, static_cast<std::uint8_t>(pick(2))));
            const SessionHandleRef& handle = handles_.back();
            clients_.push_back(std::make_unique<StoryClient>(handle, *lanes_[handle->lane], store_));
            lanes_[handle->lane]->add(*clients_.back());
            queue_.push_back([this, handle] { hub_.attach(handle, now_); });
        } else if (!clients_.empty()) {
            run();
            const std::size_t which = pick(clients_.size());
            lanes_[clients_[which]->handle().lane]->remove(*clients_[which]);
            queue_.push_back([this, handle = handles_[which]] { hub_.detach(handle, now_); });
            clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(which));
            handles_.erase(handles_.begin() + static_cast<std::ptrdiff_t>(which));
        }
    }
    void read_on() {
        for (auto& client : clients_) {
            if (!client->readings.empty()) client->read_on(store_, pick(4) == 0);
        }
    }
    void synchronise(StoryClient& client) {
        for (const auto& [channel, rev] : std::map(client.known)) {
            if (pick(2) == 0) client.synchronise(channel, rev);
        }
    }
    void pass() {
        now_ += 1s;
        hub_.advance(now_);
        hub_.tick(now_);
        run();
    }
    void run() {
        hub_.flush();
        for (auto& lane : lanes_) lane->run();
    }

    std::mt19937 random_;
    std::chrono::milliseconds now_{1'000'000};
    StoryStore store_;
    StoryEncoder encoder_;
    Counters counters_;
    FakePresenceStore presence_;
    const std::unique_ptr<StoryBus> bus_;  ///< null: there is one node
    Hub hub_;
    std::vector<LaneQueueRef> queues_;
    std::vector<std::unique_ptr<LaneHub>> lanes_;
    std::vector<SessionHandleRef> handles_;
    std::vector<std::unique_ptr<StoryClient>> clients_;
    SessionId last_session_ = 0;
    std::deque<std::function<void()>> queue_;  ///< to the hub: events and answers
    std::vector<Read> asked_;
    std::vector<Answer> taken_;
};

}  // namespace

TEST_CASE("whatever is lost, in the end every member is subscribed to their channels, has all of them, and nothing else") {
    std::uint64_t early = 0;
    for (unsigned seed = 0; seed < 800; ++seed) {
        CAPTURE(seed);
        Story story(seed, seed % 2 == 0 ? 1'000 : 2, seed < 400 ? Story::Nodes::one : Story::Nodes::two);
        for (int i = 0; i < 400; ++i) story.step();
        story.settle();
        story.check();
        story.speak();
        story.settle();
        story.check();
        early += story.counters().events_early;
    }
    CHECK(early > 0);
}
