#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListMembers& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListMembers>(caller, context));
    CARIOSAN_TRY_DONE(
        Fields(context.limits).reference("channel", command.channel).range(command.range).result());
    CARIOSAN_TRY(const auto after, decode_cursor<UserId>(ListOf::members, command.range.cursor));
    CARIOSAN_TRY(const auto access, open_channel<ListMembers>(actor, command.channel, context));

    const std::int64_t limit = page_limit(command.range.limit, context.limits);
    CARIOSAN_TRY(auto members,
                 context.reader.members().list(access.channel.id, after, limit + 1));
    MemberList list{.page = make_page(
                        std::move(members), limit,
                        [](const Member& last) { return encode_cursor(ListOf::members, last.user.id.uuid); }),
                    .rev = access.channel.rev,
                    .receipt_rev = access.channel.receipt_rev,
                    .epoch = std::string(context.epoch)};
    return Outcome{.answer = std::move(list)};
}

}  // namespace cariosan::core
