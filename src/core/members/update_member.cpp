#include "core/access.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const UpdateMember& command, const Caller& caller, Context& context) {
    const auto actor = authorize<UpdateMember>(caller, context);
    if (!actor) return actor.error();
    auto shape =
        Fields(context.limits).reference("channel", command.channel).reference("user", command.user).result();
    if (!shape) return std::move(shape).error();
    const auto access = open_channel<UpdateMember>(*actor, command.channel, context);
    if (!access) return access.error();
    if (access->channel.type == ChannelType::direct) {
        return invalid_field("role", "a direct channel has no roles");
    }
    const auto user = resolve_user(actor->workspace.id, command.user, "user", context);
    if (!user) return user.error();
    auto member = find_member(access->channel.id, user->id, context);
    if (!member) return std::move(member).error();
    if (!*member) return not_found("member").with("field", "user");

    if ((*member)->role == command.role) {
        MembersChanged unchanged{.members = {std::move(**member)}, .rev = access->channel.rev};
        return answered(std::move(unchanged), access->channel.rev);
    }
    return planned(mutation::UpdateMember{.workspace = actor->workspace.id,
                                          .channel = access->channel.id,
                                          .actor = actor->user_id(),
                                          .user = user->id,
                                          .role = command.role,
                                          .at = context.now});
}

}  // namespace cariosan::core
