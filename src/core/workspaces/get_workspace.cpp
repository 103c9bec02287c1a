#include "core/access.hpp"
#include "core/resolve.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetWorkspace&, const Caller& caller, Context& context) {
    auto actor = authorize<GetWorkspace>(caller, context);
    if (!actor) return std::move(actor).error();
    auto settings = settings_of(std::move(actor->workspace), context);
    if (!settings) return std::move(settings).error();
    return Outcome{.answer = std::move(*settings)};
}

}  // namespace cariosan::core
