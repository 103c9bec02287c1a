#include "engine/threads/at_once.hpp"

#include <utility>

namespace cariosan::engine {
namespace {

/// Whether the commit may have refused a send because a cached name was out of date.
bool may_rest_on_names(const Error& refusal) {
    return refusal.code == ErrorCode::not_found || refusal.code == ErrorCode::validation_error;
}

}  // namespace

std::optional<PendingWrite> AtOnce::plan(const Caller& caller, Command& command, Completion& completion) {
    core::Context context = context_of(tools_, no_reader_, tools_.rates, {});
    context.cache = &tools_.cache;
    auto planned = core::plan_at_once(command, caller, context);
    if (!planned) return std::nullopt;
    if (by_reader_) completion = or_by_reader(caller, std::move(command), std::move(completion));
    return PendingWrite{.planned = *std::move(planned), .completion = std::move(completion)};
}

Completion AtOnce::or_by_reader(const Caller& caller, Command command, Completion completion) const {
    Completion first{completion.where, {}, completion.lane, completion.asker, completion.submitted};
    first.done = [this, caller, command = std::move(command),
                  completion = std::move(completion)](Result<Outcome> result) mutable {
        if (result || !may_rest_on_names(result.error())) return completion.done(std::move(result));
        by_reader_(caller, std::move(command), std::move(completion));
    };
    return first;
}

}  // namespace cariosan::engine
