#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListBlocks& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListBlocks>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).range(command.range).result());
    CARIOSAN_TRY(const auto after, decode_cursor<UserId>(ListOf::blocks, command.range.cursor));

    BlockReader& reader = context.reader.blocks();
    const std::int64_t limit = page_limit(command.range.limit, context.limits);
    CARIOSAN_TRY(auto blocks,
                 reader.list(actor.workspace.id, actor.user->id, after, limit + 1));
    CARIOSAN_TRY(const auto all, reader.of(actor.workspace.id, actor.user->id));
    const auto cursor = [](const Block& last) { return encode_cursor(ListOf::blocks, last.user.id.uuid); };
    return Outcome{.answer = BlockList{.page = make_page(std::move(blocks), limit, cursor),
                                       .blocks_rev = all.rev}};
}

}  // namespace cariosan::core
