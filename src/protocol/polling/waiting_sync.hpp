#pragma once

#include <cariosan/http.hpp>
#include <cariosan/sync_commands.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "protocol/lane.hpp"
#include "protocol/polling/wait_places.hpp"

namespace cariosan::engine {
class EngineImpl;
}

namespace cariosan::protocol {

/// A `POST /v1/me/sync` that was read without news and waits for some. Confined to its lane's thread; owned by its lane.
///
/// While it waits it is a session of its user like a WebSocket: the hub subscribes it to the user's channels and wakes it by
/// their events, it is one of the user's connections, and the user is online. As soon as it is subscribed it reads again: what was
/// committed before is in that read, and what is committed later comes as an event. Between events it costs nothing.
///
/// An event only says where to look: the answer is what a read finds. It ends, with what was last read, when the time is up, the
/// client is gone or the server stops.
class WaitingSync final : public realtime::Subscriber, public std::enable_shared_from_this<WaitingSync> {
  public:
    using Answer = std::function<void(Result<Outcome>)>;
    struct Asked {
        Caller caller;
        Sync command;
        Outcome last;                     ///< the read without news
        std::chrono::milliseconds until;  ///< of `Clock::elapsed`
        std::optional<std::weak_ptr<Waiter>> asker;
        Answer answer;                    ///< called once
    };

    /// Waits, or answers `unavailable` if all places are taken.
    static void begin(engine::EngineImpl& engine, LaneImpl& lane, WaitPlaces& places, Asked asked);
    /// As `begin`, once there is a place.
    WaitingSync(engine::EngineImpl& engine, LaneImpl& lane, WaitPlaces& places, Asked asked, realtime::SessionHandleRef handle);
    /// Answers, if nothing has.
    ~WaitingSync() override;

    /// Answers with what was last read.
    void give_up() { finish(std::move(asked_.last)); }

    // realtime::Subscriber: called by the lane's hub.
    void ready(const realtime::SessionStart& start) override;
    void deliver(const FrameRef& frame) override;
    void offer(const FrameRef&) override {}
    void resync(ChannelId, std::int64_t) override { look(); }
    bool unread_moved(ChannelId) override { return true; }
    void blocks_changed(const BlockUpdated& change, const FrameRef& frame) override;
    void preferences_changed(ChannelId channel, const Preferences& preferences) override;
    void audience_changed(ChannelId, bool) override { look(); }
    void draining(std::int64_t) override { give_up(); }
    void end(std::uint16_t code, std::string_view reason, std::int64_t retry_after_ms) override;
    void tick() override;

  private:
    void notice_end();
    void look();
    void read();
    void take(Result<Outcome> read);
    void finish(Result<Outcome> result);

    engine::EngineImpl& engine_;
    LaneImpl& lane_;
    WaitPlaces& places_;
    Asked asked_;
    bool subscribed_ = false;
    bool reading_ = false;
    bool again_ = false;     ///< something may have moved since the read in progress began
    bool outdated_ = false;  ///< that read may show what the user must not see any more
    bool over_ = false;
};

}  // namespace cariosan::protocol
