#include "engine/threads/completion.hpp"

#include <algorithm>

namespace cariosan::engine {

void CompletionBatch::add(Completion completion, Result<Outcome> result) {
    auto call = [done = std::move(completion.done), result = std::move(result)]() mutable { done(std::move(result)); };
    switch (completion.where) {
        case Completion::Where::callback_thread: calls_.emplace_back(std::move(call)); break;
        case Completion::Where::here: here_.emplace_back(std::move(call)); break;
        case Completion::Where::lane: {
            auto list = std::ranges::find(lanes_, completion.lane, &LaneAnswers::lane);
            if (list == lanes_.end()) list = lanes_.insert(list, LaneAnswers{completion.lane, {}});
            list->tasks.emplace_back(realtime::Complete{std::move(call)});
            break;
        }
    }
}

void CompletionBatch::flush() {
    for (LaneAnswers& list : lanes_) list.lane->push(list.tasks);
    lanes_.clear();
    if (!calls_.empty()) callbacks_.push(calls_);
    for (auto& wake : here_) wake();
    here_.clear();
}

}  // namespace cariosan::engine
