/// Reads who may not write for a while. A template over the adapter's queries.
#pragma once

#include <cariosan/storage.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::sql {
namespace detail {

/// How many more than requested are looked at: silences that have ended, or of deleted channels, are skipped.
inline constexpr std::int64_t kLookedAtForSilences = 500;

template <class Rows>
Silence read_silence(Rows& rows) {
    Silence silence;
    silence.until = rows.optional_timestamp();
    silence.reason = rows.optional_text();
    silence.created_at = rows.timestamp();
    silence.user = read_summary(rows);
    if (!rows.skip_null()) {
        silence.channel_id = read_id<ChannelId>(rows);
        silence.channel_external_id = rows.optional_text();
    }
    return silence;
}

}  // namespace detail

template <class Queries>
class SqlSilences final : public SilenceReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlSilences(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
    Result<SilenceState> find(ChannelId channel, UserId user, Timestamp now) override;
    Result<Page> list(WorkspaceId workspace, std::optional<Key> after, std::int64_t limit, Timestamp now) override;

  private:
    Snapshot& snapshot_;
    Queries sql_;
};

template <class Queries>
Result<SilenceState> SqlSilences<Queries>::find(ChannelId channel, UserId user, Timestamp now) {
    SilenceState state;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        auto rows = sql_.find.query(user, known->row, now);
        while (rows.next()) {
            const auto end = rows.optional_timestamp();
            if (!state.silenced || (state.until && (!end || *end > *state.until))) state.until = end;
            state.silenced = true;
        }
    }
    return snapshot_.checked(state);
}

template <class Queries>
Result<SilenceReader::Page> SqlSilences<Queries>::list(WorkspaceId workspace, std::optional<Key> after,
                                                       std::int64_t limit, Timestamp now) {
    Page page;
    const auto row = snapshot_.workspace(workspace);
    if (!row) return snapshot_.checked(std::move(page));
    // No user's id is nil, so the nil key sorts before every silence.
    Key last = after.value_or(Key{});
    reserve_rows(page.silences, limit);
    auto rows = sql_.list.query(*row, last.user, last.channel, limit + detail::kLookedAtForSilences + 1, now);
    for (std::int64_t looked_at = 0; rows.next(); ++looked_at) {
        if (std::cmp_equal(page.silences.size(), limit) || looked_at == limit + detail::kLookedAtForSilences) {
            page.next = last;
            break;
        }
        last.user = read_id<UserId>(rows);
        last.channel = read_id<ChannelId>(rows);
        if (rows.flag()) page.silences.push_back(detail::read_silence(rows));
    }
    return snapshot_.checked(std::move(page));
}

}  // namespace cariosan::sql
