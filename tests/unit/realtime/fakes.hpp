#pragma once

#include <cariosan/session.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "realtime/hub/hub.hpp"
#include "realtime/lanes/lane_hub.hpp"

namespace cariosan::realtime {

inline Uuid uuid_of(std::uint8_t number) {
    Uuid uuid;
    uuid.bytes[0] = 1;
    uuid.bytes[15] = number;
    return uuid;
}
inline UserId user_id(std::uint8_t number) { return UserId{uuid_of(number)}; }
inline ChannelId channel_id(std::uint8_t number) { return ChannelId{uuid_of(number)}; }
inline const WorkspaceId kWorkspace{uuid_of(200)};
inline const ChannelId kShop = channel_id(1);
inline const ChannelId kOther = channel_id(2);
inline const UserId kAlice = user_id(11);
inline const UserId kBudi = user_id(12);
inline const UserId kCitra = user_id(13);

inline FrameRef text_frame(std::string text) {
    auto frame = std::make_shared<Frame>();
    frame->bytes = std::move(text);
    return frame;
}

inline SessionHandleRef handle_of(SessionId id, UserId user, std::uint8_t lane = 0) {
    auto handle = std::make_shared<SessionHandle>();
    handle->id = id;
    handle->lane = lane;
    handle->workspace = kWorkspace;
    handle->user = user;
    return handle;
}

/// Records what it receives.
class FakeSubscriber final : public Subscriber {
  public:
    using Subscriber::Subscriber;

    void ready(const SessionStart& start) override {
        said += "ready(" + start.epoch + ") ";
        settings = start.settings;
        blocks_rev = start.blocks_rev;
        preferences_rev = start.preferences_rev;
    }
    void deliver(const FrameRef& frame) override {
        said += frame->bytes;
        ++deliveries;
    }
    void offer(const FrameRef& frame) override {
        for (const std::string_view text : payloads(*frame)) offered += text;
        ++offers;
    }
    void resync(ChannelId channel, std::int64_t since) override {
        said += "resync(" + std::to_string(channel.uuid.bytes[15]) + "," + std::to_string(since) + ") ";
    }
    bool unread_moved(ChannelId channel) override {
        if (busy) return false;
        said += "unread(" + std::to_string(channel.uuid.bytes[15]) + ") ";
        return true;
    }
    void blocks_changed(const BlockUpdated&, const FrameRef& frame) override { deliver(frame); }
    void preferences_changed(ChannelId channel, const Preferences& preferences) override {
        said += "kept(" + std::to_string(channel.uuid.bytes[15]) + "," + std::to_string(preferences.preferences_rev) + ") ";
    }
    void audience_changed(ChannelId channel, bool joined) override { changes.emplace_back(channel.uuid.bytes[15], joined); }
    void draining(std::int64_t) override { said += "draining "; }
    void end(std::uint16_t code, std::string_view, std::int64_t) override { said += "end(" + std::to_string(code) + ") "; }
    void tick() override { said += "tick "; }

    std::string take() { return std::exchange(said, {}); }
    std::string take_offered() { return std::exchange(offered, {}); }

    std::string said;
    std::string offered;
    std::vector<std::pair<int, bool>> changes;  ///< audience changes: which channel, and whether it was joined
    bool busy = false;  ///< refuses unread counts
    int deliveries = 0;
    std::int64_t blocks_rev = 0;  ///< from the greeting
    std::int64_t preferences_rev = 0;  ///< the same
    ClientSettings settings{};  ///< as the greeting said
    int offers = 0;
};

/// Encodes an event as "<rev>" or a word, with "*" in the author's copy.
class FakeEncoder final : public EventEncoder {
  public:
    EncodedEvent encode(const Event& event) override {
        ++calls;
        if (const auto* typing = std::get_if<Typing>(&event.body)) return {text_frame(typing->started ? "t+ " : "t- "), {}};
        if (std::holds_alternative<UserUpdated>(event.body)) return {text_frame("user "), {}};
        if (std::holds_alternative<SettingsUpdated>(event.body)) return {text_frame("settings "), {}};
        if (std::holds_alternative<Mentioned>(event.body)) return {text_frame("mention "), {}};
        if (const auto* change = std::get_if<BlockUpdated>(&event.body)) {
            return {text_frame(std::string(change->blocked ? "block" : "unblock") + std::to_string(change->blocks_rev) + " "), {}};
        }
        if (const auto* moved = std::get_if<ReceiptMoved>(&event.body)) {
            const std::string seq = std::to_string(moved->receipt.last_read_seq);
            const FrameRef shared = moved->receipt.read_hidden ? FrameRef() : text_frame("r" + seq + " ");
            return {shared, shared ? FrameRef() : text_frame("r" + seq + "* ")};
        }
        const std::string rev = std::to_string(event.rev);
        if (std::holds_alternative<MessageCreated>(event.body)) return {text_frame(rev + " "), text_frame(rev + "* ")};
        return {text_frame(rev + " "), {}};
    }
    /// "<rev>r" hides everything, "<rev>q" the quote, "<rev>u" the user who reacted.
    FrameRef encode_hiding(const Event& event, Hiding what, bool own) override {
        ++hidings;
        const char* mark = what == Hiding::everything ? "r" : what == Hiding::quote ? "q" : "u";
        return text_frame(std::to_string(event.rev) + mark + (own ? "* " : " "));
    }
    FrameRef encode(ChannelId, std::int64_t since, std::int64_t rev, const std::vector<FrameRef>& frames) override {
        std::string text = "(" + std::to_string(since) + "," + std::to_string(rev) + ": ";
        for (const FrameRef& frame : frames) text += frame->bytes;
        return text_frame(text + ") ");
    }
    EncodedPresence encode(const std::vector<UserPresence>& users) override {
        EncodedPresence encoded{.head = "[", .tail = "] ", .users = {}};
        for (const UserPresence& each : users) encoded.users.push_back(each.external_id + (each.online ? "+" : "-"));
        return encoded;
    }
    int calls = 0;
    int hidings = 0;
};

/// Records what it receives; the test sets its clock.
class FakePresenceStore final : public PresenceStore {
  public:
    Timestamp now() override { return wall; }
    void show(UserId user, const core::PresenceState& state) override { shown[user] = state; }
    void forget(UserId user) override { shown.erase(user); }
    void record(std::vector<LastSeen> users) override { records.push_back(std::move(users)); }

