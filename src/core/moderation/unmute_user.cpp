#include "core/access.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const UnmuteUser& command, const Caller& caller, Context& context) {
    const auto actor = authorize<UnmuteUser>(caller, context);
    if (!actor) return actor.error();
    Fields fields(context.limits);
    fields.reference("user", command.user);
    if (command.channel) fields.reference("channel", *command.channel);
    if (auto shape = fields.result(); !shape) return std::move(shape).error();

    const auto user = resolve_user(actor->workspace.id, command.user, "user", context);
    if (!user) return user.error();
    mutation::UnmuteUser unmute{.workspace = actor->workspace.id, .user = user->id};
    if (command.channel) {
        const auto access = open_channel<UnmuteUser>(*actor, *command.channel, context);
        if (!access) return access.error();
        unmute.channel = access->channel.id;
    }
    return planned(std::move(unmute));
}

}  // namespace cariosan::core
