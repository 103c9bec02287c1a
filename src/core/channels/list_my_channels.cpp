#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListMyChannels& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListMyChannels>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits)
                     .range(command.range)
                     .number("members", command.members, 1, context.limits.members_shown)
                     .result();
    if (!shape) return std::move(shape).error();
    const auto after = decode_activity_cursor(command.range.cursor);
    if (!after) return after.error();

    if (command.archived) return Outcome{.answer = Page<MyChannel>{}};
    auto channels = context.reader.channels().list_of(actor->workspace.id, actor->user->id, *after,
                                                      command.range.limit + 1, command.members);
    if (!channels) return std::move(channels).error();
    return Outcome{.answer = make_page(std::move(*channels), command.range.limit, [](const MyChannel& last) {
                       return encode_cursor(
                           {.last_activity = last.last_activity, .channel = last.channel.id});
                   })};
}

}  // namespace cariosan::core
