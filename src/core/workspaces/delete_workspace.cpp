#include "core/access.hpp"
#include "core/propagate.hpp"

namespace cariosan::core {

Result<Plan> plan(const DeleteWorkspace& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY_DONE(authorize<DeleteWorkspace>(caller, context));
    CARIOSAN_TRY(const auto workspace, context.reader.workspaces().find(command.workspace));
    if (!workspace) return not_found("workspace");
    return planned(mutation::DeleteWorkspace{.workspace = command.workspace, .at = context.now}, Done{});
}

}  // namespace cariosan::core
