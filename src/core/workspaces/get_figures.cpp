#include "core/access.hpp"
#include "core/propagate.hpp"

namespace cariosan::core {
namespace {

/// Enough to tell small from large, and few enough to be counted every few seconds.
constexpr std::int64_t kCountedTo = 10'000;

}  // namespace

Result<Outcome> read(const GetFigures&, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<GetFigures>(caller, context));
    CARIOSAN_TRY(auto figures, context.reader.workspaces().figures(actor.workspace.id, kCountedTo));
    return Outcome{.answer = figures};
}

}  // namespace cariosan::core
