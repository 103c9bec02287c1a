#include "engine/moderator_desk.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "core/moderation/apply_verdict.hpp"

namespace cariosan::engine {
namespace {

/// How often the clock, which a test may control, is checked while drafts wait.
constexpr std::chrono::milliseconds kClockLook{10};

}  // namespace

/// Absent if the write belongs to no user, or to a trusted caller.
struct ModeratorDesk::PlaceOf {
    using Found = std::optional<Place>;

    Found operator()(const mutation::SendMessage& send) const {
        return send.as_user ? Found(Place{send.channel, send.author}) : std::nullopt;
    }
    Found operator()(const mutation::EditMessage& edit) const { return Place{edit.channel, edit.actor}; }
    Found operator()(const mutation::RecordModeration& record) const { return std::visit(*this, record.refused); }
    Found operator()(const mutation::DeleteMessage& remove) const { return by_actor(remove); }
    Found operator()(const mutation::UpdateChannel& update) const { return by_actor(update); }
    Found operator()(const mutation::AddMembers& add) const { return by_actor(add); }
    Found operator()(const mutation::UpdateMember& update) const { return by_actor(update); }
    Found operator()(const mutation::RemoveMember& remove) const { return by_actor(remove); }
    Found operator()(const mutation::AddReaction& add) const { return Place{add.channel, add.user}; }
    Found operator()(const mutation::RemoveReaction& remove) const { return Place{remove.channel, remove.user}; }
    Found operator()(const mutation::MoveReceipt& move) const { return Place{move.channel, move.user}; }
    Found operator()(const mutation::SetPreferences& set) const { return Place{set.channel, set.user}; }
    template <class M>
    Found operator()(const M&) const {
        return std::nullopt;
    }

