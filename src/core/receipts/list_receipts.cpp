#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/receipts/receipts.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListReceipts& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListReceipts>(caller, context));
    CARIOSAN_TRY_DONE(
        Fields(context.limits).reference("channel", command.channel).range(command.range).result());
    CARIOSAN_TRY(const auto after, decode_cursor<UserId>(ListOf::receipts, command.range.cursor));
    CARIOSAN_TRY(const auto access, open_channel<ListReceipts>(actor, command.channel, context));

    const std::int64_t limit = page_limit(command.range.limit, context.limits);
    CARIOSAN_TRY(auto receipts,
                 context.reader.members().receipts(access.channel.id, after, limit + 1));
    hide_reading(receipts, actor.workspace, actor.user->id);
    ReceiptList list{.page = make_page(std::move(receipts), limit,
                                       [](const Receipt& last) {
                                           return encode_cursor(ListOf::receipts, last.user_id.uuid);
                                       }),
                     .rev = access.channel.rev,
                     .receipt_rev = access.channel.receipt_rev,
                     .epoch = std::string(context.epoch)};
    return Outcome{.answer = std::move(list)};
}

}  // namespace cariosan::core
