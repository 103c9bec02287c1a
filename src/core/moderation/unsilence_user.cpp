#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const UnsilenceUser& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<UnsilenceUser>(caller, context));
    Fields fields(context.limits);
    fields.reference("user", command.user);
    if (command.channel) fields.reference("channel", *command.channel);
    CARIOSAN_TRY_DONE(fields.result());

    CARIOSAN_TRY(const auto user, resolve_user(actor.workspace.id, command.user, "user", context));
    mutation::UnsilenceUser unsilence{.workspace = actor.workspace.id, .user = user.id};
    if (command.channel) {
        CARIOSAN_TRY(const auto access, open_channel<UnsilenceUser>(actor, *command.channel, context));
        unsilence.channel = access.channel.id;
    }
    return planned(std::move(unsilence));
}

}  // namespace cariosan::core
