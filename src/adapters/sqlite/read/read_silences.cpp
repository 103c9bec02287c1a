#include <utility>

#include "adapters/sqlite/read/workspace_readers.hpp"

namespace cariosan::sqlite {
namespace {

/// How many more than requested are looked at: silences that have ended, or of deleted channels, are skipped.
constexpr std::int64_t kLookedAtForSilences = 500;

Silence read_silence(Rows& rows) {
    Silence silence;
    silence.until = rows.optional_timestamp();
    silence.reason = rows.optional_text();
    silence.created_at = rows.timestamp();
    silence.user = read_summary(rows);
    if (!rows.skip_null()) {
        silence.channel_id = rows.id<ChannelId>();
        silence.channel_external_id = rows.optional_text();
    }
    return silence;
}

}  // namespace

Result<SilenceState> SqliteSilences::find(ChannelId channel, UserId user, Timestamp now) {
    SilenceState state;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        Rows rows = find_.query(user, known->row, now);
        while (rows.next()) {
            const auto end = rows.optional_timestamp();
            if (!state.silenced || (state.until && (!end || *end > *state.until))) state.until = end;
            state.silenced = true;
        }
    }
    return snapshot_.checked(state);
}

Result<SilenceReader::Page> SqliteSilences::list(WorkspaceId workspace, std::optional<Key> after,
                                                 std::int64_t limit, Timestamp now) {
    Page page;
    const auto row = snapshot_.workspace(workspace);
    if (!row) return snapshot_.checked(std::move(page));
    // No user's id is nil, so the nil key sorts before every silence.
    Key last = after.value_or(Key{});
    reserve_rows(page.silences, limit);
    Rows rows = list_.query(*row, last.user, last.channel, limit + kLookedAtForSilences + 1, now);
    for (std::int64_t looked_at = 0; rows.next(); ++looked_at) {
        if (std::cmp_equal(page.silences.size(), limit) || looked_at == limit + kLookedAtForSilences) {
            page.next = last;
            break;
        }
        last.user = rows.id<UserId>();
        last.channel = rows.id<ChannelId>();
        if (rows.flag()) page.silences.push_back(read_silence(rows));
    }
    return snapshot_.checked(std::move(page));
}

}  // namespace cariosan::sqlite
