#include "core/access.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const DeleteChannel& command, const Caller& caller, Context& context) {
    const auto actor = authorize<DeleteChannel>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).reference("channel", command.channel).result();
    if (!shape) return std::move(shape).error();
    const auto access = open_channel<DeleteChannel>(*actor, command.channel, context);
    if (!access) return access.error();
    return planned(
        mutation::DeleteChannel{
            .workspace = actor->workspace.id, .channel = access->channel.id, .at = context.now},
        Done{});
}

}  // namespace cariosan::core
