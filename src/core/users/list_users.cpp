#include <utility>

#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"
#include "core/users/user_query.hpp"

namespace cariosan::core {
namespace {

Result<Page<User>> read_users(WorkspaceId workspace, std::optional<UserId> after, std::int64_t limit, Context& context) {
    CARIOSAN_TRY(auto users, context.reader.users().list(workspace, after, limit + 1));
    return make_page(std::move(users), limit, [](const User& last) { return encode_cursor(ListOf::users, last.id.uuid); });
}

Result<Page<User>> find_users(WorkspaceId workspace, const std::string& q, std::optional<UserId> after, std::int64_t limit,
                              Context& context) {
    CARIOSAN_TRY(const auto query, UserQuery::parse(q, context.limits));
    return search_users<User>(
        ListOf::users, query, after, limit,
        [&](std::optional<UserId> last, std::int64_t count) { return context.reader.users().list(workspace, last, count); },
        [](const User& user) -> const User& { return user; });
}

}  // namespace

Result<Outcome> read(const ListUsers& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListUsers>(caller, context));
    Fields fields(context.limits);
    fields.range(command.range);
    if (command.q) fields.key("q", *command.q, context.limits.query_bytes);
    CARIOSAN_TRY_DONE(fields.result());
    CARIOSAN_TRY(const auto after, decode_cursor<UserId>(ListOf::users, command.range.cursor));

    const std::int64_t limit = page_limit(command.range.limit, context.limits);
    CARIOSAN_TRY(auto page, command.q ? find_users(actor.workspace.id, *command.q, after, limit, context)
                                      : read_users(actor.workspace.id, after, limit, context));
    return Outcome{.answer = std::move(page)};
}

}  // namespace cariosan::core
