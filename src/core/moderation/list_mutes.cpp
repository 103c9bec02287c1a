#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListMutes& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListMutes>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).range(command.range).result());
    CARIOSAN_TRY(const auto after, decode_mute_cursor(command.range.cursor));

    CARIOSAN_TRY(auto page,
                 context.reader.mutes().list(actor.workspace.id, after, command.range.limit, context.now));
    Page<Mute> answer{.items = std::move(page.mutes), .next_cursor = {}};
    if (cut_to_page(answer.items)) {
        const Mute& last = answer.items.back();
        page.next = MuteReader::Key{.user = last.user.id, .channel = last.channel_id.value_or(ChannelId{})};
    }
    if (page.next) answer.next_cursor = encode_cursor(*page.next);
    return Outcome{.answer = std::move(answer)};
}

}  // namespace cariosan::core
