#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"
#include "core/text/visible_text.hpp"

namespace cariosan::core {

Result<Plan> plan(const SuspendUser& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<SuspendUser>(caller, context));
    Fields fields(context.limits);
    fields.reference("user", command.user);
    if (command.seconds) fields.number("seconds", *command.seconds, 1, kLongestSilence);
    if (command.reason) fields.name("reason", *command.reason, Empty::allowed);
    CARIOSAN_TRY_DONE(fields.result());

    CARIOSAN_TRY(const auto user, resolve_user(actor.workspace.id, command.user, "user", context));
    mutation::SuspendUser suspend{.workspace = actor.workspace.id, .user = user.id, .at = context.now};
    if (command.reason && !shows_nothing(*command.reason)) suspend.reason = command.reason;
    if (command.seconds) suspend.until = Timestamp{context.now.milliseconds + *command.seconds * 1000};
    return planned(std::move(suspend));
}

}  // namespace cariosan::core
