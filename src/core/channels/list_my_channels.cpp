#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListMyChannels& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListMyChannels>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).range(command.range).shown(command.members).result());
    CARIOSAN_TRY(const auto after, decode_activity_cursor(command.range.cursor));

    const std::int64_t limit = page_limit(command.range.limit, context.limits);
    CARIOSAN_TRY(auto channels, context.reader.channels().list_of(
                                    actor.workspace.id, actor.user->id,
                                    {.after = after,
                                     .limit = limit + 1,
                                     .members = members_shown(command.members, context.limits),
                                     .archived = command.archived}));
    return Outcome{.answer = make_page(std::move(channels), limit, [](const MyChannel& last) {
                       return encode_cursor(
                           {.last_activity = last.last_activity, .channel = last.channel.id});
                   })};
}

}  // namespace cariosan::core
