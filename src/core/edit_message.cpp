#include "core/access.hpp"
#include "core/fields.hpp"
#include "core/message_reference.hpp"
#include "core/moderate_text.hpp"

namespace cariosan::core {

/// Whose message it is, whether it may still be edited and whether an attachment is left if it has no text is asked
/// where the answer cannot change any more: in the commit, also of a text that moderation refuses.
Result<Plan> plan(const EditMessage& command, const Caller& caller, Context& context) {
    const auto actor = authorize<EditMessage>(caller, context);
    if (!actor) return actor.error();
    auto shape = check_text(command.content, context.limits, Empty::allowed);
    if (!shape) return std::move(shape).error();
    const auto place = open_message<EditMessage>(*actor, command.channel, command.message_id, context);
    if (!place) return place.error();
    auto heard = check_not_muted(place->channel, actor->user->id, context);
    if (!heard) return std::move(heard).error();
    auto moderated = moderate_text({.workspace = actor->workspace,
                                    .channel = place->channel,
                                    .user = actor->user->id,
                                    .text = command.content},
                                   context);
    if (!moderated) return std::move(moderated).error();
    return with_moderation(mutation::EditMessage{.workspace = actor->workspace.id,
                                                 .channel = place->channel,
                                                 .message = place->message,
                                                 .actor = actor->user->id,
                                                 .content = command.content,
                                                 .at = context.now},
                           std::move(*moderated));
}

}  // namespace cariosan::core
