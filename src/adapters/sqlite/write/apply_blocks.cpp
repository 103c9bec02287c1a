// Whom a user does not want to hear of.
#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {

bool Batch::hides(const MemberRow& user, UserId author) {
    if (user.block_count == 0) return false;
    Rows rows = sql_.find_block.query(user.user, author);
    return rows.next();
}

void Batch::mark_quote(Message& message, const MemberRow* user) {
    if (user == nullptr || !message.quoted_message) return;
    message.quoted_message->hidden = hides(*user, message.quoted_message->user_id);
}

Result<Batch::BlockPair> Batch::find_block_pair(WorkspaceId workspace_id, UserId user_id, UserId blocked_id) {
    const auto workspace = find_workspace(workspace_id);
    if (!workspace) return not_found("workspace");
    const auto user = find_user(workspace->id, user_id);
    const auto blocked = find_user(workspace->id, blocked_id);
    if (!user || !blocked) return not_found("user").with("field", std::string("user"));
    if (user->id == blocked->id) return invalid_field("user", "nobody can block itself");
    BlockPair pair{.workspace = workspace->id, .user = user->id, .blocked = blocked->id, .result = {}};
    pair.result.block.user = blocked->summary;
    {
        Rows rows = sql_.find_blocker.query(user->id);
        if (rows.next()) {
            pair.count = rows.integer();
            pair.result.blocks_rev = rows.integer();
        }
    }
    Rows rows = sql_.find_block.query(user->id, blocked_id);
    pair.there = rows.next();
    if (pair.there) pair.result.block.created_at = rows.timestamp();
    return pair;
}

void Batch::count_blocks(BlockPair& pair, std::int64_t change) {
    sql_.add_blocks.run(pair.user, change);
    ++pair.result.blocks_rev;
    for (auto& [key, member] : state_.members) {
        if (member.user == pair.user) member.block_count += change;
    }
    state_.wrote = true;
}

Result<Committed> Batch::apply(const mutation::BlockUser& request) {
    auto pair = find_block_pair(request.workspace, request.user, request.blocked);
    if (!pair) return std::move(pair).error();
    Committed done;
    done.created = done.changed = !pair->there;
    if (done.changed) {
        if (request.max_blocks > 0 && pair->count >= request.max_blocks) {
            return too_many("user", request.max_blocks, "blocked users");
        }
        sql_.insert_block.run(pair->user, request.blocked, pair->blocked, pair->workspace, request.at);
        count_blocks(*pair, 1);
        pair->result.block.created_at = request.at;
    }
    pair->result.blocked = true;
    done.object = std::move(pair->result);
    return done;
}

Result<Committed> Batch::apply(const mutation::UnblockUser& request) {
    auto pair = find_block_pair(request.workspace, request.user, request.blocked);
    if (!pair) return std::move(pair).error();
    Committed done;
    done.changed = pair->there;
    if (done.changed) {
        sql_.drop_block.run(pair->user, request.blocked);
        count_blocks(*pair, -1);
    }
    done.object = std::move(pair->result);
    return done;
}

}  // namespace cariosan::sqlite
