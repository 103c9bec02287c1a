#include "engine/engine_impl.hpp"

#include <future>
#include <utility>

#include "core/propagate.hpp"
#include "engine/engine_ports.hpp"

namespace cariosan::engine {
namespace {

/// A search takes up to 50 ms: a longer queue would mean waiting for more than a second.
constexpr PoolLimits kSearchLimits{.waiting = 16, .tasks_per_snapshot = 1};

/// How long a node may use a workspace's settings after another node changed them and the bus lost the change.
constexpr std::chrono::milliseconds kSettingsLast{1'000};

Error too_many(std::string_view what, std::size_t most) {
    return Error(ErrorCode::unavailable, "too many " + std::string(what) + ": at most " + std::to_string(most))
        .with("retry_after_ms", 1000);
}

Error belongs_to_parent() { return {ErrorCode::forked, "the engine belongs to the parent process"}; }

}  // namespace

EngineImpl::EngineImpl(EngineOptions options, std::vector<std::unique_ptr<Reader>> readers,
                       std::vector<std::unique_ptr<Reader>> searchers, std::unique_ptr<Reader> of_files)
    : options_(std::move(options)),
      log_(options_.log, options_.log_level, options_.slow_command),
      ids_(*options_.clock, *options_.crypto),
      rate_limiter_(options_.rates, core::RateLimiter::kMostBuckets, exchange_soon()),
      metadata_(make_metadata_check()),
      webhook_body_(make_webhook_body_encoder()),
      floods_(core::moderation::MemoryFloodCounter::kMostKeys, exchange_soon()),
      shared_counts_(rate_limiter_, floods_, *options_.clock, counters_),
      plan_cache_(options_.event_bus ? kSettingsLast : core::PlanCache::Time::max()),
      callbacks_(options_.callbacks_by_poll ? options_.wake : nullptr),
      subscriptions_(callbacks_, counters_),
      dispatcher_(*options_.clock, subscriptions_, counters_),
      coordinator_(options_.coordination ? std::make_unique<Coordinator>(
                                              *options_.coordination,
                                              [this](Coordination& others) { shared_counts_.exchange(others); })
                                        : nullptr),
      nodes_(options_.event_bus
                 ? std::make_unique<NodeLink>(*options_.event_bus, ids_.next(), dispatcher_, counters_, coordinator_.get(),
                                              plan_cache_,
                                              [this](InternalRead read) { read_internally(std::move(read)); })
                 : nullptr),
      deletions_([this](InternalRead read) { read_internally(std::move(read)); }, writer_, *options_.clock, counters_,
                 log_),
      outbox_ports_([this](InternalRead read) { read_internally(std::move(read)); }, writer_, *options_.clock,
                    *options_.crypto, counters_, log_, options_.event_bus != nullptr),
      webhooks_(options_.webhooks
                    ? std::make_shared<outbox::WebhookWorker>(outbox_ports_, *options_.webhooks, *webhook_body_,
                                                              webhook_counters_, ids_.next())
                    : nullptr),
      pushes_(options_.push ? std::make_shared<outbox::PushWorker>(outbox_ports_, *options_.push, push_counters_, ids_.next(),
                                                                   options_.limits.pushed_members)
                            : nullptr),
      write_check_(*options_.storage, writer_, *options_.clock, log_),
      writer_({.storage = *options_.storage,
               .dispatcher = dispatcher_,
               .callbacks = callbacks_,
               .counters = counters_,
               .clock = *options_.clock,
               .log = log_,
               .max_batch = options_.max_batch,
               .write_check = write_check_,
               .deletions = deletions_,
               .webhooks = webhooks_.get(),
               .pushes = pushes_.get(),
               .cache = plan_cache_}),
      desk_(make_desk()),
      presence_(*options_.clock, writer_, dispatcher_, counters_, options_.coordination.get()),
      tools_{.storage = *options_.storage,
             .limits = options_.limits,
             .rates = rate_limiter_,
             .no_rates = no_rates_,
             .ids = ids_,
             .crypto = *options_.crypto,
             .metadata = *metadata_,
             .presence = presence_,
             .rules = rules_,
             .floods = floods_,
             .attachments = options_.attachments.get(),
             .attachment_types = options_.attachment_types,
             .clock = *options_.clock,
             .cache = plan_cache_,
             .push = pushes_ != nullptr},
      at_once_(tools_, nodes_ ? by_reader() : AtOnce::ByReader()),
      readers_(tools_, at_once_, writer_, desk_.get(), callbacks_, counters_, std::move(readers)),
      searchers_(tools_, at_once_, writer_, nullptr, callbacks_, counters_, std::move(searchers), kSearchLimits) {
    if (!options_.callbacks_by_poll) {
        callback_thread_ = std::thread([this] { callbacks_.run_until_closed(); });
    }
    if (nodes_) nodes_->start();
    // Only when everything is wired: this continues what the last process did not finish.
    deletions_.expect();
    if (pushes_) pushes_->expect();
    start_webhooks();
    if (of_files) {
        file_keeper_ = std::make_unique<FileKeeper>(*options_.attachments, std::move(of_files), writer_, *options_.clock, counters_, log_);
    }
}

void EngineImpl::start_webhooks() {
    if (webhooks_) return webhooks_->expect();
    read_internally([this](const Result<Reader*>& reader) {
        if (!reader) return;
        const auto due = (*reader)->outbox().next_due();
        if (due && *due) log_.write(LogLevel::info, "webhooks.not_delivered", {});
    });
}

EngineImpl::~EngineImpl() = default;

/// For counters to call from any thread when they have something to report. Null if nothing is shared with other nodes.
std::function<void()> EngineImpl::exchange_soon() {
    if (!options_.coordination) return {};
    return [this] { coordinator_->hurry(); };
}

AtOnce::ByReader EngineImpl::by_reader() {
    return [this](const Caller& caller, Command command, Completion completion) {
        submit(caller, std::move(command), std::move(completion), PlanPath::by_reader);
    };
}

std::shared_ptr<ModeratorDesk> EngineImpl::make_desk() {
    if (!options_.moderator) return nullptr;
    return std::make_shared<ModeratorDesk>(ModeratorRules{.moderator = options_.moderator,
                                                          .deadline = options_.moderator_deadline,
                                                          .late = options_.moderator_late,
                                                          .max_drafts = options_.max_moderator_drafts},
                                           options_.limits, ids_, *options_.clock, writer_, callbacks_, counters_,
                                           log_);
}

bool EngineImpl::is_engine_thread() const {
    return callbacks_.on_this_thread() || writer_.owns_this_thread() || readers_.owns_this_thread() ||
           searchers_.owns_this_thread() || dispatcher_.owns_this_thread();
}

bool EngineImpl::forked() const noexcept { return !process_.is_mine(); }

std::optional<Error> EngineImpl::refuse_call() const {
    if (forked()) return belongs_to_parent();
    if (state_ != State::open) return closing();
    return std::nullopt;
}

/// Writes of one caller stay in order: one reader plans them all. Any reader may serve reads.
std::optional<std::size_t> EngineImpl::reader_for(const Caller& caller, const Command& command) const {
    if (!core::writes(command)) return std::nullopt;
    const std::size_t user = std::hash<std::string>{}(caller.user_reference());
    return (user ^ std::hash<WorkspaceId>{}(caller.workspace())) % readers_.size();
}

/// Whether too many answers wait for the host's callbacks to accept another command.
bool EngineImpl::is_left_waiting(Completion::Where where) const {
    return where == Completion::Where::callback_thread && callbacks_.waiting() >= options_.max_queued_commands;
}

void EngineImpl::answer_at_once(Completion completion, Error error) {
    // A command that found no place must not get one in the callback queue either: that queue would be unbounded, and might
    // never drain.
    if (completion.where == Completion::Where::callback_thread && error.code == ErrorCode::unavailable) {
        return completion.done(std::move(error));
    }
    CompletionBatch batch(callbacks_);
    batch.add(std::move(completion), std::move(error));
    batch.flush();
}

void EngineImpl::post(std::function<void()> call) {
    if (forked() || is_left_waiting(Completion::Where::callback_thread)) return call();
    callbacks_.push(std::move(call));
}

/// A send whose names are cached needs no reader, unless an earlier command of its caller is still with the readers: then it waits
/// there for its turn. A send that would be refused also goes to a reader.
EngineImpl::Sooner EngineImpl::push_at_once(const Caller& caller, Command& command, Completion& completion) {
    if (!core::fits_cache(command)) return Sooner::no;
    // What the host's moderator may have to judge is checked against storage before, and passes the desk.
    if (desk_) return caller.kind() == Caller::Kind::backend ? Sooner::in_turn : Sooner::no;
    if (writes_in_planning_.any(caller)) return Sooner::in_turn;
    auto write = at_once_.plan(caller, command, completion);
    if (!write) return Sooner::no;
    ++counters_.commands;
    writer_.push(*std::move(write));
    return Sooner::done;
}

/// Queues a command for the readers. Rate limits apply before the command takes a place in a queue.
std::optional<Error> EngineImpl::enqueue(const Caller& caller, Command& command, Completion& completion, PlanPath path) {
    bool metered = path != PlanPath::unmetered;
    Sooner sooner = Sooner::no;
    if (metered) {
        if (path == PlanPath::shortest) sooner = push_at_once(caller, command, completion);
        if (sooner == Sooner::done) return std::nullopt;
        CARIOSAN_TRY(const auto taken,
                     core::take_rate(command, caller, rate_limiter_, options_.clock->elapsed()));
        metered = !taken;
    }
    const bool search = std::holds_alternative<SearchMessages>(command);
    const auto reader = reader_for(caller, command);
    ReadTask task = Job{caller, std::move(command), std::move(completion), metered,
                        reader ? writes_in_planning_.add(caller) : WriteInPlanning(), sooner == Sooner::in_turn};
    const auto pushed = (search ? searchers_ : readers_).push(task, reader);
    if (pushed == ReaderPool::Pushed::taken) {
        ++counters_.commands;
        return std::nullopt;
    }
    completion = std::move(std::get<Job>(task).completion);
    // Only searches have a bound of their own.
    return pushed == ReaderPool::Pushed::full ? too_many("searches are waiting", kSearchLimits.waiting) : closing();
}

void EngineImpl::submit(const Caller& caller, Command command, Completion completion, PlanPath path) {
    if (forked()) return completion.done(belongs_to_parent());  // none of our threads exist in this process
    // Count first and check afterwards, so that `close` either sees this command or causes its refusal.
    const std::uint64_t queued = ++counters_.queued_commands;
    std::optional<Error> refused = refuse_call();
    if (!refused && queued > options_.max_queued_commands) refused = too_many("commands are waiting", options_.max_queued_commands);
    if (!refused && is_left_waiting(completion.where)) {
        refused = too_many("answers are waiting for their callbacks", options_.max_queued_commands);
    }
    completion.submitted = options_.clock->elapsed_finely();
    if (!refused) refused = enqueue(caller, command, completion, path);
    if (!refused) return;
    --counters_.queued_commands;
    if (refused->code == ErrorCode::rate_limited) {
        ++counters_.commands;
    } else {
        ++counters_.commands_refused;
    }
    answer_at_once(std::move(completion), std::move(*refused));
}

Result<std::size_t> EngineImpl::poll(std::size_t max) {
    if (forked()) return belongs_to_parent();
    if (!options_.callbacks_by_poll) return Error(ErrorCode::misuse, "this engine has a thread for its callbacks");
    return callbacks_.run(max);
}

std::string EngineImpl::epoch() const { return forked() ? std::string() : options_.storage->epoch(); }

void EngineImpl::submit_to(realtime::LaneQueueRef lane, const Caller& caller, Command command,
                           std::function<void(Result<Outcome>)> done, Asker asker) {
    submit(caller, std::move(command), {Completion::Where::lane, std::move(done), std::move(lane), std::move(asker), {}});
}

void EngineImpl::submit_unmetered(realtime::LaneQueueRef lane, const Caller& caller, Command command,
                                  std::function<void(Result<Outcome>)> done, Asker asker) {
    submit(caller, std::move(command), {Completion::Where::lane, std::move(done), std::move(lane), std::move(asker), {}},
           PlanPath::unmetered);
}

Result<Outcome> EngineImpl::run(const Caller& caller, Command command) {
    if (const auto refused = refuse_call()) return *refused;
    if (is_engine_thread()) return Error(ErrorCode::would_block, "run was called on a thread of the engine");
    std::promise<Result<Outcome>> promise;
    auto future = promise.get_future();
    submit(caller, std::move(command),
           {Completion::Where::here, [&promise](Result<Outcome> result) { promise.set_value(std::move(result)); }, {}, {}, {}});
    return future.get();
}

Result<Subscription> EngineImpl::subscribe(WorkspaceId workspace, std::function<void(const EventRef&)> callback) {
    if (auto refused = refuse_call()) return *refused;
    auto queue = subscriptions_.make(workspace, std::move(callback));
    dispatcher_.subscribe(queue);
    Subscription subscription;
    subscription.state_ = std::make_shared<Subscription::State>(Subscription::State{std::move(queue), process_.process()});
    return subscription;
}

void EngineImpl::read_internally(InternalRead read) {
    ReadTask task = std::move(read);
    if (readers_.push(task, std::nullopt) == ReaderPool::Pushed::taken) return;
    std::get<InternalRead>(task)(closing());
}

Metrics EngineImpl::metrics() const {
    if (forked()) return {};
    return {.commands = counters_.commands,
            .commands_refused = counters_.commands_refused,
            .commands_abandoned = counters_.commands_abandoned,
            .commits = counters_.commits,
            .mutations = counters_.mutations,
            .commit_failures = counters_.commit_failures,
            .events = counters_.events,
            .events_lost = counters_.events_lost,
            .feed_gaps = realtime_counters_.feed_gaps,
            .events_early = realtime_counters_.events_early,
            .frames = realtime_counters_.frames,
            .sessions_opened = realtime_counters_.sessions_opened,
            .sessions_slow = realtime_counters_.sessions_slow,
            .sessions = realtime_counters_.sessions,
            .queued_commands = counters_.queued_commands,
            .webhook_deliveries = webhook_counters_.delivered,
            .webhook_failures = webhook_counters_.failed_attempts,
            .webhook_calls = webhook_counters_.under_way,

            .pushes = push_counters_.delivered,
            .pushes_retried = push_counters_.retried,
            .pushes_failed = push_counters_.failed,
            .devices_dropped = push_counters_.dropped,
            .push_jobs = push_counters_.pending,
            .files_removed = counters_.files_removed,
            .files_not_removed = counters_.files_not_removed,
            .bus_published = counters_.bus_published,
            .bus_received = counters_.bus_received,
            .bus_unreadable = counters_.bus_unreadable,
            .bus_away = options_.event_bus && options_.event_bus->is_away() ? 1U : 0U,
            .channels_missed = counters_.channels_missed,
            .counts_shared = counters_.counts_shared,
            .coordination_away = options_.coordination && options_.coordination->is_away() ? 1U : 0U};
}

/// Waits until no command is in flight and no webhook delivery is in progress; with `callbacks_by_poll`, callbacks run here
/// until then. Returns whether no command is left.
bool EngineImpl::wait_until_idle(std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (counters_.queued_commands != 0 || (webhooks_ && !webhooks_->idle())) {
        if (std::chrono::steady_clock::now() >= end) return counters_.queued_commands == 0;
        const Result<std::size_t> ran = options_.callbacks_by_poll ? callbacks_.run(256) : 0;
        if (!ran || *ran == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    return true;
}

Result<Done> EngineImpl::close(std::chrono::milliseconds deadline) {
    if (forked()) return belongs_to_parent();
    if (is_engine_thread()) return Error(ErrorCode::misuse, "close was called on a thread of the engine");
    State expected = State::open;
    if (!state_.compare_exchange_strong(expected, State::closing)) return Done{};
    close_presence();
    if (file_keeper_) file_keeper_->stop();
    deletions_.stop();
    if (webhooks_) webhooks_->stop();
    if (pushes_) pushes_->stop();
    searchers_.stop();
    const bool idle = wait_until_idle(deadline);
    if (webhooks_) webhooks_->close();
    readers_.stop();
    if (desk_) desk_->stop();
    writer_.stop(idle);
    write_check_.stop();
    if (coordinator_) coordinator_->stop();
    if (nodes_) nodes_->stop();
    dispatcher_.stop();
    callbacks_.close();
    if (callback_thread_.joinable()) {
        callback_thread_.join();
    } else {
        callbacks_.run_until_closed();
    }
    state_ = State::closed;
    return Done{};
}

}  // namespace cariosan::engine
