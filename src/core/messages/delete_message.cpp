#include "core/access.hpp"
#include "core/messages/message_reference.hpp"
#include "core/propagate.hpp"

namespace cariosan::core {

Result<Plan> plan(const DeleteMessage& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<DeleteMessage>(caller, context));
    CARIOSAN_TRY(const auto place,
                 open_message<DeleteMessage>(actor, command.channel, command.message_id, context));
    return planned(mutation::DeleteMessage{.workspace = actor.workspace.id,
                                           .channel = place.channel,
                                           .message = place.message,
                                           .actor = actor.user_id(),
                                           .at = context.now});
}

}  // namespace cariosan::core
