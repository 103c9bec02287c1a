#include "core/access.hpp"
#include "core/fields.hpp"

namespace cariosan::core {
namespace {

/// Some thirty years: more is better said as "unlimited".
constexpr std::int64_t kLongestEditWindow = 1'000'000'000;

}  // namespace

Result<Plan> plan(const UpdateWorkspace& command, const Caller& caller, Context& context) {
    auto actor = authorize<UpdateWorkspace>(caller, context);
    if (!actor) return std::move(actor).error();
    Fields fields(context.limits);
    if (command.name) fields.name("name", *command.name, Empty::refused);
    if (command.edit_window_seconds && *command.edit_window_seconds) {
        fields.number("edit_window_seconds", **command.edit_window_seconds, 0, kLongestEditWindow);
    }
    auto shape = fields.result();
    if (!shape) return std::move(shape).error();

    if (!command.name && !command.read_receipts_enabled && !command.edit_window_seconds) {
        return answered(std::move(actor->workspace));
    }
    return planned(mutation::UpdateWorkspace{.workspace = actor->workspace.id,
                                             .name = command.name,
                                             .read_receipts_enabled = command.read_receipts_enabled,
                                             .edit_window_seconds = command.edit_window_seconds});
}

}  // namespace cariosan::core
