#pragma once

#include <hiredis/hiredis.h>

#include <atomic>
#include <cariosan/engine.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include "adapters/redis/redis_url.hpp"

namespace cariosan::redis {

struct FreeReply {
    void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

struct FreeContext {
    void operator()(redisContext* context) const noexcept { redisFree(context); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;

/// A file descriptor on which the link's thread is woken.
class WakeUp {
  public:
    WakeUp();
    ~WakeUp();
    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;
    int descriptor() const { return descriptor_; }
    void ring() const;
    void clear() const;

  private:
    const int descriptor_;
};

/// Who uses a link. Its functions run on the link's thread, one at a time, and may call `Link::send`.
class LinkUser {
  public:
    virtual ~LinkUser() = default;
    /// A new connection is signed in, and `send` works again.
    virtual void connected() = 0;
    /// A reply, or a message that was pushed.
    virtual void received(Reply reply) = 0;
    /// Everything that has arrived was passed to `received`.
    virtual void received_all() {}
    /// Nothing has arrived for a while: send something that is answered.
    virtual void quiet() = 0;
    /// The connection is gone, or an attempt to make one has failed. What was sent and not answered may have had an effect or not.
    virtual void disconnected() = 0;
    /// Whether everything that was sent has been answered.
    virtual bool is_settled() const = 0;
};

struct LinkSettings {
    Address address;
    std::string use;  ///< for the log, and the name by which `CLIENT LIST` shows it
    LogSink log;
};

/// One connection to Redis with a thread of its own: connects, signs in, notices when the other end is silent, and connects again
/// with growing pauses. No call waits for the network.
class Link {
  public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::milliseconds kConnectPatience{1'000};
    static constexpr std::chrono::milliseconds kQuiet{1'000};   ///< then `LinkUser::quiet` makes the other end say something
    static constexpr std::chrono::milliseconds kSilent{3'000};  ///< then the connection counts as dead
    static constexpr std::chrono::milliseconds kFirstPause{50};
    static constexpr std::chrono::milliseconds kLongestPause{800};

    /// `user` must outlive the link.
    Link(LinkSettings settings, LinkUser& user) : settings_(std::move(settings)), user_(user) {}
    ~Link() { stop(std::chrono::milliseconds(0)); }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void start();
    /// Ends the thread, at once if nothing is unsent or unanswered, otherwise after `patience` at the latest. Not from a function
    /// of the user.
    void stop(std::chrono::milliseconds patience);

    /// Sends bytes in the order of the calls: at once if the system takes them, otherwise on the link's thread. False without a connection: then nothing is sent, now or later.
    bool send(std::string_view commands);
    /// Bytes not yet passed to the system.
    std::size_t unsent() const { return unsent_; }
    /// Ends this connection and makes another.
    void restart(std::string cause);

    bool is_up() const { return is_up_; }

  private:
    void work();
    Context connect();
    bool sign_in(redisContext& context);
    void serve(redisContext& context);
    bool exchange(redisContext& context);
    bool write(redisContext& context);
    template <class Each>
    bool read(redisContext& context, Each each);
    bool check_silence();
    bool is_ending();
    Time next_time();
    /// Waits until the socket has one of `events`, the link is woken or `until` has come. Returns what the socket has.
    short wait(redisContext& context, short events, Time until) const;
    void pause();
    bool fail(std::string cause);
    void report_away();
    void report_back();

    const LinkSettings settings_;
    LinkUser& user_;
    const WakeUp wake_;

    std::mutex mutex_;
    std::condition_variable changed_;
    int socket_ = -1;  ///< while the link is up
    std::string pending_;
    std::string restart_cause_;
    bool restart_ = false;
    bool stopping_ = false;
    Time end_{};  ///< when `stop` loses patience

    std::atomic<bool> is_up_{false};
    std::atomic<std::size_t> unsent_{0};  ///< waiting here or in hiredis; 0: nothing is in front of what is sent next

    // Only on the thread.
    std::string cause_;     ///< why there is no connection
    std::string reported_;  ///< the cause that the log has; empty: none
    bool is_written_ = true;
    Time began_{};  ///< since when the connection is up
    Time last_received_{};
    bool asked_ = false;  ///< since then
    std::chrono::milliseconds pause_ = kFirstPause;
    std::minstd_rand random_{std::random_device()()};

    std::thread thread_;
};

}  // namespace cariosan::redis
