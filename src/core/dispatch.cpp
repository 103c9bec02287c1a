#include "core/permissions.hpp"
#include "core/use_case.hpp"

namespace cariosan::core {

bool writes(const Command& command) noexcept {
    return std::visit([]<class C>(const C&) { return is_write<C>; }, command);
}

Result<bool> take_rate(const Command& command, const Caller& caller, RateLimiter& rates,
                       std::chrono::milliseconds elapsed) {
    const Permission& permission = permission_of(command.index());
    // A send is looked up by its key first; what users may not do at all takes nothing.
    if (!caller.user_id() || permission.user == UserRight::never || permission.rate == RateKind::send) return false;
    auto taken = rates.take({caller.workspace(), *caller.user_id()}, permission.rate, elapsed);
    if (!taken) return std::move(taken).error();
    return true;
}

Result<Plan> plan(const Command& command, const Caller& caller, Context& context) {
    return std::visit(
        [&]<class C>(const C& each) -> Result<Plan> {
            if constexpr (is_write<C>) {
                return plan(each, caller, context);
            } else {
                auto outcome = read(each, caller, context);
                if (!outcome) return std::move(outcome).error();
                return Plan(std::move(*outcome));
            }
        },
        command);
}

}  // namespace cariosan::core
