#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/redis/redis_command.hpp"
#include "adapters/redis/redis_link.hpp"

namespace cariosan::redis {

/// One run of a script.
struct ScriptCall {
    std::size_t script = 0;  ///< its place among the scripts
    std::vector<std::string> keys;
    std::vector<std::string> arguments;
};

/// Asks Redis and waits for the answers, but never longer than `patience`, and not at all while Redis is known to be away.
///
/// Bound: `kMostUnanswered` calls; beyond that, none is sent.
class Requests final : private LinkUser {
  public:
    static constexpr std::size_t kMostUnanswered = 10'000;

    /// `scripts` must outlive this.
    Requests(LinkSettings settings, std::span<const std::string> scripts, std::chrono::milliseconds patience);
    ~Requests() override { link_.stop(std::chrono::milliseconds(0)); }

    /// Runs the calls in order, sent as one write. Returns an answer for each: null if there was none in time, or an error.
    std::vector<Reply> ask(std::span<const ScriptCall> calls);
    bool is_away() const { return !is_ready_ || is_late_ || is_refused_; }

  private:
    /// What one `ask` waits for.
    struct Asked {
        std::vector<Reply> replies;
        std::size_t open = 0;
        std::condition_variable answered;
    };
    struct Expected {
        std::shared_ptr<Asked> asked;  ///< null: `script` is being loaded, or nobody waits
        std::size_t place = 0;         ///< of the answer, or of the script
        bool loads = false;
    };

    bool wait_until_ready(std::unique_lock<std::mutex>& lock, Link::Time until);
    void load_scripts();
    void take_name(std::size_t script, const redisReply& reply);
    bool is_error(const redisReply& reply);
    void refuse(std::string cause);

    void connected() override;
    void received(Reply reply) override;
    void quiet() override;
    void disconnected() override;
    bool is_settled() const override { return true; }

    const std::span<const std::string> scripts_;
    const std::chrono::milliseconds patience_;
    const LogSink log_;
    std::mutex mutex_;
    std::condition_variable began_;  ///< the first attempt to connect has succeeded or failed
    std::vector<std::string> names_;  ///< of the scripts, as Redis has given them
    std::deque<Expected> expected_;
    Link::Time last_reply_{};
    bool has_failed_ = false;  ///< an attempt to connect
    std::string refusal_;      ///< the latest that the log has
    std::atomic<bool> is_ready_{false};    ///< connected, with its scripts loaded
    std::atomic<bool> is_late_{false};     ///< an answer is overdue
    std::atomic<bool> is_refused_{false};  ///< the latest answer was an error
    Link link_;
};

}  // namespace cariosan::redis
