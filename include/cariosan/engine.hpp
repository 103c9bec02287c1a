/// The engine: the whole chat behind one object. Start here.
///
/// ```cpp
/// auto storage = cariosan::open_sqlite({.path = "chat.db"});
/// auto engine  = cariosan::Engine::open({.storage = std::move(*storage), .crypto = cariosan::openssl_crypto()});
/// auto shop    = (*engine)->run(Caller::host(), CreateWorkspace{.name = "Shop"});
/// ```
///
/// Threads and lifetime. Every call may come from any thread. Callbacks run on one thread of the engine, or, with
/// `EngineOptions::callbacks_by_poll`, on the host's own thread inside `poll`; never on a storage thread. `run` on a thread of the
/// engine (so, in a callback) returns `would_block`; `submit` is always allowed. After `fork` every call in the child
/// returns `forked` (`metrics` is all zeros, `epoch` empty) and changes nothing; the child must not destroy the engine.
#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/clock.hpp>
#include <cariosan/commands.hpp>
#include <cariosan/coordination.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/delivery.hpp>
#include <cariosan/error.hpp>
#include <cariosan/event_bus.hpp>
#include <cariosan/events.hpp>
#include <cariosan/limits.hpp>
#include <cariosan/moderation.hpp>
#include <cariosan/storage.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cariosan {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

std::string_view to_string(LogLevel level) noexcept;

/// One line of the log. Never holds secrets, query strings, message text, or header values other than the `Origin` and `Host` of a
/// WebSocket that was refused for them.
struct LogRecord {
    struct Field {
        std::string name;
        std::variant<std::string, std::int64_t> value;
    };
    LogLevel level = LogLevel::info;
    std::string event;  ///< what happened, such as "commit.failed"
    std::vector<Field> fields;
};

/// Receives log records. Called from any thread of the engine, possibly several at once; must not block or throw.
using LogSink = std::function<void(const LogRecord&)>;

struct EngineOptions {
    std::unique_ptr<Storage> storage{};  ///< required
    std::shared_ptr<Crypto> crypto{};  ///< required
    std::shared_ptr<Clock> clock{};    ///< absent: the system's
    /// Connects the engines that share one storage: sessions on each get what was committed on any. One bus object per engine.
    /// If absent, this engine is the only one.
    std::shared_ptr<EventBus> event_bus{};
    /// Counts connections and presence across those engines; needs `event_bus`. One object per engine. If absent, this engine
    /// counts only its own.
    std::shared_ptr<Coordination> coordination{};
    /// Delivers webhooks; `adapters/webhook.hpp` has the usual one. If absent, deliveries are stored, for an engine
    /// that has one. `close` lets deliveries in progress finish until its deadline; the rest is delivered after the next start.
    std::shared_ptr<WebhookSender> webhooks{};
    /// Sends push notifications; `adapters/fcm.hpp` and `adapters/webpush.hpp` have the usual ones. If absent, none are sent. `close`
    /// gives up on what is in progress; it is sent again after the next start.
    std::shared_ptr<PushSender> push{};
    /// Stores the files of `image` and `file` messages. If absent, sending such messages is `unavailable`.
    std::shared_ptr<AttachmentStore> attachments{};
    /// What may be uploaded: "type/subtype", or "type/*" for all of a type, in any case. At least one.
    std::vector<std::string> attachment_types{"image/png",  "image/jpeg", "image/gif", "image/webp",     "image/avif",
                                              "image/heic", "video/mp4",  "audio/*",   "application/pdf"};
    Limits limits{};
    Rates rates{};
    std::size_t reader_threads = 2;             ///< 1–64, each with its own read connection; one more serves searches
    std::size_t max_queued_commands = 10'000;   ///< waiting to be read or committed; beyond: `unavailable`
    std::size_t max_batch = 256;                ///< mutations per commit, 1–10,000
    std::shared_ptr<Moderator> moderator{};     ///< absent: the rules of the workspaces alone
    std::chrono::milliseconds moderator_deadline{2000};     ///< 1 ms to a minute, by `clock`
    LateVerdict moderator_late = LateVerdict::deliver;      ///< after the deadline
    std::size_t max_moderator_drafts = 1000;    ///< waiting for a verdict at once, at least 1; beyond: `unavailable`
    bool callbacks_by_poll = false;             ///< callbacks run in `Engine::poll` instead of a thread of the engine
    std::function<void()> wake{};               ///< with `callbacks_by_poll`: called, from any thread, when `poll` has work
    LogSink log{};                              ///< absent: no log
    LogLevel log_level = LogLevel::info;        ///< lowest level passed to `log`; `debug` has a line for every request
    /// A command of a gateway that takes as long or longer is logged at `warning`, without what it was asked; zero: none is.
    std::chrono::milliseconds slow_command{500};
};

