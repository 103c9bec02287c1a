#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListWebhooks& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListWebhooks>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).range(command.range).result();
    if (!shape) return std::move(shape).error();
    const auto after = decode_cursor<WebhookId>(ListOf::webhooks, command.range.cursor);
    if (!after) return after.error();
    auto webhooks = context.reader.outbox().list(actor->workspace.id, *after, command.range.limit + 1);
    if (!webhooks) return std::move(webhooks).error();
    return Outcome{.answer = make_page(std::move(*webhooks), command.range.limit, [](const Webhook& last) {
                       return encode_cursor(ListOf::webhooks, last.id.uuid);
                   })};
}

}  // namespace cariosan::core
