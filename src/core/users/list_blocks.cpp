#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListBlocks& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListBlocks>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).range(command.range).result();
    if (!shape) return std::move(shape).error();
    const auto after = decode_cursor<UserId>(ListOf::blocks, command.range.cursor);
    if (!after) return after.error();

    BlockReader& reader = context.reader.blocks();
    auto blocks = reader.list(actor->workspace.id, actor->user->id, *after, command.range.limit + 1);
    if (!blocks) return std::move(blocks).error();
    const auto all = reader.of(actor->workspace.id, actor->user->id);
    if (!all) return all.error();
    const auto cursor = [](const Block& last) { return encode_cursor(ListOf::blocks, last.user.id.uuid); };
    return Outcome{.answer = BlockList{.page = make_page(std::move(*blocks), command.range.limit, cursor),
                                       .blocks_rev = all->rev}};
}

}  // namespace cariosan::core
