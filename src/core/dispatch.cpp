#include "core/permissions.hpp"
#include "core/propagate.hpp"
#include "core/use_case.hpp"

namespace cariosan::core {

bool writes(const Command& command) noexcept {
    return std::visit([]<class C>(const C&) { return is_write<C>; }, command);
}

Result<bool> take_rate(const Command& command, const Caller& caller, RateLimiter& rates,
                       std::chrono::milliseconds elapsed) {
    const Permission& permission = permission_of(command.index());
    // A send is charged later, after its key was looked up; a command that users may never run is not charged at all.
    if (!caller.user_id() || permission.user == UserRight::never || permission.rate == RateKind::send) return false;
    CARIOSAN_TRY_DONE(rates.take({caller.workspace(), *caller.user_id()}, permission.rate, elapsed));
    return true;
}

Result<Plan> plan(const Command& command, const Caller& caller, Context& context) {
    return std::visit(
        [&]<class C>(const C& each) -> Result<Plan> {
            if constexpr (is_write<C>) {
                return plan(each, caller, context);
            } else {
                CARIOSAN_TRY(auto outcome, read(each, caller, context));
                return Plan(std::move(outcome));
            }
        },
        command);
}

bool fits_cache(const Command& command) noexcept {
    return std::holds_alternative<SendMessage>(command) || std::holds_alternative<ImportMessage>(command);
}

std::optional<PlannedMutation> plan_at_once(const Command& command, const Caller& caller, Context context) {
    if (!fits_cache(command)) return std::nullopt;
    context.at_once = true;
    Result<Plan> made = plan(command, caller, context);
    auto* planned = made ? std::get_if<PlannedMutation>(&*made) : nullptr;
    if (planned == nullptr || planned->refusal) return std::nullopt;
    return std::move(*planned);
}

}  // namespace cariosan::core
