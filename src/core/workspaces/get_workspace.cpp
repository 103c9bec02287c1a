#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetWorkspace&, const Caller& caller, Context& context) {
    CARIOSAN_TRY(auto actor, authorize<GetWorkspace>(caller, context));
    CARIOSAN_TRY(auto settings, settings_of(std::move(actor.workspace), context));
    return Outcome{.answer = std::move(settings)};
}

}  // namespace cariosan::core
