#pragma once

#include <atomic>
#include <cariosan/engine.hpp>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "core/channels/catch_up.hpp"
#include "core/id_generator.hpp"
#include "core/moderation/flood.hpp"
#include "core/moderation/rule_cache.hpp"
#include "core/rates/rate_limiter.hpp"
#include "engine/deletions.hpp"
#include "engine/engine_counters.hpp"
#include "engine/files/file_keeper.hpp"
#include "engine/log.hpp"
#include "engine/moderator_desk.hpp"
#include "engine/nodes/node_link.hpp"
#include "engine/nodes/shared_counts.hpp"
#include "engine/outbox_ports.hpp"
#include "engine/presence_board.hpp"
#include "engine/subscriptions.hpp"
#include "engine/threads/at_once.hpp"
#include "engine/threads/callback_queue.hpp"
#include "engine/threads/completion.hpp"
#include "engine/threads/dispatcher.hpp"
#include "engine/threads/process_mark.hpp"
#include "engine/threads/reader_pool.hpp"
#include "engine/writer/write_check.hpp"
#include "engine/writer/writer.hpp"
#include "outbox/push_worker.hpp"
#include "outbox/webhook_worker.hpp"
#include "realtime/event_encoder.hpp"
#include "realtime/hub/hub.hpp"

namespace cariosan {

struct Subscription::State {
    std::shared_ptr<engine::SubscriptionQueue> queue;
    std::int64_t process = 0;
};

namespace engine {

/// The content of the frame `unread`.
struct UnreadCounts {
    bool is_member = false;  ///< else both counts are 0
    std::int64_t unread_count = 0;
    std::int64_t mention_count = 0;
    std::int64_t unread_total = 0;
};

/// The engine behind `Engine`: its parts, wired, and the rules of starting, refusing and ending.
///
/// The path of a command: `submit` → a reader thread (`core::plan` in a snapshot), or none for a send whose names are cached →
/// the writer thread (one commit for many) → the dispatcher thread (events) and the waiting caller.
class EngineImpl final : public realtime::HubSource {
  public:
    /// How a command is planned.
    enum class PlanPath : std::uint8_t {
        shortest,   ///< a send without a snapshot, if it needs none
        by_reader,
        unmetered,  ///< by a reader, and not charged to the rates of 3.4
    };

    /// `readers` and `searchers` are open connections to `options.storage`; `searchers` are used for searches only. `of_files` is one
    /// for the files of attachments; null if there is no store of them.
    EngineImpl(EngineOptions options, std::vector<std::unique_ptr<Reader>> readers,
               std::vector<std::unique_ptr<Reader>> searchers, std::unique_ptr<Reader> of_files);
    ~EngineImpl() override;
    EngineImpl(const EngineImpl&) = delete;
    EngineImpl& operator=(const EngineImpl&) = delete;

    /// The implementation of a host's engine, for the layers above.
    static EngineImpl& of(Engine& engine) noexcept { return *engine.impl_; }

    // What `Engine` offers; see there.
    Result<Outcome> run(const Caller& caller, Command command);
    void submit(const Caller& caller, Command command, Completion completion, PlanPath path = PlanPath::shortest);
    Result<Subscription> subscribe(WorkspaceId workspace, std::function<void(const EventRef&)> callback);
    Result<std::size_t> poll(std::size_t max);
    Result<std::string> rotate_epoch();
    Result<Done> backup(const std::string& path, std::function<void(const BackupProgress&)> progress);
    Result<Done> check();
    Metrics metrics() const;
    Result<Done> close(std::chrono::milliseconds deadline);

    // What the protocol layer builds on.

    /// Like `submit`, but `done` runs on the lane's thread. If `asker` expires before a read begins, the read is skipped and answered
    /// `unavailable`.
    void submit_to(realtime::LaneQueueRef lane, const Caller& caller, Command command,
                   std::function<void(Result<Outcome>)> done, Asker asker = {});
    /// Like `submit_to`, but for reads a session starts itself while it synchronises a client: not charged to the rates of 3.4.
    void submit_unmetered(realtime::LaneQueueRef lane, const Caller& caller, Command command,
                          std::function<void(Result<Outcome>)> done, Asker asker = {});
    /// Runs `call` where the host's completions run; on this thread if too many wait there.
    void post(std::function<void()> call);
    /// Like `check`, but does not wait; `done` runs on the lane's thread.
    void check_to(realtime::LaneQueueRef lane, std::function<void(Result<Done>)> done);

    /// Reads a user's unread counts; `done` runs on the lane's thread.
    void unread_to(realtime::LaneQueueRef lane, WorkspaceId workspace, UserId user, ChannelId channel,
                   std::function<void(Result<UnreadCounts>)> done);

    /// The read that brings a session's client up to date; `done` runs on the lane's thread. Not metered; if `asker` has
    /// expired when its turn comes, it is skipped and answered `unavailable`.
    void catch_up(realtime::LaneQueueRef lane, const Caller& caller, core::CatchUp request,
                  std::function<void(Result<core::CaughtUp>)> done, std::weak_ptr<const void> asker);

