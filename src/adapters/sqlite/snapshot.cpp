#include "adapters/sqlite/snapshot.hpp"

namespace cariosan::sqlite {

void Snapshot::forget() {
    workspace_.reset();
    channel_.reset();
    user_.reset();
    viewer_.reset();
}

std::optional<std::int64_t> Snapshot::workspace(WorkspaceId id) {
    if (workspace_ && workspace_->first == id) return workspace_->second;
    Rows rows = find_workspace_.query(id);
    if (!rows.next()) return std::nullopt;
    workspace_.emplace(id, rows.integer());
    return workspace_->second;
}

const ResolvedChannel* Snapshot::channel(ChannelId id) {
    if (channel_ && channel_->id == id) return &*channel_;
    Rows rows = find_channel_.query(id);
    if (!rows.next()) return nullptr;
    channel_.emplace();
    channel_->id = id;
    channel_->row = rows.integer();
    channel_->external_id = rows.optional_text();
    return &*channel_;
}

const ResolvedUser* Snapshot::user(WorkspaceId workspace_id, UserId id) {
    if (user_ && user_->id == id && user_->workspace == workspace_id) return &*user_;
    const auto workspace_row = workspace(workspace_id);
    if (!workspace_row) return nullptr;
    Rows rows = find_user_.query(id, *workspace_row);
    if (!rows.next()) return nullptr;
    user_ = ResolvedUser{rows.integer(), workspace_id, id, 0};
    user_->block_count = rows.integer();
    return &*user_;
}

std::optional<std::int64_t> Snapshot::user_row(UserId id) {
    if (user_ && user_->id == id) return user_->row;
    Rows rows = find_user_row_.query(id);
    return rows.next() ? std::optional(rows.integer()) : std::nullopt;
}

const ViewerRow& Snapshot::viewer(const Viewpoint& viewpoint) {
    if (!viewpoint.user) return nobody_;
    if (viewer_ && viewer_->first == *viewpoint.user) return viewer_->second;
    viewer_.emplace(*viewpoint.user, ViewerRow{});
    ViewerRow& viewer = viewer_->second;
    std::int64_t block_count = 0;
    if (user_ && user_->id == *viewpoint.user) {
        viewer.row = user_->row;
        block_count = user_->block_count;
    } else if (Rows rows = find_viewer_.query(*viewpoint.user); rows.next()) {
        viewer.row = rows.integer();
        block_count = rows.integer();
    }
    if (block_count == 0) return viewer;
    reserve_rows(viewer.blocked, block_count);
    Rows rows = blocked_.query(viewer.row);
    while (rows.next()) viewer.blocked.push_back(rows.id<UserId>());
    return viewer;
}

}  // namespace cariosan::sqlite
