#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/users/user_fields.hpp"

namespace cariosan::core {

/// Only the commit knows whether the user exists, and so whether a name is required.
Result<Plan> plan(const UpsertUser& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<UpsertUser>(caller, context));
    Fields fields(context.limits);
    fields.new_external_id("external_id", command.external_id);
    CARIOSAN_TRY(auto metadata, check_user(command, std::move(fields), context));
    return planned(mutation::UpsertUser{.workspace = actor.workspace.id,
                                        .new_id = context.ids.make<UserId>(),
                                        .external_id = command.external_id,
                                        .name = command.name,
                                        .avatar_url = command.avatar_url,
                                        .metadata = std::move(metadata),
                                        .at = context.now,
                                        .imported = command.imported});
}

}  // namespace cariosan::core
