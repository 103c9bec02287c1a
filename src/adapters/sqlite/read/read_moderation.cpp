#include <utility>

#include "adapters/sqlite/read/workspace_readers.hpp"

namespace cariosan::sqlite {
namespace {

/// How many more records than requested a page looks at; a page may be short, or empty, without being the last.
constexpr std::int64_t kLookedAt = 500;

/// A row holds the position of a record, whether it is requested, and the record.
void fill(ModerationPage& page, Rows rows, std::int64_t limit) {
    std::int64_t last = 0;
    std::int64_t looked_at = 0;
    while (rows.next()) {
        if (std::cmp_equal(page.records.size(), limit) || looked_at++ == limit + kLookedAt) {
            page.next = last;
            break;
        }
        last = rows.integer();
        if (rows.flag()) page.records.push_back(read_record(rows));
    }
}

}  // namespace

Result<ModerationPage> SqliteModeration::list(WorkspaceId workspace, const ModerationRange& range) {
    ModerationPage page;
    const auto row = snapshot_.workspace(workspace);
    const ResolvedChannel* channel = range.channel ? snapshot_.channel(*range.channel) : nullptr;
    const auto user = range.user ? snapshot_.user_row(*range.user) : std::nullopt;
    // Nothing was recorded about someone who does not exist.
    const bool nobody = (range.channel && channel == nullptr) || (range.user && !user);
    if (!row || nobody) return snapshot_.checked(std::move(page));
    const std::int64_t before = range.before.value_or(INT64_MAX);
    const std::int64_t rows = range.limit + kLookedAt + 1;
    reserve_rows(page.records, range.limit);
    if (user) {
        fill(page, of_user_.query(*row, before, rows, *user, channel != nullptr ? channel->row : 0), range.limit);
    } else if (channel != nullptr) {
        fill(page, of_channel_.query(*row, before, rows, channel->row), range.limit);
    } else {
        fill(page, of_workspace_.query(*row, before, rows), range.limit);
    }
    return snapshot_.checked(std::move(page));
}

Result<std::optional<ModerationRecord>> SqliteModeration::find(WorkspaceId workspace, ModerationRecordId id) {
    std::optional<ModerationRecord> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        Rows rows = find_.query(*row, id);
        if (rows.next()) found = read_record(rows);
    }
    return snapshot_.checked(std::move(found));
}

}  // namespace cariosan::sqlite
