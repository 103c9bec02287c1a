#include "adapters/sqlite/readers.hpp"

namespace cariosan::sqlite {

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

}  // namespace cariosan::sqlite
