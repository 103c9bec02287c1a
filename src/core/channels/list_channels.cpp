#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListChannels& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListChannels>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).range(command.range).result());
    CARIOSAN_TRY(const auto after, decode_cursor<ChannelId>(ListOf::channels, command.range.cursor));

    const std::int64_t limit = page_limit(command.range.limit, context.limits);
    CARIOSAN_TRY(auto channels,
                 context.reader.channels().list(actor.workspace.id, after, limit + 1));
    return Outcome{.answer = make_page(std::move(channels), limit, [](const Channel& last) {
                       return encode_cursor(ListOf::channels, last.id.uuid);
                   })};
}

}  // namespace cariosan::core
