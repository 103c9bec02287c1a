#include <utility>

#include "adapters/sqlite/read/readers_people.hpp"

namespace cariosan::sqlite {
namespace {

/// So many more than were asked for are looked at: those that are over, or of channels that are gone, take no place.
constexpr std::int64_t kLookedAtForMutes = 500;

Mute read_mute(Rows& rows) {
    Mute mute;
    mute.until = rows.optional_timestamp();
    mute.reason = rows.optional_text();
    mute.created_at = rows.timestamp();
    mute.user = read_summary(rows);
    if (!rows.skip_null()) {
        mute.channel_id = rows.id<ChannelId>();
        mute.channel_external_id = rows.optional_text();
    }
    return mute;
}

}  // namespace

Result<MuteState> SqliteMutes::find(ChannelId channel, UserId user, Timestamp now) {
    MuteState state;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        Rows rows = find_.query(user, known->row, now);
        while (rows.next()) {
            const auto end = rows.optional_timestamp();
            if (!state.muted || (state.until && (!end || *end > *state.until))) state.until = end;
            state.muted = true;
        }
    }
    return snapshot_.checked(state);
}

Result<MuteReader::Page> SqliteMutes::list(WorkspaceId workspace, std::optional<Key> after, std::int64_t limit,
                                           Timestamp now) {
    Page page;
    const auto row = snapshot_.workspace(workspace);
    if (!row) return snapshot_.checked(std::move(page));
    // No user's id is nil, so that the nil key stands before every mute.
    Key last = after.value_or(Key{});
    reserve_rows(page.mutes, limit);
    Rows rows = list_.query(*row, last.user, last.channel, limit + kLookedAtForMutes + 1, now);
    for (std::int64_t looked_at = 0; rows.next(); ++looked_at) {
        if (std::cmp_equal(page.mutes.size(), limit) || looked_at == limit + kLookedAtForMutes) {
            page.next = last;
            break;
        }
        last.user = rows.id<UserId>();
        last.channel = rows.id<ChannelId>();
        if (rows.flag()) page.mutes.push_back(read_mute(rows));
    }
    return snapshot_.checked(std::move(page));
}

}  // namespace cariosan::sqlite
