#include "engine/deletions.hpp"

#include <memory>
#include <utility>

#include "core/propagate.hpp"
#include "engine/writer/writer.hpp"

namespace cariosan::engine {
namespace {

/// A step changes at most this many rows, except for a single message with more reactions.
constexpr std::int64_t kStepRows = 500;
constexpr std::int64_t kStepMessages = 100;
/// Each membership makes one or two revisions of its channel.
constexpr std::int64_t kStepMemberships = 50;

}  // namespace

void Deletions::tick() {
    if (stopping_ || !expected_ || running_.exchange(true)) return;
    expected_ = false;
    begin_step();
}

void Deletions::begin_step() {
    if (stopping_) return rest();
    read_([this](const Result<Reader*>& reader) {
        Result<Step> step = reader ? next_step(**reader) : Result<Step>(reader.error());
        if (!step) {
            log_.write(LogLevel::warning, "deletion.delayed", {{"reason", step.error().message}});
            expected_ = true;
            return rest();
        }
        if (step->idle) return rest();
        commit(std::move(*step));
    });
}

/// Until the next `tick`.
void Deletions::rest() { running_ = false; }

Result<Deletions::Step> Deletions::next_step(Reader& reader) const {
    Step step;
    CARIOSAN_TRY(const auto pending, reader.user_data().deletions(1));
    step.idle = pending.empty();
    if (step.idle) return step;
    step.of = pending.front();
    step.reached = step.of.user == current_ ? reached_ : RecordPosition{};
    const Timestamp now = clock_.now();
    CARIOSAN_TRY(const auto has_memberships, add_memberships(reader, step, now));
    if (has_memberships) return step;
    if (step.of.erase) {
        CARIOSAN_TRY_DONE(add_messages(reader, step, now));
    }
    if (step.mutations.empty()) {
        step.mutations.emplace_back(
            mutation::FinishDeletion{.workspace = step.of.workspace, .user = step.of.user});
    }
    return step;
}

Result<bool> Deletions::add_memberships(Reader& reader, Step& step, Timestamp now) const {
    const auto& [workspace, user, erase] = step.of;
    CARIOSAN_TRY(const auto ending, reader.user_data().ending_memberships(workspace, user, kStepMemberships));
    for (const EndingMembership& each : ending) {
        if (each.successor) {
            step.mutations.emplace_back(mutation::UpdateMember{.workspace = workspace,
                                                               .channel = each.channel,
                                                               .actor = {},
                                                               .user = *each.successor,
                                                               .role = Role::admin,
                                                               .at = now});
        }
        step.mutations.emplace_back(mutation::RemoveMember{
            .workspace = workspace, .channel = each.channel, .actor = {}, .user = user, .at = now});
    }
    return !ending.empty();
}

Result<Done> Deletions::add_messages(Reader& reader, Step& step, Timestamp now) const {
    const auto& [workspace, user, erase] = step.of;
    // A page may be empty without being the last: the first non-empty page ends the step.
    for (bool more = true; more && step.mutations.empty();) {
        CARIOSAN_TRY(const auto page,
                     reader.user_data().erasable_messages(workspace, user, step.reached, kStepMessages));
        std::int64_t rows = 0;
        bool all = true;
        for (const ErasableMessage& each : page.records) {
            all = step.mutations.empty() || rows + each.rows <= kStepRows;
            if (!all) break;
            rows += each.rows;
            step.mutations.emplace_back(mutation::DeleteMessage{.workspace = workspace,
                                                                .channel = each.channel,
                                                                .message = each.message,
                                                                .actor = {},
                                                                .at = now});
        }
        more = page.next.has_value();
        if (all && more) step.reached = *page.next;
    }
    return Done{};
}

void Deletions::commit(Step step) {
    // The mutations go to the lanes of their channels; the last answer ends the step.
    struct Progress {
        Step step;
        std::atomic<std::size_t> left{0};
        std::atomic<bool> failed{false};
    };
    auto progress = std::make_shared<Progress>();
    std::vector<PendingWrite> writes;
    writes.reserve(step.mutations.size());
    for (Mutation& mutation : step.mutations) {
        auto done = [this, progress](const Result<Outcome>& outcome) {
            // Any other refusal (such as a channel deleted in the meantime) leaves nothing to do.
            if (!outcome && outcome.error().code == ErrorCode::unavailable) progress->failed = true;
            if (--progress->left == 0) end_step(progress->step, progress->failed);
        };
        writes.push_back({{std::move(mutation), {}, {}}, {Completion::Where::here, std::move(done), {}}});
    }
    step.mutations.clear();
    progress->left = writes.size();
    progress->step = std::move(step);
    counters_.queued_commands += writes.size();
    writer_.push(writes);
}

void Deletions::end_step(const Step& step, bool failed) {
    if (failed) {
        expected_ = true;
        return rest();
    }
    current_ = step.of.user;
    reached_ = step.reached;
    begin_step();
}

}  // namespace cariosan::engine
