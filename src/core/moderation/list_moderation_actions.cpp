#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListModerationActions& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListModerationActions>(caller, context);
    if (!actor) return actor.error();
    Fields fields(context.limits);
    fields.range(command.range);
    if (command.user) fields.reference("user", *command.user);
    if (command.channel) fields.reference("channel", *command.channel);
    if (auto shape = fields.result(); !shape) return std::move(shape).error();

    ModerationRange range{.limit = command.range.limit};
    const auto before = decode_number_cursor(ListOf::moderation, command.range.cursor);
    if (!before) return before.error();
    range.before = *before;
    if (command.user) {
        const auto user = resolve_user(actor->workspace.id, *command.user, "user", context);
        if (!user) return user.error();
        range.user = user->id;
    }
    if (command.channel) {
        const auto access = open_channel<ListModerationActions>(*actor, *command.channel, context);
        if (!access) return access.error();
        range.channel = access->channel.id;
    }
    auto page = context.reader.moderation().list(actor->workspace.id, range);
    if (!page) return std::move(page).error();
    Page<ModerationRecord> answer{.items = std::move(page->records)};
    if (page->next) answer.next_cursor = encode_cursor(ListOf::moderation, *page->next);
    return Outcome{.answer = std::move(answer)};
}

}  // namespace cariosan::core
