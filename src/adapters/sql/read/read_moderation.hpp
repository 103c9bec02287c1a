/// Reads records of moderation. A template over the adapter's queries.
#pragma once

#include <cariosan/storage.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::sql {
namespace detail {

/// How many more records than requested a page looks at; a page may be short, or empty, without being the last.
inline constexpr std::int64_t kLookedAt = 500;

/// A row holds the position of a record, whether it is requested, and the record.
template <class Rows>
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

}  // namespace detail

template <class Queries>
class SqlModeration final : public ModerationReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlModeration(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
    Result<ModerationPage> list(WorkspaceId workspace, const ModerationRange& range) override;
    Result<std::optional<ModerationRecord>> find(WorkspaceId workspace, ModerationRecordId id) override;
    Result<ReportPage> reports(WorkspaceId workspace, const ReportRange& range) override;
    Result<std::optional<Report>> find_report(WorkspaceId workspace, ReportId id) override;

  private:
    Snapshot& snapshot_;
    Queries sql_;
};

template <class Queries>
Result<ModerationPage> SqlModeration<Queries>::list(WorkspaceId workspace, const ModerationRange& range) {
    ModerationPage page;
    const auto row = snapshot_.workspace(workspace);
    const ResolvedChannel* channel = range.channel ? snapshot_.channel(*range.channel) : nullptr;
    const auto user = range.user ? snapshot_.user_row(*range.user) : std::nullopt;
    // Nothing was recorded about someone who does not exist.
    const bool nobody = (range.channel && channel == nullptr) || (range.user && !user);
    if (!row || nobody) return snapshot_.checked(std::move(page));
    const std::int64_t before = range.before.value_or(INT64_MAX);
    const std::int64_t rows = range.limit + detail::kLookedAt + 1;
    reserve_rows(page.records, range.limit);
    if (user) {
        detail::fill(page, sql_.of_user.query(*row, before, rows, *user, channel != nullptr ? channel->row : 0), range.limit);
    } else if (channel != nullptr) {
        detail::fill(page, sql_.of_channel.query(*row, before, rows, channel->row), range.limit);
    } else {
        detail::fill(page, sql_.of_workspace.query(*row, before, rows), range.limit);
    }
    return snapshot_.checked(std::move(page));
}

template <class Queries>
Result<std::optional<ModerationRecord>> SqlModeration<Queries>::find(WorkspaceId workspace, ModerationRecordId id) {
    std::optional<ModerationRecord> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        auto rows = sql_.find.query(*row, id);
        if (rows.next()) found = read_record(rows);
    }
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<ReportPage> SqlModeration<Queries>::reports(WorkspaceId workspace, const ReportRange& range) {
    ReportPage page;
    const auto row = snapshot_.workspace(workspace);
    if (!row) return snapshot_.checked(std::move(page));
    const std::int64_t before = range.before.value_or(INT64_MAX);
    auto rows = range.status ? sql_.reports_with.query(*row, before, range.limit + 1, *range.status)
                             : sql_.reports.query(*row, before, range.limit + 1);
    reserve_rows(page.reports, range.limit);
    for (std::int64_t last = 0; rows.next();) {
        if (std::cmp_equal(page.reports.size(), range.limit)) {
            page.next = last;
            break;
        }
        last = rows.integer();
        page.reports.push_back(read_report(rows));
    }
    return snapshot_.checked(std::move(page));
}

template <class Queries>
Result<std::optional<Report>> SqlModeration<Queries>::find_report(WorkspaceId workspace, ReportId id) {
    std::optional<Report> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        auto rows = sql_.find_report.query(*row, id);
        if (rows.next()) found = read_report(rows);
    }
    return snapshot_.checked(std::move(found));
}

}  // namespace cariosan::sql
