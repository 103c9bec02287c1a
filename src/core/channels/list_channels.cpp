#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListChannels& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListChannels>(caller, context));
    Fields fields(context.limits);
    fields.range(command.range);
    if (command.member) fields.reference("member", *command.member);
    CARIOSAN_TRY_DONE(fields.result());
    CARIOSAN_TRY(const auto after, decode_cursor<ChannelId>(ListOf::channels, command.range.cursor));

    ChannelFilter filter{.type = command.type};
    if (command.member) {
        CARIOSAN_TRY(const auto user, resolve_user(actor.workspace.id, *command.member, "member", context));
        filter.member = user.id;
    }
    const std::int64_t limit = page_limit(command.range.limit, context.limits);
    CARIOSAN_TRY(auto channels,
                 context.reader.channels().list(actor.workspace.id, after, limit + 1, filter));
    return Outcome{.answer = make_page(std::move(channels), limit, [](const Channel& last) {
                       return encode_cursor(ListOf::channels, last.id.uuid);
                   })};
}

}  // namespace cariosan::core
