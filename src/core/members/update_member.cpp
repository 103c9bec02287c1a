#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const UpdateMember& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<UpdateMember>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits)
                          .reference("channel", command.channel)
                          .reference("user", command.user)
                          .result());
    CARIOSAN_TRY(const auto access, open_channel<UpdateMember>(actor, command.channel, context));
    if (access.channel.type == ChannelType::direct) {
        return invalid_field("role", "a direct channel has no roles");
    }
    CARIOSAN_TRY(const auto user, resolve_user(actor.workspace.id, command.user, "user", context));
    CARIOSAN_TRY(auto member, find_member(access.channel.id, user.id, context));
    if (!member) return member_is_missing();

    if (member->role == command.role) {
        MembersChanged unchanged{.members = {std::move(*member)}, .rev = access.channel.rev};
        return answered(std::move(unchanged), access.channel.rev);
    }
    return planned(mutation::UpdateMember{.workspace = actor.workspace.id,
                                          .channel = access.channel.id,
                                          .actor = actor.user_id(),
                                          .user = user.id,
                                          .role = command.role,
                                          .at = context.now});
}

}  // namespace cariosan::core
