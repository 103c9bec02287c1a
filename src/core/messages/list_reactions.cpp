#include "core/access.hpp"
#include "core/messages/message_reference.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListReactions& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListReactions>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).range(command.range).result());
    CARIOSAN_TRY(const auto after, decode_number_cursor(ListOf::reactions, command.range.cursor));
    CARIOSAN_TRY(const auto place,
                 open_message<ListReactions>(actor, command.channel, command.message_id, context));
    CARIOSAN_TRY_DONE(find_message(place, actor, context));

    Viewpoint viewer;
    viewer.user = actor.user_id();
    CARIOSAN_TRY(auto page, record_page<MessageReaction>(ListOf::reactions, after, page_limit(command.range.limit, context.limits),
                                                         [&](RecordPosition from, std::int64_t limit) {
                                                             return context.reader.messages().reactions(
                                                                 place.channel, place.message, from, limit,
                                                                 viewer);
                                                         }));
    return Outcome{.answer = std::move(page)};
}

}  // namespace cariosan::core
