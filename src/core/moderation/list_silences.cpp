#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListSilences& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListSilences>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).range(command.range).result());
    CARIOSAN_TRY(const auto after, decode_silence_cursor(command.range.cursor));

    CARIOSAN_TRY(auto page,
                 context.reader.silences().list(actor.workspace.id, after, page_limit(command.range.limit, context.limits), context.now));
    Page<Silence> answer{.items = std::move(page.silences), .next_cursor = {}};
    if (cut_to_page(answer.items)) {
        const Silence& last = answer.items.back();
        page.next =
            SilenceReader::Key{.user = last.user.id, .channel = last.channel_id.value_or(ChannelId{})};
    }
    if (page.next) answer.next_cursor = encode_cursor(*page.next);
    return Outcome{.answer = std::move(answer)};
}

}  // namespace cariosan::core
