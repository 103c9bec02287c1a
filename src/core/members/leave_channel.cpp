#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const LeaveChannel& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<LeaveChannel>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("channel", command.channel).result());
    CARIOSAN_TRY(const auto access, open_channel<LeaveChannel>(actor, command.channel, context));
    if (access.channel.type == ChannelType::direct) {
        return members_stay();
    }
    return planned(mutation::RemoveMember{.workspace = actor.workspace.id,
                                          .channel = access.channel.id,
                                          .actor = actor.user_id(),
                                          .user = actor.user->id,
                                          .at = context.now},
                   Done{});
}

}  // namespace cariosan::core
