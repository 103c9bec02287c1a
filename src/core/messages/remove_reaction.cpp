#include "core/access.hpp"
#include "core/messages/message_reference.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

/// A text that is not an emoji cannot be stored as a reaction: only stored forms are looked for.
Result<Plan> plan(const RemoveReaction& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<RemoveReaction>(caller, context));
    CARIOSAN_TRY_DONE(
        Fields(context.limits).key("emoji", command.emoji, context.limits.emoji_bytes).result());
    CARIOSAN_TRY(const auto place,
                 open_message<RemoveReaction>(actor, command.channel, command.message_id, context));
    return planned(mutation::RemoveReaction{.workspace = actor.workspace.id,
                                            .channel = place.channel,
                                            .message = place.message,
                                            .user = actor.user->id,
                                            .emoji = command.emoji,
                                            .at = context.now});
}

}  // namespace cariosan::core
