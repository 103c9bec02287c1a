#include "core/access.hpp"
#include "core/messages/message_reference.hpp"

namespace cariosan::core {

Result<Plan> plan(const DeleteMessage& command, const Caller& caller, Context& context) {
    const auto actor = authorize<DeleteMessage>(caller, context);
    if (!actor) return actor.error();
    const auto place = open_message<DeleteMessage>(*actor, command.channel, command.message_id, context);
    if (!place) return place.error();
    return planned(mutation::DeleteMessage{.workspace = actor->workspace.id,
                                           .channel = place->channel,
                                           .message = place->message,
                                           .actor = actor->user_id(),
                                           .at = context.now});
}

}  // namespace cariosan::core
