#include "adapters/sqlite/read/workspace_readers.hpp"

namespace cariosan::sqlite {
namespace {

/// How many virtual machine steps of SQLite take about as long as a step of the budget.
constexpr std::int64_t kMachineSteps = 10;
/// To find a user, and whether one of two has blocked the other.
constexpr std::int64_t kUserSteps = 5;

}  // namespace

Result<std::optional<User>> SqliteUsers::find(WorkspaceId workspace, UserId id) {
    std::optional<User> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        Rows rows = find_.query(id, *row);
        if (rows.next()) found = read_user(rows);
    }
    return snapshot_.checked(std::move(found));
}

Result<std::optional<User>> SqliteUsers::find_external(WorkspaceId workspace, std::string_view external_id) {
    std::optional<User> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        Rows rows = find_external_.query(*row, external_id);
        if (rows.next()) found = read_user(rows);
    }
    return snapshot_.checked(std::move(found));
}

Result<std::vector<User>> SqliteUsers::list(WorkspaceId workspace, std::optional<UserId> after,
                                            std::int64_t limit) {
    std::vector<User> list;
    if (const auto row = snapshot_.workspace(workspace)) {
        Rows rows = list_.query(*row, after.value_or(UserId{}), limit);
        while (rows.next()) list.push_back(read_user(rows));
    }
    return snapshot_.checked(std::move(list));
}

struct SqliteUsers::Present {
    std::int64_t row = 0;
    std::int64_t membership_count = 0;
    UserPresence presence;
};

std::optional<SqliteUsers::Present> SqliteUsers::find_present(UserId id, std::int64_t workspace) {
    Rows rows = find_presence_.query(id, workspace);
    if (!rows.next()) return std::nullopt;
    Present found;
    found.row = rows.integer();
    found.membership_count = rows.integer();
    found.presence.user_id = id;
    found.presence.external_id = rows.text();
    found.presence.last_seen_at = rows.optional_timestamp();
    return found;
}

bool SqliteUsers::share_channel(const Present& one, const Present& other, WorkBudget& budget) {
    // Walk the channels of the user who is in fewer.
    const bool fewer = one.membership_count <= other.membership_count;
    Rows rows = share_channel_.query(fewer ? one.row : other.row, fewer ? other.row : one.row);
    const bool share = rows.next();
    budget.spend(share_channel_.take_steps() / kMachineSteps);
    return share;
}

Result<SharingUsers> SqliteUsers::sharing(WorkspaceId workspace, UserId viewer, std::span<const UserId> users,
                                          WorkBudget& budget) {
    SharingUsers answer{.found = {}, .judged = users.size()};
    const auto workspace_row = snapshot_.workspace(workspace);
    const auto reader = workspace_row ? find_present(viewer, *workspace_row) : std::nullopt;
    if (!reader) return snapshot_.checked(std::move(answer));
    answer.found.reserve(users.size());
    for (std::size_t at = 0; at < users.size(); ++at) {
        if (at > 0 && budget.spent()) {
            answer.judged = at;
            break;
        }
        budget.spend(kUserSteps);
        auto found = find_present(users[at], *workspace_row);
        if (!found || !share_channel(*reader, *found, budget)) continue;
        Rows block = block_between_.query(reader->row, viewer, found->row, users[at]);
        if (!block.next()) answer.found.push_back(std::move(found->presence));
    }
    return snapshot_.checked(std::move(answer));
}

}  // namespace cariosan::sqlite