    /// Starts fan-out to sessions. `misuse` if already started. The encoder must live until `stop_realtime` has returned.
    Result<Done> start_realtime(realtime::EventEncoder& encoder);
    void stop_realtime();
    /// Adds a lane and returns its index. Call before its first session. Absent if there are 64 already.
    std::optional<std::uint8_t> add_lane(const realtime::LaneQueueRef& lane);
    void attach(realtime::SessionHandleRef session);
    /// The session was asked to close; `detach` follows when the connection is gone.
    void session_closing(realtime::SessionHandleRef session);
    void detach(realtime::SessionHandleRef session);
    void typing(realtime::SessionHandleRef session, ChannelId channel, bool started);
    /// The session follows these users; `done` runs on the lane's thread with their state, after which changes follow.
    void watch(realtime::SessionHandleRef session, std::vector<UserPresence> users, realtime::LaneQueueRef lane,
               std::function<void(const std::vector<UserPresence>&)> done);
    void unwatch(realtime::SessionHandleRef session, std::vector<UserId> users);
    void drain(std::chrono::milliseconds reconnect_after);
    realtime::SessionId next_session_id() { return ++last_session_id_; }

    Clock& clock() { return *options_.clock; }
    Crypto& crypto() { return *options_.crypto; }
    const Limits& limits() const { return options_.limits; }
    const Rates& rates() const { return options_.rates; }
    std::span<const std::string> attachment_types() const { return options_.attachment_types; }
    core::RateLimiter& rate_limiter() { return rate_limiter_; }
    core::IdGenerator& ids() { return ids_; }
    core::MetadataCheck& metadata_check() { return *metadata_; }
    realtime::Counters& realtime_counters() { return realtime_counters_; }
    const Counters& counters() const { return counters_; }
    const outbox::WebhookCounters& webhook_counters() const { return webhook_counters_; }
    const outbox::PushCounters& push_counters() const { return push_counters_; }
    const Log& log() const { return log_; }
    /// Empty in a forked child.
    std::string epoch() const;
    /// Whether this is a child of the process that opened the engine: there are no threads here, and locks may be held for
    /// ever.
    bool forked() const noexcept;

    // realtime::HubSource, on the dispatcher's thread.
    void list_channels(const realtime::SessionHandleRef& session) override;
    void load(const realtime::SessionHandleRef& session) override;
    void repair(WorkspaceId workspace, ChannelId channel, const realtime::FeedPosition& since) override;
    void reread(WorkspaceId workspace, UserId user) override;
    void find_unread(WorkspaceId workspace, UserId user, std::optional<UserId> author, std::int64_t limit) override;
    void read_presence(WorkspaceId workspace, UserId user) override;

  private:
    enum class State : std::uint8_t { open, closing, closed };

    std::shared_ptr<ModeratorDesk> make_desk();
    std::function<void()> exchange_soon();
    std::optional<Error> refuse_call() const;
    bool is_engine_thread() const;
    std::optional<std::size_t> reader_for(const Caller& caller, const Command& command) const;
    /// Whether a command was planned without a snapshot; `in_turn`: it may be, when it is its turn at the readers.
    enum class Sooner : std::uint8_t { no, in_turn, done };
    Sooner push_at_once(const Caller& caller, Command& command, Completion& completion);
    std::optional<Error> enqueue(const Caller& caller, Command& command, Completion& completion, PlanPath path);
    AtOnce::ByReader by_reader();
    bool is_left_waiting(Completion::Where where) const;
    void answer_at_once(Completion completion, Error error);
    void read_internally(InternalRead read);
    /// Checks whether a read and a write succeed; `answer` is called on a thread of the engine.
    void check_storage(WriteCheck::Answer answer);
    Result<Done> wait_for_step(const std::function<Result<bool>()>& step);
    bool wait_until_idle(std::chrono::milliseconds deadline);
    ClientSettings server_settings() const;
    void start_webhooks();
    void close_presence();

    EngineOptions options_;
    const Log log_;
    const ProcessMark process_;
    Counters counters_;
    realtime::Counters realtime_counters_;
    core::IdGenerator ids_;
    core::RateLimiter rate_limiter_;
    core::RateLimiter no_rates_{Rates{.enabled = false}, 0};
    std::unique_ptr<core::MetadataCheck> metadata_;
    std::unique_ptr<outbox::WebhookBodyEncoder> webhook_body_;
    outbox::WebhookCounters webhook_counters_;
    outbox::PushCounters push_counters_;
    core::moderation::RuleCache rules_;
    core::moderation::MemoryFloodCounter floods_;
    SharedCounts shared_counts_;
    core::PlanCache plan_cache_;
    WritesInPlanning writes_in_planning_;
    std::atomic<State> state_{State::open};
    std::atomic<std::uint64_t> last_session_id_{0};
    std::atomic<std::size_t> lanes_{0};
    std::atomic<bool> realtime_running_{false};

    // In reverse order of the flow of work: each uses those above it.
    CallbackQueue callbacks_;
    Subscriptions subscriptions_;
    Dispatcher dispatcher_;
    std::unique_ptr<Coordinator> coordinator_;  // null: nothing is counted across nodes
    std::unique_ptr<NodeLink> nodes_;           // null: this is the only node
    Deletions deletions_;
    OutboxPorts outbox_ports_;
    std::shared_ptr<outbox::WebhookWorker> webhooks_;  // null: this engine delivers none
    std::shared_ptr<outbox::PushWorker> pushes_;       // null: messages are not pushed
    WriteCheck write_check_;
    Writer writer_;
    const std::shared_ptr<ModeratorDesk> desk_;  // null if the host has no moderator
    PresenceBoard presence_;
    const UseCaseTools tools_;
    AtOnce at_once_;
    ReaderPool readers_;
    /// Searches have their own reader, so that they and other reads do not wait for each other.
    ReaderPool searchers_;
    std::unique_ptr<FileKeeper> file_keeper_;  // null: there is no store of attachments
    std::thread callback_thread_;
};

}  // namespace engine
}  // namespace cariosan
