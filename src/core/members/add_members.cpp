#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const AddMembers& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<AddMembers>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits)
                          .reference("channel", command.channel)
                          .external_ids("external_ids", command.external_ids, context.limits.members_per_call, Empty::refused)
                          .result());
    CARIOSAN_TRY(const auto access, open_channel<AddMembers>(actor, command.channel, context));
    if (access.channel.type == ChannelType::direct) {
        return direct_channel_has_two("external_ids");
    }
    CARIOSAN_TRY(const auto users,
                 resolve_external_users(actor.workspace.id, command.external_ids, "external_ids", context));

    mutation::AddMembers add{.workspace = actor.workspace.id,
                             .channel = access.channel.id,
                             .actor = actor.user_id(),
                             .users = {},
                             .role = command.role,
                             .max_members = context.limits.members_per_channel,
                             .max_memberships = context.limits.memberships_per_user,
                             .at = context.now,
                             .imported = command.imported};
    // The answer shows everyone named, including those who already were members. All of them go into the commit, though: a
    // member may have left by then.
    MembersChanged members;
    for (const User& user : users) {
        add.users.push_back(user.id);
        CARIOSAN_TRY(auto member, find_member(access.channel.id, user.id, context));
        if (member) members.members.push_back(std::move(*member));
    }
    if (members.members.size() == add.users.size()) {
        members.rev = access.channel.rev;
        return answered(std::move(members), access.channel.rev);
    }
    return planned(std::move(add), std::move(members));
}

}  // namespace cariosan::core
