#include "capi/parts/questions.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>
#include <vector>

#include "core/propagate.hpp"
#include "protocol/json/json_reader.hpp"

namespace cariosan::capi {

std::uint64_t Questions::ask(const void* owner, Read read, std::function<void()> give_up, std::size_t most) {
    Question oldest;
    const std::lock_guard lock(mutex_);
    open_.emplace(++last_, Question{owner, std::move(read), std::move(give_up)});
    if (++counts_[owner] > most && most != 0) {
        oldest = take(std::ranges::find_if(open_, [owner](const auto& each) { return each.second.owner == owner; }));
    }
    return last_;
}

Questions::Question Questions::take(Open::iterator question) {
    Question taken = std::move(question->second);
    --counts_[taken.owner];
    open_.erase(question);
    return taken;
}

Result<Done> Questions::answer(std::uint64_t ticket, std::string_view json) {
    protocol::JsonDocument document;
    CARIOSAN_TRY_DONE(document.parse(json));
    const boost::json::object* object = document.root().if_object();
    if (object == nullptr) return invalid_field("answer", "an answer is a JSON object");
    std::function<void()> act;
    Question answered;
    {
        const std::lock_guard lock(mutex_);
        const auto found = open_.find(ticket);
        if (found == open_.end()) return not_found("ticket");
        CARIOSAN_TRY(act, found->second.read(*object));
        answered = take(found);
    }
    act();
    return Done{};
}

void Questions::abandon(const void* owner) {
    std::vector<Question> ended;
    {
        const std::lock_guard lock(mutex_);
        for (auto each = open_.begin(); each != open_.end();) {
            const auto question = each++;
            if (question->second.owner == owner) ended.push_back(take(question));
        }
        counts_.erase(owner);
    }
    for (const Question& each : ended) each.give_up();
}

void Questions::abandon_all() {
    Open ended;
    {
        const std::lock_guard lock(mutex_);
        ended.swap(open_);
        counts_.clear();
    }
    for (const auto& [ticket, question] : ended) question.give_up();
}

}  // namespace cariosan::capi