    Timestamp wall{1'700'000'000'000};
    std::map<UserId, core::PresenceState> shown;
    std::vector<std::vector<LastSeen>> records;
};

/// Records requests, which the test answers.
class FakeSource final : public HubSource {
  public:
    void list_channels(const SessionHandleRef& session) override { lists.push_back(session); }
    void load(const SessionHandleRef& session) override { loads.push_back(session); }
    void repair(WorkspaceId, ChannelId channel, const FeedPosition& since) override {
        repairs.emplace_back(channel, since.rev);
        receipts_since.push_back(since.receipt_rev);
    }
    void reread(WorkspaceId, UserId user) override { rereads.push_back(user); }
    void find_unread(WorkspaceId, UserId user, std::optional<UserId> author, std::int64_t) override {
        unread_asked.emplace_back(user, author);
    }

    void read_presence(WorkspaceId, UserId user) override { presence_asked.push_back(user); }

    std::vector<std::pair<UserId, std::optional<UserId>>> unread_asked;
    std::vector<UserId> presence_asked;

    std::vector<UserId> rereads;
    std::vector<SessionHandleRef> lists;
    std::vector<SessionHandleRef> loads;
    std::vector<std::pair<ChannelId, std::int64_t>> repairs;
    std::vector<std::optional<std::int64_t>> receipts_since;  ///< of each repair
};

/// Records subscriptions in order; the test answers with `Hub::subscribed`.
class FakeNodes : public Nodes {
  public:
    void subscribe(const BusTopic& topic) override { subscribed_topics.push_back(topic); }
    void unsubscribe(const BusTopic& topic) override { std::erase(subscribed_topics, topic); }
    void broadcast(const Event&) override {}
    bool coordinates() const override { return false; }
    void disconnect(const NodeConnection&) override {}
    void renew(std::vector<NodeConnection>) override {}
    void absent(std::vector<UserId>) override {}
    void present(std::vector<UserId>) override {}

    std::vector<BusTopic> subscribed_topics;
};

inline Event message_event(ChannelId channel, std::int64_t rev, UserId author) {
    Event event;
    event.workspace = kWorkspace;
    event.channel = channel;
    event.rev = rev;
    MessageCreated created;
    created.message.user.id = author;
    event.body = std::move(created);
    return event;
}

inline Event receipt_event(ChannelId channel, UserId user, std::int64_t seq, bool hidden = false) {
    Event event;
    event.workspace = kWorkspace;
    event.channel = channel;
    event.body = ReceiptMoved{{.user_id = user, .last_read_seq = seq, .read_hidden = hidden}, true, true};
    return event;
}

inline Event reaction_event(ChannelId channel, std::int64_t rev) {
    Event event;
    event.workspace = kWorkspace;
    event.channel = channel;
    event.rev = rev;
    event.body = ReactionChanged{};
    return event;
}

inline Event members_event(ChannelId channel, std::int64_t rev, MembersEvent::Kind kind, std::vector<UserId> users,
                           std::int64_t member_count = 2) {
    Event event;
    event.workspace = kWorkspace;
    event.channel = channel;
    event.rev = rev;
    MembersEvent body;
    body.kind = kind;
    body.member_count = member_count;
    for (const UserId user : users) {
        Member member;
        member.user.id = user;
        body.members.push_back(member);
    }
    event.body = std::move(body);
    return event;
}

}  // namespace cariosan::realtime
