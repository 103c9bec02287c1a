#include "adapters/sqlite/read/workspace_readers.hpp"

namespace cariosan::sqlite {

Result<BlockedUsers> SqliteBlocks::of(WorkspaceId workspace, UserId user) {
    BlockedUsers list;
    if (const ResolvedUser* known = snapshot_.user(workspace, user)) {
        list.users = snapshot_.viewer(user).blocked;
        Rows rows = rev_.query(known->row);
        if (rows.next()) list.rev = rows.integer();
    }
    return snapshot_.checked(std::move(list));
}

Result<std::vector<Block>> SqliteBlocks::list(WorkspaceId workspace, UserId user, std::optional<UserId> after,
                                              std::int64_t limit) {
    std::vector<Block> list;
    if (const ResolvedUser* known = snapshot_.user(workspace, user)) {
        reserve_rows(list, limit);
        Rows rows = list_.query(known->row, after.value_or(UserId{}), limit);
        while (rows.next()) {
            Block block;
            block.created_at = rows.timestamp();
            block.user = read_summary(rows);
            list.push_back(std::move(block));
        }
    }
    return snapshot_.checked(std::move(list));
}

}  // namespace cariosan::sqlite
