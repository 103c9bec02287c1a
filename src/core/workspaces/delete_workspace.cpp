#include "core/access.hpp"

namespace cariosan::core {

Result<Plan> plan(const DeleteWorkspace& command, const Caller& caller, Context& context) {
    const auto actor = authorize<DeleteWorkspace>(caller, context);
    if (!actor) return actor.error();
    const auto workspace = context.reader.workspaces().find(command.workspace);
    if (!workspace) return workspace.error();
    if (!*workspace) return not_found("workspace");
    return planned(mutation::DeleteWorkspace{.workspace = command.workspace, .at = context.now}, Done{});
}

}  // namespace cariosan::core
