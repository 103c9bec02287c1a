#include "core/permissions.hpp"
#include "core/propagate.hpp"
#include "core/use_case.hpp"

namespace cariosan::core {

namespace {

/// To the mutations that have one.
struct AddTraceparent {
    const std::string& traceparent;

    template <class M>
    void operator()(M& mutation) const {
        if constexpr (requires { mutation.traceparent; }) mutation.traceparent = traceparent;
    }
    void operator()(mutation::RecordModeration& record) const { std::visit(*this, record.refused); }
};

void add_traceparent(const Caller& caller, Mutation& mutation) {
    if (!caller.traceparent().empty()) std::visit(AddTraceparent{caller.traceparent()}, mutation);
}

}  // namespace

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
                CARIOSAN_TRY(auto made, plan(each, caller, context));
                if (auto* planned = std::get_if<PlannedMutation>(&made)) add_traceparent(caller, planned->mutation);
                return made;
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
