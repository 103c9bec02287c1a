#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const DeleteChannel& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<DeleteChannel>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("channel", command.channel).result());
    CARIOSAN_TRY(const auto access, open_channel<DeleteChannel>(actor, command.channel, context));
    return planned(
        mutation::DeleteChannel{
            .workspace = actor.workspace.id, .channel = access.channel.id, .at = context.now},
        Done{});
}

}  // namespace cariosan::core
