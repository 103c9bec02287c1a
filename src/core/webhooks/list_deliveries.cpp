#include <utility>

#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/webhooks/webhook_reference.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListDeliveries& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListDeliveries>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).range(command.range).result());
    CARIOSAN_TRY(const auto before, decode_number_cursor(ListOf::deliveries, command.range.cursor));
    CARIOSAN_TRY(const auto webhook, find_webhook(actor, command.webhook, context));
    CARIOSAN_TRY(auto found, context.reader.outbox().deliveries(webhook.id, before, page_limit(command.range.limit, context.limits)));
    Page<Delivery> page{.items = std::move(found.items), .next_cursor = {}};
    if (found.next) page.next_cursor = encode_cursor(ListOf::deliveries, *found.next);
    return Outcome{.answer = std::move(page)};
}

}  // namespace cariosan::core
