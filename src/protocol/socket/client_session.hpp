#pragma once

#include <boost/json/fwd.hpp>
#include <cariosan/session.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/channels/catch_up.hpp"
#include "core/rates/token_buckets.hpp"
#include "protocol/commands/answers.hpp"
#include "protocol/lane.hpp"
#include "protocol/rest/authentication.hpp"
#include "protocol/rest/request_id.hpp"
#include "protocol/socket/frames.hpp"
#include "protocol/socket/session_services.hpp"
#include "realtime/lanes/lane_hub.hpp"

namespace cariosan::protocol {

class SyncRunner;

/// The session of one WebSocket client (section 5 of the protocol). Confined to its lane's thread.
class ClientSession final : public Session, public realtime::Subscriber {
  public:
    ClientSession(const SessionServices& services, LaneImpl& lane, SessionSink& sink, const Principal& principal,
                  realtime::SessionHandleRef handle, RequestId request_id);
    ~ClientSession() override;

    // Session: called by the transport.
    void receive(std::string_view text) override;
    void alive() override;
    void writable() override;
    void closing(std::uint16_t code, std::string_view reason) override;
    void closed() override;

    // realtime::Subscriber: called by the lane's hub.
    void ready(const realtime::SessionStart& start) override;
    void deliver(const FrameRef& frame) override;
    void offer(const FrameRef& frame) override;
    void resync(ChannelId channel, std::int64_t since) override;
    bool unread_moved(ChannelId channel) override;
    void blocks_changed(const BlockUpdated& change, const FrameRef& frame) override;
    void preferences_changed(ChannelId channel, const Preferences& preferences) override;
    void audience_changed(ChannelId channel, bool joined) override;
    void draining(std::int64_t reconnect_after_ms) override;
    void end(std::uint16_t code, std::string_view reason, std::int64_t retry_after_ms) override;
    void tick() override;

    // For `SyncRunner`.
    void send(const FrameRef& frame);
    /// Sends an `error` frame with the time after which to reconnect, then closes.
    void give_up(std::uint16_t code, std::string_view reason, const Error& error);
    std::size_t backlog() const { return sink_.backlog(); }
    realtime::LaneHub& hub() noexcept { return lane_.hub(); }
    /// Reads without charging for it; see `charge_reads`. `done` runs on this thread, unless the session has ended by then.
    void read(Command command, std::function<void(Result<Outcome>)> done);
    /// Like `read`, but for the changes of several channels.
    void catch_up(core::CatchUp request, std::function<void(Result<core::CaughtUp>)> done);
    /// Calls `start` when no other read of `unread_total` is in progress for this session, so that no frame carries an older total
    /// than a frame before it. `start` begins such a read; `counted` must follow once its frames are sent.
    /// Bound: one waits for each kind of frame with a total.
    void count_in_turn(std::function<void()> start);
    void counted();
    /// The tokens of the user's read bucket that a `sync` may take now.
    std::int64_t spare_reads();
    /// Charges the user's read bucket for what a `sync` has read.
    void charge_reads(std::int64_t tokens);
    Viewer viewer() const { return Viewer(caller()); }
    std::string epoch() const { return services_.engine.epoch(); }
    bool open() const noexcept { return state_ == State::open; }

  private:
    enum class State : std::uint8_t { starting, open, closing };
    /// What the answer to a frame and its log line need.
    struct Request {
        FrameId id;
        std::string_view type;  ///< the server's own string; empty: unknown or unreadable
        std::chrono::milliseconds began{0};
        bool changes = false;
    };
    /// A parsed frame of the client. `data` is null if the frame has none.
    struct ClientFrame {
        Request request;
        const boost::json::object* data = nullptr;
    };
    using Handler = void (ClientSession::*)(const ClientFrame&);
    struct BuiltIn {
        std::string_view type;
        Handler handler;
    };
    /// Null if the type is not a built-in one.
    static const BuiltIn* built_in(std::string_view type);

    void handle_text(std::string_view text);
    void handle_command(const CommandRow& row, const ClientFrame& frame);
    /// Logs that a frame was handled, or refused with `error`.
    void log_frame(const Request& request, const Error* error = nullptr) const;
    /// Like the one above, but without a session, for commands that outlive it.
    static void log_frame(engine::EngineImpl& engine, const realtime::SessionHandle& asker, const Request& request,
                          const Error* error);
    /// `answer` and `refuse` send the answer and log it.
    void answer(const Request& request, const FrameRef& frame);
    void refuse(const Request& request, const Error& error);
    void handle_ping(const ClientFrame& frame);
    void handle_typing_start(const ClientFrame& frame) { handle_typing(frame, true); }
    void handle_typing_stop(const ClientFrame& frame) { handle_typing(frame, false); }
    void handle_typing(const ClientFrame& frame, bool started);
    void handle_refresh(const ClientFrame& frame);
    void handle_sync(const ClientFrame& frame);
    // session_presence.cpp
    void handle_subscribe(const ClientFrame& frame);
    void find_followed(const Request& request, GetPresence next, std::vector<UserPresence> found);
    void handle_unsubscribe(const ClientFrame& frame);
    void follow(const Request& request, std::vector<UserPresence> users);

