/// What the reading interfaces of one connection share: the connection, and which row belongs to which id in the
/// current snapshot. Templates over the adapter's queries.
#pragma once

#include <cariosan/storage.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/message_objects.hpp"
#include "adapters/sql/objects.hpp"

namespace cariosan::sql {

/// Asks a query in some order, of whose rows the caller needs the first `rows`, and whole users or revisions if one ends in
/// between. An adapter that fetches row by row has no such limit in its SQL; any other takes it as the last parameter.
template <class Queries, class Statement, class... Args>
auto ask_until(const Queries&, Statement& statement, std::int64_t rows, const Args&... args) {
    if constexpr (Queries::kFetchesRowByRow) {
        return ask(statement, args...);
    } else {
        return ask(statement, args..., rows);
    }
}

/// The same, without asking anything else meanwhile.
template <class Queries, class Statement, class... Args>
auto query_until(const Queries& queries, Statement& statement, std::int64_t rows, const Args&... args) {
    return ask_until(queries, statement, rows, args...)();
}

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
template <class Queries>
class Snapshot {
  public:
    using Connection = typename Queries::Connection;

    explicit Snapshot(Connection& connection) : connection_(connection), sql_(connection) {}

    Connection& connection() noexcept { return connection_; }
    /// Call when a snapshot begins: clears what was cached from an older one.
    void forget();

    // Absent if it does not exist or was deleted, or if its workspace was.
    std::optional<std::int64_t> workspace(WorkspaceId id);
    const ResolvedChannel* channel(ChannelId id);
    const ResolvedUser* user(WorkspaceId workspace, UserId id);
    /// A channel that was read with all its columns, so that nothing is asked for it again.
    void remember(WorkspaceId workspace, std::int64_t workspace_row, ResolvedChannel channel);
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
    Queries sql_;
    std::optional<std::pair<WorkspaceId, std::int64_t>> workspace_;
    std::optional<ResolvedChannel> channel_;
    std::optional<ResolvedUser> user_;
    std::optional<std::pair<UserId, ViewerRow>> viewer_;
    const ViewerRow nobody_;
};

template <class Queries>
void Snapshot<Queries>::forget() {
    workspace_.reset();
    channel_.reset();
    user_.reset();
    viewer_.reset();
}

template <class Queries>
std::optional<std::int64_t> Snapshot<Queries>::workspace(WorkspaceId id) {
    if (workspace_ && workspace_->first == id) return workspace_->second;
    auto rows = sql_.find_workspace.query(id);
    if (!rows.next()) return std::nullopt;
    workspace_.emplace(id, rows.integer());
    return workspace_->second;
}

template <class Queries>
const ResolvedChannel* Snapshot<Queries>::channel(ChannelId id) {
    if (channel_ && channel_->id == id) return &*channel_;
    auto rows = sql_.find_channel.query(id);
    if (!rows.next()) return nullptr;
    channel_.emplace();
    channel_->id = id;
    channel_->row = rows.integer();
    channel_->external_id = rows.optional_text();
    return &*channel_;
}

template <class Queries>
const ResolvedUser* Snapshot<Queries>::user(WorkspaceId workspace_id, UserId id) {
    if (user_ && user_->id == id && user_->workspace == workspace_id) return &*user_;
    auto rows = sql_.find_user.query(id, workspace_id);
    if (!rows.next()) return nullptr;
    user_ = ResolvedUser{rows.integer(), workspace_id, id, 0};
    user_->block_count = rows.integer();
    workspace_.emplace(workspace_id, rows.integer());
    return &*user_;
}

template <class Queries>
void Snapshot<Queries>::remember(WorkspaceId workspace, std::int64_t workspace_row, ResolvedChannel channel) {
    workspace_.emplace(workspace, workspace_row);
    channel_ = std::move(channel);
}

template <class Queries>
std::optional<std::int64_t> Snapshot<Queries>::user_row(UserId id) {
    if (user_ && user_->id == id) return user_->row;
    auto rows = sql_.find_user_row.query(id);
    return rows.next() ? std::optional(rows.integer()) : std::nullopt;
}

template <class Queries>
const ViewerRow& Snapshot<Queries>::viewer(const Viewpoint& viewpoint) {
    if (!viewpoint.user) return nobody_;
    if (viewer_ && viewer_->first == *viewpoint.user) return viewer_->second;
    viewer_.emplace(*viewpoint.user, ViewerRow{});
    ViewerRow& viewer = viewer_->second;
    std::int64_t block_count = 0;
    if (user_ && user_->id == *viewpoint.user) {
        viewer.row = user_->row;
        block_count = user_->block_count;
    } else if (auto rows = sql_.find_viewer.query(*viewpoint.user); rows.next()) {
        viewer.row = rows.integer();
        block_count = rows.integer();
    }
    if (block_count == 0) return viewer;
    reserve_rows(viewer.blocked, block_count);
    auto rows = sql_.blocked.query(viewer.row);
    while (rows.next()) viewer.blocked.push_back(read_id<UserId>(rows));
    return viewer;
}

}  // namespace cariosan::sql
