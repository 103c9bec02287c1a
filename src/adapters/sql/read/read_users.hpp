/// Reads users. A template over the adapter's queries.
#pragma once

#include <algorithm>
#include <cariosan/storage.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::sql {
namespace detail {

/// To find a user, and whether one of two has blocked the other.
inline constexpr std::int64_t kUserSteps = 5;

}  // namespace detail

template <class Queries>
class SqlUsers final : public UserReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlUsers(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
    Result<std::optional<User>> find(WorkspaceId workspace, UserId id) override;
    Result<std::optional<User>> find_external(WorkspaceId workspace, std::string_view external_id) override;
    Result<std::vector<User>> list(WorkspaceId workspace, std::optional<UserId> after,
                                   std::int64_t limit) override;
    Result<SharingUsers> sharing(WorkspaceId workspace, UserId viewer, std::span<const UserId> users,
                                 WorkBudget& budget) override;

  private:
    struct Present;
    struct Reading;
    void share_one_by_one(const Reading& reading, std::span<const UserId> users, WorkBudget& budget, SharingUsers& answer);
    void share_as_list(const Reading& reading, std::span<const UserId> users, WorkBudget& budget, SharingUsers& answer);
    std::optional<Present> find_present(UserId id, std::int64_t workspace);
    bool share_channel(const Present& one, const Present& other, WorkBudget& budget);

    Snapshot& snapshot_;
    Queries sql_;
};

template <class Queries>
Result<std::optional<User>> SqlUsers<Queries>::find(WorkspaceId workspace, UserId id) {
    std::optional<User> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        auto rows = sql_.find.query(id, *row);
        if (rows.next()) found = read_user(rows);
    }
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<std::optional<User>> SqlUsers<Queries>::find_external(WorkspaceId workspace, std::string_view external_id) {
    std::optional<User> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        auto rows = sql_.find_external.query(*row, external_id);
        if (rows.next()) found = read_user(rows);
    }
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<std::vector<User>> SqlUsers<Queries>::list(WorkspaceId workspace, std::optional<UserId> after,
                                                  std::int64_t limit) {
    std::vector<User> list;
    if (const auto row = snapshot_.workspace(workspace)) {
        auto rows = sql_.list.query(*row, after.value_or(UserId{}), limit);
        while (rows.next()) list.push_back(read_user(rows));
    }
    return snapshot_.checked(std::move(list));
}

template <class Queries>
struct SqlUsers<Queries>::Present {
    std::int64_t row = 0;
    std::int64_t membership_count = 0;
    UserPresence presence;
};

/// Who asks.
template <class Queries>
struct SqlUsers<Queries>::Reading {
    std::int64_t workspace = 0;
    UserId viewer;
    Present reader;
};

template <class Queries>
std::optional<typename SqlUsers<Queries>::Present> SqlUsers<Queries>::find_present(UserId id, std::int64_t workspace) {
    auto rows = sql_.find_presence.query(id, workspace);
    if (!rows.next()) return std::nullopt;
    Present found;
    found.row = rows.integer();
    found.membership_count = rows.integer();
    found.presence.user_id = id;
    found.presence.external_id = rows.text();
    found.presence.last_seen_at = rows.optional_timestamp();
    return found;
}

template <class Queries>
bool SqlUsers<Queries>::share_channel(const Present& one, const Present& other, WorkBudget& budget) {
    // Walk the channels of the user who is in fewer.
    const bool fewer = one.membership_count <= other.membership_count;
    auto rows = sql_.share_channel.query(fewer ? one.row : other.row, fewer ? other.row : one.row);
    const bool share = rows.next();
    budget.spend(sql_.share_channel.take_steps() / Queries::kStepsOfBudget);
    return share;
}

template <class Queries>
void SqlUsers<Queries>::share_one_by_one(const Reading& reading, std::span<const UserId> users, WorkBudget& budget,
                                         SharingUsers& answer) {
    for (std::size_t at = 0; at < users.size(); ++at) {
        if (at > 0 && budget.spent()) {
            answer.judged = at;
            break;
        }
        budget.spend(detail::kUserSteps);
        auto found = find_present(users[at], reading.workspace);
        if (!found || !share_channel(reading.reader, *found, budget)) continue;
        auto block = sql_.block_between.query(reading.reader.row, reading.viewer, found->row, users[at]);
        if (!block.next()) answer.found.push_back(std::move(found->presence));
    }
}

/// With two queries: who they are, then whom of those that the budget covers the reader shares a channel with.
template <class Queries>
void SqlUsers<Queries>::share_as_list(const Reading& reading, std::span<const UserId> users, WorkBudget& budget,
                                      SharingUsers& answer) {
    std::vector<Uuid> ids;
    ids.reserve(users.size());
    for (const UserId& user : users) ids.push_back(user.uuid);
    std::vector<std::int64_t> asked;
    {
        auto rows = sql_.find_presences.query(sql_.find_presences.list(ids), reading.workspace);
        for (std::size_t at = 0; rows.next(); ++at) {
            if (at > 0 && budget.spent()) {
                answer.judged = at;
                break;
            }
            budget.spend(detail::kUserSteps);
            if (rows.skip_null()) continue;
            const std::int64_t row = rows.integer();
            budget.spend(std::min(rows.integer(), reading.reader.membership_count));
            asked.push_back(row);
        }
    }
    if (asked.empty()) return;
    auto rows = sql_.sharing.query(reading.reader.row, sql_.sharing.list(asked), reading.reader.membership_count);
    while (rows.next()) {
        UserPresence& presence = answer.found.emplace_back();
        presence.user_id = read_id<UserId>(rows);
        presence.external_id = rows.text();
        presence.last_seen_at = rows.optional_timestamp();
    }
}

template <class Queries>
Result<SharingUsers> SqlUsers<Queries>::sharing(WorkspaceId workspace, UserId viewer, std::span<const UserId> users,
                                                WorkBudget& budget) {
    SharingUsers answer{.found = {}, .judged = users.size()};
    const auto workspace_row = snapshot_.workspace(workspace);
    auto reader = workspace_row ? find_present(viewer, *workspace_row) : std::nullopt;
    if (!reader || users.empty()) return snapshot_.checked(std::move(answer));
    answer.found.reserve(users.size());
    const Reading reading{.workspace = *workspace_row, .viewer = viewer, .reader = *std::move(reader)};
    if constexpr (Queries::kFetchesRowByRow) {
        share_one_by_one(reading, users, budget, answer);
    } else {
        share_as_list(reading, users, budget, answer);
    }
    return snapshot_.checked(std::move(answer));
}

}  // namespace cariosan::sql
