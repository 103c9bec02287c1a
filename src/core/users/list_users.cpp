#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListUsers& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListUsers>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).range(command.range).result();
    if (!shape) return std::move(shape).error();
    const auto after = decode_cursor<UserId>(ListOf::users, command.range.cursor);
    if (!after) return after.error();

    auto users = context.reader.users().list(actor->workspace.id, *after, command.range.limit + 1);
    if (!users) return std::move(users).error();
    return Outcome{.answer = make_page(std::move(*users), command.range.limit, [](const User& last) {
                       return encode_cursor(ListOf::users, last.id.uuid);
                   })};
}

}  // namespace cariosan::core
