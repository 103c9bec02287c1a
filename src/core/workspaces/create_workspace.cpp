#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"
#include "core/workspaces/api_keys.hpp"

namespace cariosan::core {

Result<Plan> plan(const CreateWorkspace& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY_DONE(authorize<CreateWorkspace>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).name("name", command.name, Empty::refused).result());

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
