// `POST /v1/me/sync`: reads, then waits if there is nothing to answer yet.
#include <algorithm>
#include <utility>

#include "core/channels/sync.hpp"
#include "protocol/polling/sync_charge.hpp"
#include "protocol/polling/waiting_sync.hpp"
#include "protocol/rest/gateway_impl.hpp"

namespace cariosan::protocol {
namespace {

core::RateKey bucket_of(const Caller& caller) { return {caller.workspace(), *caller.user_id()}; }

constexpr std::int64_t kRetryElsewhere = 1'000;

}  // namespace

std::int64_t affordable_pages(engine::EngineImpl& engine, const Caller& caller) {
    const std::int64_t spare = engine.rate_limiter().spare(bucket_of(caller), core::RateKind::read, engine.clock().elapsed());
    return std::clamp<std::int64_t>(spare, 1, Sync{}.max_moved);
}

void charge_pages(engine::EngineImpl& engine, const Caller& caller, const Synced& answer) {
    const auto further = std::ranges::count_if(answer.pages, [](const SyncPage& page) {
        return !std::holds_alternative<MyChannel>(page);  // these are read together, as a list
    }) - 1;
    if (further < 1) return;
    engine.rate_limiter().charge(bucket_of(caller), core::RateKind::read, further, engine.clock().elapsed());
}

void GatewayImpl::run_sync(const ExchangeRef& exchange, const Principal& principal, Invocation invocation) {
    auto& command = std::get<Sync>(invocation.command);
    command.max_moved = affordable_pages(impl_, principal.caller);
    const std::chrono::seconds wait = command.next.empty() ? invocation.wait : std::chrono::seconds(0);
    const Uuid identity = principal.identity();
    auto answer = answer_to(exchange, principal, invocation);
    auto done = [this, exchange, principal, identity, wait, command, answer](Result<Outcome> outcome) {
        exchange->lane.reads().end(identity);
        if (!outcome) return answer(std::move(outcome));
        const auto& synced = std::get<Synced>(outcome->answer);
        charge_pages(impl_, principal.caller, synced);
        if (wait.count() == 0 || core::has_news(command, synced)) return answer(std::move(outcome));
        if (draining_) {
            return answer(Error(ErrorCode::unavailable, "shutting down").with("retry_after_ms", kRetryElsewhere));
        }
        WaitingSync::begin(impl_, exchange->lane, wait_places_,
                           {.caller = principal.caller,
                            .command = command,
                            .last = std::move(*outcome),
                            .until = std::chrono::duration_cast<std::chrono::milliseconds>(exchange->started) + wait,
                            .asker = exchange->request.asker,
                            .answer = answer});
    };
    exchange->lane.reads().begin(identity, [this, exchange, caller = principal.caller, command, done = std::move(done)]() mutable {
        impl_.submit_to(exchange->lane.queue(), caller, std::move(command), std::move(done), exchange->request.asker);
        return true;
    });
}

}  // namespace cariosan::protocol