    template <class M>
    static Found by_actor(const M& mutation) {
        return mutation.actor ? Found(Place{mutation.channel, *mutation.actor}) : std::nullopt;
    }
};

ModeratorDesk::ModeratorDesk(ModeratorRules rules, const Limits& limits, core::IdGenerator& ids, Clock& clock,
                             Writer& writer, CallbackQueue& callbacks, Counters& counters, const Log& log)
    : rules_(std::move(rules)),
      limits_(limits),
      ids_(ids),
      clock_(clock),
      writer_(writer),
      callbacks_(callbacks),
      counters_(counters),
      log_(log),
      thread_([this] { keep_deadlines(); }) {}

Error ModeratorDesk::too_many(std::string_view what, std::size_t most) {
    return Error(ErrorCode::unavailable, "too many " + std::string(what) + ": at most " + std::to_string(most))
        .with("retry_after_ms", 1000);
}

Error ModeratorDesk::too_late() { return {ErrorCode::unavailable, "the text was not judged in time"}; }

void ModeratorDesk::take(std::vector<PendingWrite>& writes, CompletionBatch& refused) {
    std::vector<PendingWrite> passing;
    std::vector<Question> questions;
    {
        const std::lock_guard lock(mutex_);
        for (PendingWrite& write : writes) {
            const auto place = std::visit(PlaceOf{}, write.planned.mutation);
            auto draft = core::draft_of(write.planned.mutation);
            if (!place || (!draft && !queues_.contains(*place))) {
                passing.push_back(std::move(write));
            } else if (auto full = check_room(*place, draft.has_value())) {
                --counters_.queued_commands;
                refused.add(std::move(write.completion), *std::move(full));
            } else {
                Waiting& waiting = queues_[*place].emplace_back(Waiting{.write = std::move(write)});
                if (draft) questions.push_back(open_draft(waiting, *place, *std::move(draft)));
            }
        }
        // Writes released earlier come first.
        writer_.push(passing);
    }
    writes.clear();
    // Without the lock: if there is no callback thread, this calls the host.
    for (Question& question : questions) ask(std::move(question));
}

std::optional<Error> ModeratorDesk::check_room(const Place& place, bool for_draft) const {
    const auto queue = queues_.find(place);
    // The first of a queue is what the others wait for.
    if (queue != queues_.end() && queue->second.size() > kMaxQueued) {
        return too_many("writes wait behind a text of the same user that is being judged", kMaxQueued);
    }
    if (for_draft && drafts_.size() >= rules_.max_drafts) return too_many("texts wait to be judged", rules_.max_drafts);
    return std::nullopt;
}

ModeratorDesk::Question ModeratorDesk::open_draft(Waiting& waiting, const Place& place, ModerationDraft text) {
    waiting.draft = ++last_draft_;
    drafts_.emplace(waiting.draft, Draft{.place = place, .deadline = clock_.elapsed() + rules_.deadline});
    if (drafts_.size() == 1) changed_.notify_one();
    return {.draft = waiting.draft, .text = std::move(text)};
}

void ModeratorDesk::ask(Question question) {
    callbacks_.push([desk = weak_from_this(), id = question.draft, moderator = rules_.moderator,
                     text = std::move(question.text)]() mutable {
        // No need to judge a draft after its deadline.
        if (const auto self = desk.lock(); !self || !self->is_open(id)) return;
        moderator->judge(std::move(text), [desk, id](ModerationVerdict verdict) {
            if (const auto self = desk.lock()) self->answer(id, std::move(verdict));
        });
    });
}

bool ModeratorDesk::is_open(std::uint64_t draft) {
    const std::lock_guard lock(mutex_);
    return drafts_.contains(draft);
}

void ModeratorDesk::answer(std::uint64_t draft, ModerationVerdict verdict) {
    const std::lock_guard lock(mutex_);
    const auto found = drafts_.find(draft);
    if (found == drafts_.end()) return;
    const Place place = found->second.place;
    core::apply_verdict(settle(found)->write.planned, std::move(verdict), limits_, ids_);
    release(place);
}

/// Decides a draft, whose write then waits only for those before it.
ModeratorDesk::Queue::iterator ModeratorDesk::settle(Drafts::iterator draft) {
    const auto waiting = std::ranges::find(queues_.at(draft->second.place), draft->first, &Waiting::draft);
    waiting->draft = 0;
    drafts_.erase(draft);
    return waiting;
}

/// Passes on the writes that no longer wait. The writer makes no calls before it is stopped, so the lock may be held.
void ModeratorDesk::release(const Place& place) {
    Queue& queue = queues_.at(place);
    std::vector<PendingWrite> ready;
    while (!queue.empty() && queue.front().draft == 0) {
        ready.push_back(std::move(queue.front().write));
        queue.pop_front();
    }
    if (queue.empty()) queues_.erase(place);
    writer_.push(ready);
}

void ModeratorDesk::keep_deadlines() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (drafts_.empty()) {
            changed_.wait(lock, [this] { return stopping_ || !drafts_.empty(); });
        } else {
            changed_.wait_for(lock, kClockLook);
        }
        std::vector<Completion> refused = end_late();
        if (refused.empty()) continue;
        lock.unlock();
        CompletionBatch batch(callbacks_);
        for (Completion& completion : refused) batch.add(std::move(completion), too_late());
        batch.flush();
        lock.lock();
    }
}

std::vector<Completion> ModeratorDesk::end_late() {
    std::vector<Completion> refused;
    const auto now = clock_.elapsed();
    std::int64_t late = 0;
    for (; !stopping_ && !drafts_.empty() && drafts_.begin()->second.deadline <= now; ++late) {
        const Place place = drafts_.begin()->second.place;
        const auto waiting = settle(drafts_.begin());
        if (rules_.late == LateVerdict::refuse) {
            --counters_.queued_commands;
            refused.push_back(std::move(waiting->write.completion));
            queues_.at(place).erase(waiting);
        }
        release(place);
    }
    if (late > 0) log_.write(LogLevel::warning, "moderator.late", {{"drafts", late}});
    return refused;
}

void ModeratorDesk::stop() {
    std::vector<PendingWrite> left;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (auto& [place, queue] : queues_) {
            for (Waiting& waiting : queue) left.push_back(std::move(waiting.write));
        }
        queues_.clear();
        drafts_.clear();
        changed_.notify_all();
    }
    thread_.join();
    CompletionBatch refused(callbacks_);
    for (PendingWrite& write : left) {
        --counters_.queued_commands;
        refused.add(std::move(write.completion), closing());
    }
    refused.flush();
}

}  // namespace cariosan::engine
