#include "core/access.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetWorkspace&, const Caller& caller, Context& context) {
    auto actor = authorize<GetWorkspace>(caller, context);
    if (!actor) return std::move(actor).error();
    return Outcome{.answer = std::move(actor->workspace)};
}

}  // namespace cariosan::core
