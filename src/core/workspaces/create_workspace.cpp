#include "core/access.hpp"
#include "core/text/fields.hpp"
#include "core/workspaces/api_keys.hpp"

namespace cariosan::core {

Result<Plan> plan(const CreateWorkspace& command, const Caller& caller, Context& context) {
    const auto actor = authorize<CreateWorkspace>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).name("name", command.name, Empty::refused).result();
    if (!shape) return std::move(shape).error();

    mutation::CreateWorkspace create;
    create.workspace.id = context.ids.make<WorkspaceId>();
    create.workspace.name = command.name;
    create.workspace.test = command.test;
    create.workspace.created_at = context.now;
    auto credentials = make_credentials(create.workspace, context);
    create.api_key = credentials.api_key;
    create.secret_hash = hash_secret(credentials.api_secret, context);
    context.crypto.random(create.idempotency_secret);
    return planned(std::move(create), std::move(credentials));
}

}  // namespace cariosan::core
