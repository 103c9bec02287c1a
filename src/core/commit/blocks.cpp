// Block lists.
#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"
#include "core/refusals.hpp"

namespace cariosan::commit {
namespace {

/// The blocking user and the blocked one.
struct BlockPair {
    RowId workspace = 0;
    RowId user = 0;
    UserRow blocked;
    std::int64_t count = 0;  ///< how many users `user` has blocked
    bool there = false;
    CommittedBlock result;
};

Result<BlockPair> find_pair(BatchRows& rows, WorkspaceId workspace_id, UserId user_id, UserId blocked_id) {
    const auto workspace = rows.workspaces.find(workspace_id);
    if (!workspace) return not_found("workspace");
    const auto user = rows.users.find(workspace->id, user_id);
    auto blocked = rows.users.find(workspace->id, blocked_id);
    if (!user || !blocked) return not_found("user").with("field", std::string("user"));
    if (user->id == blocked->id) return core::nobody_blocks_itself();
    BlockPair pair;
    pair.workspace = workspace->id;
    pair.user = user->id;
    pair.blocked = *std::move(blocked);
    pair.result.block.user = pair.blocked.summary;
    const BlockerRow blocker = rows.blocks.blocker(pair.user);
    pair.count = blocker.count;
    pair.result.blocks_rev = blocker.blocks_rev;
    const auto since = rows.blocks.find(pair.user, blocked_id);
    pair.there = since.has_value();
    if (since) pair.result.block.created_at = *since;
    return pair;
}

void count_blocks(BatchRows& rows, BlockPair& pair, std::int64_t change) {
    rows.blocks.add_blocks(pair.user, change);
    ++pair.result.blocks_rev;
    rows.change_user(pair.user, [change](HeldMember& member) { member.block_count += change; });
    rows.wrote();
}

}  // namespace

Result<Committed> decide(BatchRows& rows, const mutation::BlockUser& request) {
    auto pair = find_pair(rows, request.workspace, request.user, request.blocked);
    if (!pair) return std::move(pair).error();
    Committed done;
    done.created = done.changed = !pair->there;
    if (done.changed) {
        if (request.max_blocks > 0 && pair->count >= request.max_blocks) {
            return too_many("user", request.max_blocks, "blocked users", "a user");
        }
        rows.blocks.insert(pair->workspace, pair->user, pair->blocked, request.at);
        count_blocks(rows, *pair, 1);
        pair->result.block.created_at = request.at;
    }
    pair->result.blocked = true;
    done.object = std::move(pair->result);
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::UnblockUser& request) {
    auto pair = find_pair(rows, request.workspace, request.user, request.blocked);
    if (!pair) return std::move(pair).error();
    Committed done;
    done.changed = pair->there;
    if (done.changed) {
        rows.blocks.remove(pair->user, request.blocked);
        count_blocks(rows, *pair, -1);
    }
    done.object = std::move(pair->result);
    return done;
}

}  // namespace cariosan::commit
