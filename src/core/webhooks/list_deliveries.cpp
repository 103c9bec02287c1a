#include <utility>

#include "core/paging.hpp"
#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListDeliveries& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListDeliveries>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).range(command.range).result();
    if (!shape) return std::move(shape).error();
    const auto before = decode_number_cursor(ListOf::deliveries, command.range.cursor);
    if (!before) return before.error();
    const auto webhook = find_webhook(*actor, command.webhook, context);
    if (!webhook) return webhook.error();
    auto found = context.reader.outbox().deliveries(webhook->id, *before, command.range.limit);
    if (!found) return std::move(found).error();
    Page<Delivery> page{.items = std::move(found->items), .next_cursor = {}};
    if (found->next) page.next_cursor = encode_cursor(ListOf::deliveries, *found->next);
    return Outcome{.answer = std::move(page)};
}

}  // namespace cariosan::core
