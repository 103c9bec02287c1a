#include "core/access.hpp"
#include "core/fields.hpp"
#include "core/paging.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListMutes& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListMutes>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).range(command.range).result();
    if (!shape) return std::move(shape).error();
    const auto after = decode_mute_cursor(command.range.cursor);
    if (!after) return after.error();

    auto mutes =
        context.reader.mutes().list(actor->workspace.id, *after, command.range.limit + 1, context.now);
    if (!mutes) return std::move(mutes).error();
    return Outcome{.answer = make_page(std::move(*mutes), command.range.limit, [](const Mute& last) {
                       return encode_cursor(
                           MuteReader::Key{.user = last.user.id, .channel = last.channel_id.value_or(ChannelId{})});
                   })};
}

}  // namespace cariosan::core
