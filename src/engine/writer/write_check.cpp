#include "engine/writer/write_check.hpp"

#include <utility>

#include "engine/threads/completion.hpp"
#include "engine/writer/writer.hpp"

namespace cariosan::engine {
namespace {

constexpr std::chrono::seconds kFresh{1};
constexpr std::chrono::seconds kStuck{5};
constexpr std::size_t kMostWaiting = 256;

Error does_not_answer() {
    return Error(ErrorCode::unavailable, "the server's storage does not answer").with("reason", "storage_busy");
}

}  // namespace

void WriteCheck::ask(Answer answer) {
    std::optional<Result<Done>> state;
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        const auto now = clock_.elapsed();
        if (known_ && now - known_->at < kFresh) {
            state = known_->state;
        } else if (!waiting_.empty() && (now - asked_at_ >= kStuck || waiting_.size() >= kMostWaiting)) {
            state = does_not_answer();
        } else {
            first = waiting_.empty();
            if (first) asked_at_ = now;
            waiting_.push_back(std::move(answer));
        }
    }
    if (state) return answer(*state);
    if (!first) return;
    const bool taken = writer_.run_between_batches([this] {
        probe();
        return true;
    });
    if (!taken) answer_all(closing());
}

void WriteCheck::probe() {
    const Result<Done> state = storage_.probe();
    bool changed = false;
    {
        const std::lock_guard lock(mutex_);
        changed = learn(state);
    }
    if (changed) notify(state);
    answer_all(state);
}

void WriteCheck::committed() {
    const std::lock_guard lock(mutex_);
    if (!known_ || known_->state) learn(Done{});
}

void WriteCheck::failed(const Error& error) {
    bool changed = false;
    {
        const std::lock_guard lock(mutex_);
        changed = learn(error);
    }
    if (changed) notify(error);
}

bool WriteCheck::learn(Result<Done> state) {
    const bool changed = known_ ? known_->state.ok() != state.ok() : !state.ok();
    known_ = Known{std::move(state), clock_.elapsed()};
    return changed;
}

void WriteCheck::notify(const Result<Done>& state) const {
    if (state) return log_.write(LogLevel::info, "storage.writes_succeed_again");
    log_.write(LogLevel::error, "storage.writes_fail",
               {{"reason", state.error().message}, {"cause", state.error().cause}});
}

void WriteCheck::answer_all(const Result<Done>& state) {
    std::vector<Answer> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(waiting_);
    }
    for (const Answer& answer : waiting) answer(state);
}

void WriteCheck::stop() { answer_all(closing()); }

}  // namespace cariosan::engine
