#include "core/access.hpp"
#include "core/messages/message_reference.hpp"
#include "core/paging.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListReactions& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListReactions>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).range(command.range).result();
    if (!shape) return std::move(shape).error();
    const auto after = decode_number_cursor(ListOf::reactions, command.range.cursor);
    if (!after) return after.error();
    const auto place = open_message<ListReactions>(*actor, command.channel, command.message_id, context);
    if (!place) return place.error();
    const auto message = find_message(*place, *actor, context);
    if (!message) return message.error();

    Viewpoint viewer;
    viewer.user = actor->user_id();
    auto page = record_page<MessageReaction>(
        ListOf::reactions, *after, command.range.limit, [&](RecordPosition from, std::int64_t limit) {
            return context.reader.messages().reactions(place->channel, place->message, from, limit, viewer);
        });
    if (!page) return std::move(page).error();
    return Outcome{.answer = std::move(*page)};
}

}  // namespace cariosan::core
