#include "core/access.hpp"
#include "core/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const UpsertUser& command, const Caller& caller, Context& context) {
    const auto actor = authorize<UpsertUser>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits)
                     .external_id("external_id", command.external_id)
                     .name("name", command.name, Empty::refused)
                     .url("avatar_url", command.avatar_url)
                     .result();
    if (!shape) return std::move(shape).error();
    auto metadata = check_metadata(command.metadata, context);
    if (!metadata) return std::move(metadata).error();

    return planned(mutation::UpsertUser{.workspace = actor->workspace.id,
                                        .new_id = context.ids.make<UserId>(),
                                        .external_id = command.external_id,
                                        .name = command.name,
                                        .avatar_url = command.avatar_url,
                                        .metadata = std::move(*metadata),
                                        .at = context.now});
}

}  // namespace cariosan::core
