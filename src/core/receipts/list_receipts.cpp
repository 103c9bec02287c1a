#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/receipts/receipts.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListReceipts& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListReceipts>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).reference("channel", command.channel).range(command.range).result();
    if (!shape) return std::move(shape).error();
    const auto after = decode_cursor<UserId>(ListOf::receipts, command.range.cursor);
    if (!after) return after.error();
    const auto access = open_channel<ListReceipts>(*actor, command.channel, context);
    if (!access) return access.error();

    auto receipts =
        context.reader.members().receipts(access->channel.id, *after, command.range.limit + 1);
    if (!receipts) return std::move(receipts).error();
    hide_reading(*receipts, actor->workspace, actor->user->id);
    ReceiptList list{.page = make_page(std::move(*receipts), command.range.limit,
                                       [](const Receipt& last) {
                                           return encode_cursor(ListOf::receipts, last.user_id.uuid);
                                       }),
                     .rev = access->channel.rev,
                     .receipt_rev = access->channel.receipt_rev,
                     .epoch = std::string(context.epoch)};
    return Outcome{.answer = std::move(list)};
}

}  // namespace cariosan::core
