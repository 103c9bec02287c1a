// Pins and unpins.
#include "core/access.hpp"
#include "core/messages/message_reference.hpp"
#include "core/propagate.hpp"

namespace cariosan::core {
namespace {

template <AnyCommand C>
Result<Plan> plan_pin(const C& command, bool pinned, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<C>(caller, context));
    CARIOSAN_TRY(const auto place, open_message<C>(actor, command.channel, command.message_id, context));
    return planned(mutation::PinMessage{.workspace = actor.workspace.id,
                                        .channel = place.channel,
                                        .message = place.message,
                                        .actor = actor.user->id,
                                        .pinned = pinned,
                                        .max_pins = context.limits.pins_per_channel,
                                        .at = context.now});
}

}  // namespace

Result<Plan> plan(const PinMessage& command, const Caller& caller, Context& context) {
    return plan_pin(command, true, caller, context);
}

Result<Plan> plan(const UnpinMessage& command, const Caller& caller, Context& context) {
    return plan_pin(command, false, caller, context);
}

}  // namespace cariosan::core
