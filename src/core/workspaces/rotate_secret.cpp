#include <chrono>

#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"
#include "core/workspaces/api_keys.hpp"

namespace cariosan::core {
namespace {

constexpr std::chrono::seconds kLongestOverlap = std::chrono::days(30);

}  // namespace

Result<Plan> plan(const RotateSecret& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY_DONE(authorize<RotateSecret>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits)
                          .number("keep_old", command.keep_old.count(), 0, kLongestOverlap.count())
                          .result());
    CARIOSAN_TRY(const auto workspace, context.reader.workspaces().find(command.workspace));
    if (!workspace) return not_found("workspace");
    CARIOSAN_TRY(auto api_key, context.reader.workspaces().present_api_key(command.workspace));

    auto credentials = api_key ? make_credentials(*workspace, *std::move(api_key), context)
                               : make_credentials(*workspace, context);
    mutation::RotateSecret rotate{
        .workspace = command.workspace,
        .api_key = credentials.api_key,
        .secret_hash = hash_secret(credentials.api_secret, context),
        .at = context.now,
        .old_expire_at = {context.now.milliseconds + std::chrono::milliseconds(command.keep_old).count()}};
    return planned(std::move(rotate), std::move(credentials));
}

}  // namespace cariosan::core