/// Counters since the engine was opened, and a few gauges. Each is read on its own: no common snapshot.
struct Metrics {
    std::uint64_t commands = 0;          ///< taken by `run` and `submit`
    std::uint64_t commands_refused = 0;  ///< because a queue was full or the engine was closing
    std::uint64_t commands_abandoned = 0;  ///< reads never started because the caller was gone
    std::uint64_t commits = 0;           ///< batches committed
    std::uint64_t mutations = 0;         ///< in those batches
    std::uint64_t commit_failures = 0;
    std::uint64_t events = 0;            ///< published
    std::uint64_t events_lost = 0;       ///< dropped for slow subscribers
    std::uint64_t feed_gaps = 0;         ///< gaps in a channel's revisions that were filled from storage
    std::uint64_t events_early = 0;      ///< events of a channel that waited briefly for an earlier one from another node
    std::uint64_t frames = 0;            ///< handed to sessions
    std::uint64_t sessions_opened = 0;
    std::uint64_t sessions_slow = 0;     ///< closed with 4008
    std::uint64_t sessions = 0;          ///< open now
    std::uint64_t queued_commands = 0;   ///< waiting now
    std::uint64_t webhook_deliveries = 0;  ///< accepted by an endpoint
    std::uint64_t webhook_failures = 0;    ///< attempts that failed
    std::uint64_t webhook_calls = 0;       ///< attempts in progress now
    std::uint64_t pushes = 0;            ///< notifications the push service accepted
    std::uint64_t pushes_retried = 0;    ///< not accepted, to be tried again
    std::uint64_t pushes_failed = 0;     ///< for good: refused, given up, or too late
    std::uint64_t devices_dropped = 0;   ///< no longer known to the push service
    std::uint64_t push_jobs = 0;         ///< messages waiting for push, as last read
    std::uint64_t files_removed = 0;     ///< of attachments: erased with their messages, or named by none for a day
    std::uint64_t files_not_removed = 0;  ///< attempts that failed, each to be tried again
    std::uint64_t bus_published = 0;     ///< events handed to the bus
    std::uint64_t bus_received = 0;      ///< events from other nodes, each counted once
    std::uint64_t bus_unreadable = 0;    ///< bus messages that this version cannot read
    std::uint64_t bus_away = 0;          ///< 1: the bus is unreachable, and events of other nodes are read from storage
    std::uint64_t channels_missed = 0;   ///< channels found changed by another node whose events never arrived
    std::uint64_t counts_shared = 0;     ///< rates and repeated texts of users, reported to other nodes
    std::uint64_t coordination_away = 0;  ///< 1: the coordination service is unreachable, and each node counts its own
};

class Gateway;
namespace engine {
class EngineImpl;
}

/// A subscription to a workspace's events; ends when destroyed. After that its callback is not called again (and is not
/// running, unless the destructor was called from within it). Must not outlive the engine.
class Subscription {
  public:
    Subscription() = default;
    Subscription(Subscription&&) noexcept;
    Subscription& operator=(Subscription&&) noexcept;
    ~Subscription();

