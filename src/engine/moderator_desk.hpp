#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/moderation.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/id_generator.hpp"
#include "engine/engine_counters.hpp"
#include "engine/log.hpp"
#include "engine/threads/callback_queue.hpp"
#include "engine/threads/completion.hpp"
#include "engine/writer/writer.hpp"

namespace cariosan::engine {

/// How to ask a host's moderator.
struct ModeratorRules {
    std::shared_ptr<Moderator> moderator;  ///< not null
    std::chrono::milliseconds deadline{2000};
    LateVerdict late = LateVerdict::deliver;
    std::size_t max_drafts = 1000;
};

/// Sits between the readers and the writer if the host has a moderator: users' texts wait here for its verdict and, behind each
/// text, the author's later writes in that channel, so that nothing overtakes it. All other writes pass. Its own thread watches
/// the deadlines.
///
/// Thread-safe. Outlives the engine while the host holds a `done`, which then does nothing: after `stop` only this
/// object itself is accessed.
class ModeratorDesk : public std::enable_shared_from_this<ModeratorDesk> {
  public:
    /// The most writes that wait behind a draft; the next one is `unavailable`.
    static constexpr std::size_t kMaxQueued = 64;

    ModeratorDesk(ModeratorRules rules, const Limits& limits, core::IdGenerator& ids, Clock& clock, Writer& writer,
                  CallbackQueue& callbacks, Counters& counters, const Log& log);
    /// `stop` must have been called.
    ~ModeratorDesk() = default;

    /// Takes a reader's planned writes, in order, and leaves the list empty. Writes that need not wait go to the writer.
    void take(std::vector<PendingWrite>& writes, CompletionBatch& refused);

    /// Answers everything waiting with `unavailable`. Call it after the readers have ended and before the writer ends.
    void stop();

  private:
    /// A user in a channel: the writes of one place stay in order.
    struct Place {
        ChannelId channel;
        UserId user;
        bool operator==(const Place&) const = default;
    };
    struct PlaceOf;
    struct Hash {
        std::size_t operator()(const Place& place) const noexcept {
            return std::hash<ChannelId>{}(place.channel) * 31 + std::hash<UserId>{}(place.user);
        }
    };
    struct Waiting {
        PendingWrite write;
        std::uint64_t draft = 0;  ///< 0: waits only for the writes before it
    };
    using Queue = std::deque<Waiting>;
    struct Draft {
        Place place;
        std::chrono::milliseconds deadline{0};
    };
    struct Question {
        std::uint64_t draft = 0;
        ModerationDraft text;
    };

    using Drafts = std::map<std::uint64_t, Draft>;

    static Error too_many(std::string_view what, std::size_t most);
    static Error too_late();
    void ask(Question question);
    bool is_open(std::uint64_t draft);
    void answer(std::uint64_t draft, ModerationVerdict verdict);
    void keep_deadlines();
    // With the lock held.
    /// Absent if there is room for one more.
    std::optional<Error> check_room(const Place& place, bool for_draft) const;
    Question open_draft(Waiting& waiting, const Place& place, ModerationDraft text);
    Queue::iterator settle(Drafts::iterator draft);
    void release(const Place& place);
    std::vector<Completion> end_late();

    const ModeratorRules rules_;
    const Limits& limits_;
    core::IdGenerator& ids_;
    Clock& clock_;
    Writer& writer_;
    CallbackQueue& callbacks_;
    Counters& counters_;
    const Log& log_;

    std::mutex mutex_;  // lock it before the writer's
    std::condition_variable changed_;
    std::unordered_map<Place, Queue, Hash> queues_;  // none is empty
    Drafts drafts_;                                  // by age, so by deadline
    std::uint64_t last_draft_ = 0;
    bool stopping_ = false;

    std::thread thread_;
};

}  // namespace cariosan::engine
