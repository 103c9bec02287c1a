#pragma once

#include <atomic>
#include <cariosan/events.hpp>
#include <cariosan/session.hpp>
#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "realtime/session_handle.hpp"

namespace cariosan::realtime {

// The tasks of a lane. Its sessions see their effects in the order of the tasks.

/// The session is loaded: subscribes it to these channels, then gives it `start`.
struct AdmitSession {
    SessionId session = 0;
    std::vector<ChannelId> channels;
    std::shared_ptr<const SessionStart> start;
};
/// All admitted sessions of the user get the channel's events from now on. `by_reading`: no event announces it, they
/// read the channel from the beginning.
struct SubscribeUser {
    UserId user;
    ChannelId channel;
    bool by_reading = false;
};
/// The user's sessions no longer get the channel's events. `by_reading`: no event announces it, they learn of it by reading the
/// channel.
struct UnsubscribeUser {
    UserId user;
    ChannelId channel;
    bool by_reading = false;
};
/// The channel was deleted.
struct DropChannel {
    ChannelId channel;
};
/// The frame one user's sessions get instead; null: none.
struct FrameException {
    UserId user;
    FrameRef frame;
};
/// Ascending by user; null: none, the usual case.
using FrameExceptions = std::shared_ptr<const std::vector<FrameException>>;

/// One frame to everyone subscribed. `rev` 0: not durable.
struct ToChannel {
    ChannelId channel;
    std::int64_t rev = 0;
    FrameRef others{};
    FrameRef author_frame{};   ///< null: the same as `others`
    UserId author{};
    bool skip_author = false;  ///< the author's connections get nothing
    bool moves_unread = false;  ///< unread counts of the channel change for those who are subscribed
    FrameExceptions exceptions{};  ///< never for the author
};
/// The channel's unread counts changed for this user alone.
struct MarkUnread {
    UserId user;
    ChannelId channel;
};
struct ToUsers {
    std::vector<UserId> users;
    FrameRef frame;
};
/// A durable event that some members get ahead of the others: in order with earlier frames, and not again with the others.
struct ToMembers {
    ChannelId channel;
    std::int64_t rev = 0;
    std::vector<UserId> users;
    FrameRef frame;
};
/// One frame to everyone subscribed to any of the channels, and to these users; once each.
struct ToChannels {
    std::vector<ChannelId> channels;
    std::vector<UserId> users;
    FrameRef frame;
};
/// The user's block list changed. `frame` announces it, behind every earlier frame.
struct BlocksChanged {
    BlockUpdated change;
    FrameRef frame;
};
/// The user's preferences of a channel changed.
struct PreferencesMoved {
    ChannelId channel;
    PreferencesChanged change;
};
/// Users whose presence changed, and who gets to see it. Shared by all lanes.
struct PresenceBatch {
    struct Change {
        UserId user;                      ///< gets no frame about itself
        std::vector<ChannelId> channels;  ///< whose members get it
        std::vector<SessionId> watchers;  ///< sessions that get it as well
        std::vector<UserId> hidden_from;  ///< who do not get it, members or watchers; ascending
        std::string text;                 ///< the user as encoded in a frame
    };
    std::string head;  ///< the start of the frame's text; then the users, separated by commas; then `tail`
    std::string tail;
    std::vector<Change> changes;
};
struct ToPresence {
    std::shared_ptr<const PresenceBatch> batch;
};
/// Events were lost: everyone subscribed reads the channel from storage, from `since` on and up to `rev` at least.
struct ResyncChannel {
    ChannelId channel;
    std::int64_t since = 0;
    std::int64_t rev = 0;
};
struct CloseSession {
    SessionId session = 0;
    std::uint16_t code = 0;
    std::string reason;
    std::int64_t retry_after_ms = 0;  ///< sent in an `error` frame before the close, if not 0
};
/// Sends `server.draining` to every session.
struct DrainSessions {
    std::int64_t reconnect_after_ms = 0;
};
/// The completion of a command.
struct Complete {
    std::function<void()> run;
};

using LaneTask = std::variant<Complete, ToChannel, MarkUnread, ToUsers, ToMembers, ToChannels, BlocksChanged, PreferencesMoved,
                              AdmitSession, SubscribeUser, UnsubscribeUser, DropChannel, ResyncChannel, CloseSession, DrainSessions, ToPresence>;

/// The queue from other threads into a lane: lists of tasks under one short lock, and one wake-up while the lane
/// sleeps.
///
/// Bound: completions are bounded by the commands in flight; everything else by `kMaxTasks`. If a lane falls
/// further behind, tasks are dropped and it closes its sessions, which reconnect and synchronise.
class LaneQueue {
  public:
    static constexpr std::size_t kMaxTasks = 65'536;

    explicit LaneQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

    /// From any thread. Takes the tasks, in order, and leaves the list empty.
    void push(std::vector<LaneTask>& tasks);
    void push(LaneTask task);

    /// On the lane's thread: moves everything into `tasks` (empty before). Returns whether tasks were dropped since
    /// the last call.
    bool take(std::vector<LaneTask>& tasks);

    /// The lane is gone: from now on `push` drops its tasks and `wake` is not called.
    void close();

  private:
    bool append(LaneTask&& task);

    std::function<void()> wake_;
    std::mutex mutex_;
    std::vector<LaneTask> tasks_;
    bool woken_ = false;
    bool overrun_ = false;
    bool closed_ = false;
};
using LaneQueueRef = std::shared_ptr<LaneQueue>;

}  // namespace cariosan::realtime
