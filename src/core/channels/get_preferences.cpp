#include <limits>

#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetPreferences& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<GetPreferences>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits)
                          .number("since", command.since, 0, std::numeric_limits<std::int64_t>::max())
                          .page(command.limit)
                          .result());
    ChannelReader& channels = context.reader.channels();
    const auto [workspace, user] = std::pair(actor.workspace.id, actor.user->id);
    const std::int64_t limit = page_limit(command.limit, context.limits, kUsualChanges);
    CARIOSAN_TRY(auto found, channels.preferences_of(workspace, user, command.since, limit + 1));
    // Counted in another history of this database.
    if (command.since > found.preferences_rev) {
        CARIOSAN_TRY(found, channels.preferences_of(workspace, user, 0, limit + 1));
    }
    PreferencesPage page{.channels = std::move(found.channels), .preferences_rev = found.preferences_rev};
    page.has_more = std::cmp_greater(page.channels.size(), limit);
    if (page.has_more) {
        page.channels.pop_back();
        page.preferences_rev = page.channels.back().preferences.preferences_rev;
    }
    return Outcome{.answer = std::move(page)};
}

}  // namespace cariosan::core
