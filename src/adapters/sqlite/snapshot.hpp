/// What the reading interfaces of one connection share: the connection, and which row belongs to which id in the
/// current snapshot.
#pragma once

#include <cariosan/storage.hpp>
#include <optional>
#include <string>
#include <utility>

#include "adapters/sqlite/rows.hpp"

namespace cariosan::sqlite {

/// A channel that readers can find.
struct ResolvedChannel {
    std::int64_t row = 0;
    ChannelId id;
    std::optional<std::string> external_id;
};

/// A user of a workspace that readers can find.
struct ResolvedUser {
    std::int64_t row = 0;
    WorkspaceId workspace;
    UserId id;
    std::int64_t block_count = 0;
};

/// Caches the last workspace, channel and user looked up, because the reads of one command look up the same ones again.
class Snapshot {
  public:
    explicit Snapshot(Connection& connection) : connection_(connection) {}

    Connection& connection() noexcept { return connection_; }
    /// Call when a snapshot begins: clears what was cached from an older one.
    void forget();

    // Absent if it does not exist or was deleted, or if its workspace was.
    std::optional<std::int64_t> workspace(WorkspaceId id);
    const ResolvedChannel* channel(ChannelId id);
    const ResolvedUser* user(WorkspaceId workspace, UserId id);
    /// The row of a user in the same workspace as the channel.
    std::optional<std::int64_t> user_row(UserId id);
    /// The row of the viewer in the same workspace, and whom the viewer has blocked. Valid until another
    /// viewer is looked up.
    const ViewerRow& viewer(const Viewpoint& viewpoint);

    /// What a read returns: `value`, or the failure if a step failed.
    template <class T>
    Result<T> checked(T value) {
        if (connection_.failed()) return connection_.failure();
        return value;
    }

  private:
    Connection& connection_;
    Statement find_workspace_{connection_,
                              "SELECT id FROM workspaces WHERE uuid = ?1 AND deleted_at IS NULL"};
    Statement find_channel_{
        connection_,
        "SELECT c.id, c.external_id FROM channels c JOIN workspaces w ON w.id = c.workspace_id"
        " WHERE c.uuid = ?1 AND c.deleted_at IS NULL AND w.deleted_at IS NULL"};
    Statement find_user_{
        connection_,
        "SELECT id, block_count FROM users WHERE uuid = ?1 AND workspace_id = ?2 AND deleted_at IS NULL"};
    Statement find_user_row_{connection_, "SELECT id FROM users WHERE uuid = ?1"};
    Statement find_viewer_{connection_, "SELECT id, block_count FROM users WHERE uuid = ?1"};
    Statement blocked_{connection_, "SELECT blocked_uuid FROM blocks WHERE user_id = ?1 ORDER BY blocked_uuid"};

    std::optional<std::pair<WorkspaceId, std::int64_t>> workspace_;
    std::optional<ResolvedChannel> channel_;
    std::optional<ResolvedUser> user_;
    std::optional<std::pair<UserId, ViewerRow>> viewer_;
    const ViewerRow nobody_;
};

}  // namespace cariosan::sqlite
