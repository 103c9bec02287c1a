#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListModerationActions& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListModerationActions>(caller, context));
    Fields fields(context.limits);
    fields.range(command.range);
    if (command.user) fields.reference("user", *command.user);
    if (command.channel) fields.reference("channel", *command.channel);
    CARIOSAN_TRY_DONE(fields.result());

    ModerationRange range{.limit = page_limit(command.range.limit, context.limits)};
    CARIOSAN_TRY(const auto before, decode_number_cursor(ListOf::moderation, command.range.cursor));
    range.before = before;
    if (command.user) {
        CARIOSAN_TRY(const auto user, resolve_user(actor.workspace.id, *command.user, "user", context));
        range.user = user.id;
    }
    if (command.channel) {
        CARIOSAN_TRY(const auto access,
                     open_channel<ListModerationActions>(actor, *command.channel, context));
        range.channel = access.channel.id;
    }
    CARIOSAN_TRY(auto page, context.reader.moderation().list(actor.workspace.id, range));
    Page<ModerationRecord> answer{.items = std::move(page.records)};
    if (page.next) answer.next_cursor = encode_cursor(ListOf::moderation, *page.next);
    return Outcome{.answer = std::move(answer)};
}

}  // namespace cariosan::core
