#include "core/use_case.hpp"

namespace cariosan::core {

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
