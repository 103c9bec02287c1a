#include "core/access.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const LeaveChannel& command, const Caller& caller, Context& context) {
    const auto actor = authorize<LeaveChannel>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).reference("channel", command.channel).result();
    if (!shape) return std::move(shape).error();
    const auto access = open_channel<LeaveChannel>(*actor, command.channel, context);
    if (!access) return access.error();
    if (access->channel.type == ChannelType::direct) {
        return Error(ErrorCode::forbidden, "the members of a direct channel stay");
    }
    return planned(mutation::RemoveMember{.workspace = actor->workspace.id,
                                          .channel = access->channel.id,
                                          .actor = actor->user_id(),
                                          .user = actor->user->id,
                                          .at = context.now},
                   Done{});
}

}  // namespace cariosan::core