    void tell_unread(ChannelId channel, const Result<engine::UnreadCounts>& counts);
    // session_preferences.cpp
    void count_for_preferences();
    /// Sends the first changes that wait; nothing: `unread_total` could not be counted.
    void send_preferences(std::size_t count, std::optional<std::int64_t> unread_total);

    void keep_early(std::string_view text);
    /// False if there are too many frames; an error was then sent.
    bool take_frame_token(const Request& request);
    void malformed(const Request& request, const Error& error);
    /// Counts one more command in progress. False if there are too many; an error was then sent.
    bool begin_command(const Request& request);
    /// Wraps a completion so that it runs only while the session is open.
    template <class Answer = Outcome, class F>
    std::function<void(Result<Answer>)> guarded(F done) {
        return [weak = weak(), done = std::move(done)](Result<Answer> answer) mutable {
            if (ClientSession* const self = find_open(weak)) done(*self, std::move(answer));
        };
    }
    /// Reads when it is this user's turn (`ReadGate`). `submit(session, done)` starts the read; `done` runs only while the session
    /// is open.
    template <class Answer, class Submit>
    void read_in_turn(Submit submit, std::function<void(Result<Answer>)> done);

    /// Held by completions, since the session may have ended before they run.
    using Weak = std::weak_ptr<realtime::SessionHandle>;
    Weak weak() const { return handle_; }
    /// The session; null if it is no longer open.
    static ClientSession* find_open(const Weak& weak);
    /// Reads for this session are skipped once it has ended.
    engine::Asker asker() const { return std::weak_ptr<const void>(handle_); }
    void close(std::uint16_t code, std::string_view reason);
    void close_slow();
    /// The common part of closing, unless the connection itself has ended. False if the session is closing already.
    bool begin_closing();
    /// Logs the end of the session. No code: there was no close frame.
    void log_end(LogLevel level, std::optional<std::uint16_t> code, std::string_view cause) const;
    /// Drops the backlog because the process holds too much.
    void drop_backlog();
    void count_backlog();
    void forget();
    SyncRunner& sync();
    std::chrono::milliseconds now() const { return services_.engine.clock().elapsed(); }
    Caller caller() const { return Caller::user(handle_->workspace, handle_->user, external_id_); }

    // There are many sessions, and most of them are idle, so state that few of them need is allocated separately.
    const SessionServices& services_;
    LaneImpl& lane_;
    SessionSink& sink_;
    std::string external_id_;
    std::chrono::milliseconds token_ends_;  ///< `TokenClaims::ends`
    const RequestId request_id_;            ///< of the upgrade
    const std::chrono::milliseconds began_;
    std::unique_ptr<SyncRunner> sync_;      ///< null unless there is something to synchronise
    /// A user this connection follows, with both names that the client may use.
    struct Followed {
        UserId id;
        std::string external_id;
    };
    std::unique_ptr<std::vector<Followed>> followed_;  ///< null: nobody
    /// Changes that wait for `unread_total`.
    struct WaitingPreferences {
        std::vector<ChannelPreferences> changes;
        std::size_t counted = 0;  ///< for so many of the first the read in progress is new enough
    };
    std::unique_ptr<WaitingPreferences> preferences_;  ///< null: none
    /// What waits for a read of `unread_total` to end; null: there is no such read.
    std::unique_ptr<std::vector<std::function<void()>>> waiting_to_count_;
    std::unique_ptr<std::vector<std::string>> early_;  ///< frames that came before `connection.ready`; null: none
    std::unique_ptr<Holding> held_;                    ///< the backlog, as last counted; null: none
    core::TokenBucket frames_;
    std::uint32_t pending_commands_ = 0;
    std::uint16_t malformed_frames_ = 0;
    std::uint16_t refused_frames_ = 0;
    State state_ = State::starting;
    bool attached_ = true;
    bool pinged_ = false;  ///< a ping was sent since the last sign of life
    bool reading_unread_ = false;
};

}  // namespace cariosan::protocol
