#include <string>
#include <utility>
#include <vector>

#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"
#include "core/users/user_query.hpp"

namespace cariosan::core {
namespace {

std::string cursor_after(const Member& last) { return encode_cursor(ListOf::members, last.user.id.uuid); }

Result<Page<Member>> read_page(ChannelId channel, std::optional<UserId> after, std::int64_t limit, Context& context) {
    CARIOSAN_TRY(auto members, context.reader.members().list(channel, after, limit + 1));
    return make_page(std::move(members), limit, cursor_after);
}

Result<Page<Member>> search(ChannelId channel, const std::string& q, std::optional<UserId> after, std::int64_t limit,
                            Context& context) {
    CARIOSAN_TRY(const auto query, UserQuery::parse(q, context.limits));
    return search_users<Member>(
        ListOf::members, query, after, limit,
        [&](std::optional<UserId> last, std::int64_t count) { return context.reader.members().list(channel, last, count); },
        [](const Member& member) -> const UserSummary& { return member.user; });
}

}  // namespace

Result<Outcome> read(const ListMembers& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListMembers>(caller, context));
    Fields fields(context.limits);
    fields.reference("channel", command.channel).range(command.range);
    if (command.q) fields.key("q", *command.q, context.limits.query_bytes);
    CARIOSAN_TRY_DONE(fields.result());
    CARIOSAN_TRY(const auto after, decode_cursor<UserId>(ListOf::members, command.range.cursor));
    CARIOSAN_TRY(const auto access, open_channel<ListMembers>(actor, command.channel, context));

    const std::int64_t limit = page_limit(command.range.limit, context.limits);
    CARIOSAN_TRY(auto page, command.q ? search(access.channel.id, *command.q, after, limit, context)
                                      : read_page(access.channel.id, after, limit, context));
    MemberList list{.page = std::move(page),
                    .rev = access.channel.rev,
                    .receipt_rev = access.channel.receipt_rev,
                    .epoch = std::string(context.epoch)};
    return Outcome{.answer = std::move(list)};
}

}  // namespace cariosan::core
