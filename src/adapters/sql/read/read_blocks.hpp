/// Reads whom a user has blocked. A template over the adapter's queries.
#pragma once

#include <cariosan/storage.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::sql {

template <class Queries>
class SqlBlocks final : public BlockReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlBlocks(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
    Result<BlockedUsers> of(WorkspaceId workspace, UserId user) override;
    Result<std::vector<Block>> list(WorkspaceId workspace, UserId user, std::optional<UserId> after,
                                    std::int64_t limit) override;

  private:
    Snapshot& snapshot_;
    Queries sql_;
};

template <class Queries>
Result<BlockedUsers> SqlBlocks<Queries>::of(WorkspaceId workspace, UserId user) {
    BlockedUsers list;
    if (const ResolvedUser* known = snapshot_.user(workspace, user)) {
        list.users = snapshot_.viewer(user).blocked;
        auto rows = sql_.rev.query(known->row);
        if (rows.next()) list.rev = rows.integer();
    }
    return snapshot_.checked(std::move(list));
}

template <class Queries>
Result<std::vector<Block>> SqlBlocks<Queries>::list(WorkspaceId workspace, UserId user, std::optional<UserId> after,
                                                    std::int64_t limit) {
    std::vector<Block> list;
    if (const ResolvedUser* known = snapshot_.user(workspace, user)) {
        reserve_rows(list, limit);
        auto rows = sql_.list.query(known->row, after.value_or(UserId{}), limit);
        while (rows.next()) {
            Block block;
            block.created_at = rows.timestamp();
            block.user = read_summary(rows);
            list.push_back(std::move(block));
        }
    }
    return snapshot_.checked(std::move(list));
}

}  // namespace cariosan::sql
