#include "core/access.hpp"
#include "core/messages/message_reference.hpp"
#include "core/propagate.hpp"
#include "core/text/emoji.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const AddReaction& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<AddReaction>(caller, context));
    Fields fields(context.limits);
    fields.key("emoji", command.emoji, context.limits.emoji_bytes);
    CARIOSAN_TRY_DONE(fields.result());
    if (!is_emoji(command.emoji)) return invalid_field("emoji", "emoji must be one emoji");
    CARIOSAN_TRY(const auto place,
                 open_message<AddReaction>(actor, command.channel, command.message_id, context));
    return planned(mutation::AddReaction{.workspace = actor.workspace.id,
                                         .channel = place.channel,
                                         .message = place.message,
                                         .user = actor.user->id,
                                         .emoji = command.emoji,
                                         .max_emoji = context.limits.emoji_per_message,
                                         .at = context.now});
}

}  // namespace cariosan::core
