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

// What a lane is asked to do. The order of tasks is the order in which a lane's sessions see their effect.

/// The session is complete: it is subscribed to these channels, then told `start`.
struct AdmitSession {
    SessionId session = 0;
    std::vector<ChannelId> channels;
    std::shared_ptr<const SessionStart> start;
};
/// All admitted sessions of the user get the channel's events from now on. `by_reading`: no event tells them so, they read
/// the channel from its beginning.
struct SubscribeUser {
    UserId user;
    ChannelId channel;
    bool by_reading = false;
};
/// They do not any more. `by_reading`: likewise; what they read tells them that.
struct UnsubscribeUser {
    UserId user;
    ChannelId channel;
    bool by_reading = false;
};
/// The channel is no more.
struct DropChannel {
    ChannelId channel;
};
/// The frame that one user's sessions get instead of the others'; null: none.
struct FrameException {
    UserId user;
    FrameRef frame;
};
/// Ascending by user; null, as nearly always: none.
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
/// Unread counts of the channel change for this user alone.
struct MarkUnread {
    UserId user;
    ChannelId channel;
};
struct ToUsers {
    std::vector<UserId> users;
    FrameRef frame;
};
/// A durable event that some members are told ahead of the others: behind all that was handed out before it, and not again
/// with the others.
struct ToMembers {
    ChannelId channel;
    std::int64_t rev = 0;
    std::vector<UserId> users;
    FrameRef frame;
};
/// One frame to everyone subscribed to any of the channels, and to the users; once each.
struct ToChannels {
    std::vector<ChannelId> channels;
    std::vector<UserId> users;
    FrameRef frame;
};
/// The user's list of blocks has changed. `frame` says so, behind everything that was handed out before.
struct BlocksChanged {
    BlockUpdated change;
    FrameRef frame;
};
/// Users whose presence has changed, and who is told. Shared by all lanes.
struct PresenceBatch {
    struct Change {
        UserId user;                      ///< who is not told itself
        std::vector<ChannelId> channels;  ///< whose members are told
        std::vector<SessionId> watchers;  ///< who are told besides
        std::vector<UserId> hidden_from;  ///< who are not told, members or watchers; ascending
        std::string text;                 ///< the user as it stands in a frame
    };
    std::string head;  ///< of a frame's text; then those of the users, with commas between; then `tail`
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
    std::int64_t retry_after_ms = 0;  ///< said in an `error` frame before the close, if not 0
};
/// Tells every session `server.draining`.
struct DrainSessions {
    std::int64_t reconnect_after_ms = 0;
};
/// The completion of a command.
struct Complete {
    std::function<void()> run;
};

using LaneTask = std::variant<Complete, ToChannel, MarkUnread, ToUsers, ToMembers, ToChannels, BlocksChanged, AdmitSession,
                              SubscribeUser, UnsubscribeUser, DropChannel, ResyncChannel, CloseSession, DrainSessions, ToPresence>;

/// The way from other threads into a lane: lists of tasks under one short lock, and one wake-up while the lane sleeps.
///
/// Bound: completions are bounded by the commands in flight; everything else by `kMaxTasks`. A lane that falls behind
/// by more loses what is pushed then and is told `overrun`: it closes its sessions, which come back and synchronise.
class LaneQueue {
  public:
    static constexpr std::size_t kMaxTasks = 65'536;

    explicit LaneQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

    /// From any thread. Takes the tasks, in order, and leaves the list empty.
    void push(std::vector<LaneTask>& tasks);
    void push(LaneTask task);

    /// On the lane's thread: moves everything into `tasks` (empty before). Answers whether tasks were lost since.
    bool take(std::vector<LaneTask>& tasks);

    /// From then on `push` drops what it is given and `wake` is not called: the lane is gone.
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