  private:
    friend class engine::EngineImpl;
    struct State;
    std::shared_ptr<State> state_;
};

/// The chat engine over one storage. Thread-safe.
class Engine {
  public:
    /// Opens an engine and starts its threads. `misuse` if a required option is missing or a number is out of range.
    static Result<std::unique_ptr<Engine>> open(EngineOptions options);

    /// Same as `close` with a deadline of 10 seconds.
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Runs a command and waits for its answer. A durable command has been committed when it returns a value.
    template <AnyCommand C>
    Result<typename C::Answer> run(const Caller& caller, C command) {
        return narrow<typename C::Answer>(run_any(caller, Command(std::move(command))));
    }

    /// Runs a command without waiting. `done` is called exactly once (unless the process ends first). Never blocks. If the
    /// command cannot be queued, `done` is called with `unavailable` on this thread before `submit` returns: when
    /// `max_queued_commands` are waiting, when as many answers wait for their callbacks, or after `close` was called; in a
    /// forked child it is called with `forked`.
    template <AnyCommand C>
    void submit(const Caller& caller, C command, std::function<void(Result<typename C::Answer>)> done) {
        submit_any(caller, Command(std::move(command)), [done = std::move(done)](Result<Outcome> outcome) {
            done(narrow<typename C::Answer>(std::move(outcome)));
        });
    }

    /// Same as `run` and `submit`, for commands known only at run time.
    Result<Outcome> run_any(const Caller& caller, Command command);
    void submit_any(const Caller& caller, Command command, std::function<void(Result<Outcome>)> done);

    /// Calls `callback` with every event of a workspace that this engine commits from now on, per channel in the order of `rev`.
    /// What other engines over the same storage commit goes to their subscriptions, not to this one.
    /// A subscription holds 10,000 events; if its callback falls behind further, they are dropped and one
    /// `EventsLost` reports it.
    Result<Subscription> subscribe(WorkspaceId workspace, std::function<void(const EventRef&)> callback);

    /// Runs waiting callbacks on this thread, at most `max`, and returns how many; 0 after `close` has run the last callback.
    /// `misuse` while another thread polls, from within a callback, and without `callbacks_by_poll`.
    Result<std::size_t> poll(std::size_t max = 256);

    /// The epoch of the storage; section 1 of the protocol.
    std::string epoch() const;
    /// Starts a new epoch: every client discards the revisions it holds. Waits.
    Result<std::string> rotate_epoch();
    /// Copies the database to a new file while the engine keeps working. `progress` is called on the thread that commits, between
    /// batches: it must be quick. Waits until the copy is complete.
    Result<Done> backup(const std::string& path, std::function<void(const BackupProgress&)> progress = nullptr);

    /// Whether storage can be read and written. Waits for both. A write is only tried if none was made in the last second, so
    /// asking often costs no more. `unavailable` with `details.reason`, section 3.3 of the protocol.
    Result<Done> check();

    Metrics metrics() const;

    /// Refuses new work (`unavailable`), commits what is queued, calls every pending completion exactly once, and joins
    /// the threads. What is not done at the deadline (including texts waiting for the moderator) is answered `unavailable`.
    /// With `callbacks_by_poll` the remaining callbacks run inside this call. A second call does nothing. `misuse` if called
    /// from a callback.
    Result<Done> close(std::chrono::milliseconds deadline = std::chrono::seconds(10));

  private:
    friend class engine::EngineImpl;
    explicit Engine(std::unique_ptr<engine::EngineImpl> impl);

    template <class T>
    static Result<T> narrow(Result<Outcome> outcome) {
        if (!outcome) return std::move(outcome).error();
        return std::get<T>(std::move(outcome->answer));
    }

    std::unique_ptr<engine::EngineImpl> impl_;
};

}  // namespace cariosan
