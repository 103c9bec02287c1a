#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/access.hpp"
#include "core/messages/mentions.hpp"
#include "core/messages/message_reference.hpp"
#include "core/moderation/moderate_text.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/text/fields.hpp"
#include "core/text/visible_text.hpp"

namespace cariosan::core {
namespace {

Result<Done> check_shape(const EditMessage& command, const Limits& limits) {
    Fields fields(limits);
    if (command.mentions) check_mentions(fields, *command.mentions, shown_or_empty(command.content), limits);
    auto shape = fields.result();
    if (!shape) return shape;
    return check_text(command.content, limits, Empty::allowed);
}

/// Absent if the mentions are unchanged. A deleted user can no longer be found, but may already be mentioned: the commit decides
/// about their id.
Result<std::optional<std::vector<mutation::MentionedUser>>> find_edited_mentions(const EditMessage& command,
                                                                                WorkspaceId workspace, Context& context) {
    if (!command.mentions) return std::optional<std::vector<mutation::MentionedUser>>();
    CARIOSAN_TRY(auto found, find_mentions(*command.mentions, workspace, context));
    std::vector<mutation::MentionedUser> users;
    for (Mention& mention : found.mentions) users.emplace_back(mention.user_id, std::move(mention.spans));
    for (const NamedMention& named : found.missing) {
        const auto id = UserId::parse(named.user);
        if (!id) return mention_of_nobody();
        auto known = std::ranges::find(users, *id, &mutation::MentionedUser::user);
        if (known == users.end()) known = users.insert(known, mutation::MentionedUser(*id));
        add_spans(known->spans, named.spans);
    }
    return std::optional(std::move(users));
}

}  // namespace

/// Authorship, the edit window and whether a message without text keeps an attachment are checked in the commit, where the
/// answer can no longer change, even for a text that moderation refuses.
Result<Plan> plan(const EditMessage& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<EditMessage>(caller, context));
    CARIOSAN_TRY_DONE(check_shape(command, context.limits));
    // A text with nothing visible counts as empty: the commit knows whether that is allowed.
    std::string content = shown_or_empty(command.content);
    CARIOSAN_TRY(const auto place,
                 open_message<EditMessage>(actor, command.channel, command.message_id, context));
    CARIOSAN_TRY(auto mentions, find_edited_mentions(command, actor.workspace.id, context));
    CARIOSAN_TRY_DONE(precheck_not_silenced(place.channel, actor.user->id, context));
    CARIOSAN_TRY(
        auto moderated,
        moderate_text(
            {.workspace = actor.workspace, .channel = place.channel, .user = actor.user->id, .text = content},
            context));
    return Plan(with_moderation(mutation::EditMessage{.workspace = actor.workspace.id,
                                 .channel = place.channel,
                                 .message = place.message,
                                 .actor = actor.user->id,
                                 .content = std::move(content),
                                 .mentions = std::move(mentions),
                                 .if_rev = command.if_rev,
                                 .at = context.now},
                                std::move(moderated)));
}

}  // namespace cariosan::core
