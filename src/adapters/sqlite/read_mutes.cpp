#include "adapters/sqlite/readers_people.hpp"

namespace cariosan::sqlite {

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

Result<std::vector<Mute>> SqliteMutes::list(WorkspaceId workspace, std::optional<Key> after, std::int64_t limit,
                                            Timestamp now) {
    std::vector<Mute> list;
    if (const auto row = snapshot_.workspace(workspace)) {
        // No user's id is nil, so that the nil key stands before every mute.
        const Key key = after.value_or(Key{});
        reserve_rows(list, limit);
        Rows rows = list_.query(*row, key.user, key.channel, limit, now);
        while (rows.next()) {
            Mute mute;
            mute.until = rows.optional_timestamp();
            mute.reason = rows.optional_text();
            mute.created_at = rows.timestamp();
            mute.user = read_summary(rows);
            if (!rows.skip_null()) {
                mute.channel_id = rows.id<ChannelId>();
                mute.channel_external_id = rows.optional_text();
            }
            list.push_back(std::move(mute));
        }
    }
    return snapshot_.checked(std::move(list));
}

}  // namespace cariosan::sqlite
