#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListChannels& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListChannels>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).range(command.range).result();
    if (!shape) return std::move(shape).error();
    const auto after = decode_cursor<ChannelId>(ListOf::channels, command.range.cursor);
    if (!after) return after.error();

    auto channels = context.reader.channels().list(actor->workspace.id, *after, command.range.limit + 1);
    if (!channels) return std::move(channels).error();
    return Outcome{.answer = make_page(std::move(*channels), command.range.limit, [](const Channel& last) {
                       return encode_cursor(ListOf::channels, last.id.uuid);
                   })};
}

}  // namespace cariosan::core
