// Mutations of workspaces and of users.
#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {

Result<Committed> Batch::apply(const mutation::CreateWorkspace& create) {
    const Workspace& workspace = create.workspace;
    sql_.insert_workspace.run(workspace.id, workspace.name, workspace.test, workspace.read_receipts_enabled,
                              workspace.edit_window_seconds, create.idempotency_secret, workspace.created_at);
    sql_.insert_api_secret.run(sqlite3_last_insert_rowid(sql_.connection.handle()), create.api_key,
                               create.secret_hash);
    state_.wrote = true;
    Committed done;
    done.created = true;
    done.object = workspace;
    return done;
}

Result<Committed> Batch::apply(const mutation::UpdateWorkspace& update) {
    auto found = find_workspace(update.workspace);
    if (!found) return not_found("workspace");
    Workspace& workspace = found->workspace;
    Committed done;
    const Workspace before = workspace;
    if (update.name) workspace.name = *update.name;
    if (update.read_receipts_enabled) workspace.read_receipts_enabled = *update.read_receipts_enabled;
    if (update.edit_window_seconds) workspace.edit_window_seconds = *update.edit_window_seconds;
    ModerationSettings moderation = find_moderation(*found);
    if (update.moderation) {
        const ModerationSettings old = moderation;
        merge(moderation, *update.moderation);
        if (moderation != old) {
            workspace.moderation_enabled = moderation.enabled;
            ++workspace.moderation_rev;
            write_moderation(found->id, moderation);
        }
    }
    done.changed = workspace.name != before.name ||
                   workspace.read_receipts_enabled != before.read_receipts_enabled ||
                   workspace.edit_window_seconds != before.edit_window_seconds ||
                   workspace.moderation_rev != before.moderation_rev;
    if (done.changed) {
        sql_.update_workspace.run(found->id, workspace.name, workspace.read_receipts_enabled,
                                  workspace.edit_window_seconds, workspace.moderation_enabled,
                                  workspace.moderation_rev);
        state_.wrote = true;
    }
    done.object = WorkspaceSettings{std::move(workspace), std::move(moderation)};
    return done;
}

Result<Committed> Batch::apply(const mutation::DeleteWorkspace& remove) {
    const auto found = find_workspace(remove.workspace);
    if (!found) return not_found("workspace");
    flush();
    std::erase_if(state_.channels,
                  [&](const auto& entry) { return entry.second.workspace == remove.workspace; });
    sql_.delete_workspace.run(found->id, remove.at);
    state_.wrote = true;
    state_.deleted = true;
    return Committed{};
}

Result<Committed> Batch::apply(const mutation::RotateSecret& rotate) {
    auto found = find_workspace(rotate.workspace);
    if (!found) return not_found("workspace");
    sql_.expire_api_secrets.run(found->id, rotate.old_expire_at);
    sql_.drop_expired_api_secrets.run(found->id, rotate.at);
    sql_.drop_more_api_secrets.run(found->id, rotate.max_secrets - 1);
    sql_.insert_api_secret.run(found->id, rotate.api_key, rotate.secret_hash);
    state_.wrote = true;
    Committed done;
    done.object = std::move(found->workspace);
    return done;
}

namespace {

/// Makes of a user what a mutation says; answers whether anything differs.
template <class M>
bool change_user(User& user, const M& change) {
    bool differs = false;
    const auto take = [&differs](auto& field, const auto& wanted) {
        if (!wanted || *wanted == field) return;
        field = *wanted;
        differs = true;
    };
    take(user.name, change.name);
    take(user.avatar_url, change.avatar_url);
    take(user.metadata, change.metadata);
    return differs;
}

struct StoredUser {
    std::int64_t row = 0;
    User user;
};

/// The one user that is asked for. The statement has ended when this returns.
std::optional<StoredUser> stored_user(Rows rows) {
    if (!rows.next()) return std::nullopt;
    StoredUser found;
    found.row = rows.integer();
    found.user = read_user(rows);
    return found;
}

}  // namespace

Result<Committed> Batch::insert_user(std::int64_t workspace, const mutation::UpsertUser& upsert) {
    if (!upsert.name) return invalid_field("name", "name is missing: the user is new");
    const auto taken = UserId::parse(upsert.external_id);
    if (taken && find_user(workspace, *taken)) {
        return Error(ErrorCode::conflict, "the external_id is the id of another user")
            .with("field", std::string("external_id"));
    }
    CommittedUser out;
    User& user = out.user;
    user.id = upsert.new_id;
    user.external_id = upsert.external_id;
    user.created_at = user.updated_at = upsert.at;
    change_user(user, upsert);
    sql_.insert_user.run(user.id, workspace, user.external_id, user.name, user.avatar_url, user.created_at,
                         user.metadata);
    state_.wrote = true;
    Committed done;
    done.created = true;
    done.object = std::move(out);
    return done;
}

Committed Batch::write_user(std::int64_t row, User user, bool differs, Timestamp at) {
    CommittedUser out;
    Committed done;
    done.changed = differs;
    if (differs) {
        user.updated_at = at;
        sql_.update_user.run(row, user.name, user.avatar_url, user.metadata, at);
        for (auto& [key, member] : state_.members) {
            if (member.user != row) continue;
            member.summary.name = user.name;
            member.summary.avatar_url = user.avatar_url;
        }
        Rows rows = sql_.channels_of_user.query(row);
        while (rows.next()) out.channels.push_back(rows.id<ChannelId>());
        state_.wrote = true;
    }
    out.user = std::move(user);
    done.object = std::move(out);
    return done;
}

Result<Committed> Batch::apply(const mutation::UpsertUser& upsert) {
    const auto workspace = find_workspace(upsert.workspace);
    if (!workspace) return not_found("workspace");
    auto found = stored_user(sql_.find_user_external.query(workspace->id, upsert.external_id));
    if (!found) return insert_user(workspace->id, upsert);
    const bool differs = change_user(found->user, upsert);
    return write_user(found->row, std::move(found->user), differs, upsert.at);
}

Result<Committed> Batch::apply(const mutation::UpdateUser& update) {
    const auto workspace = find_workspace(update.workspace);
    if (!workspace) return not_found("workspace");
    auto found = stored_user(sql_.find_whole_user.query(workspace->id, update.user));
    if (!found) return not_found("user");
    const bool differs = change_user(found->user, update);
    return write_user(found->row, std::move(found->user), differs, update.at);
}

Result<Committed> Batch::apply(const mutation::RecordLastSeen& record) {
    for (const LastSeen& each : record.users) sql_.record_last_seen.run(each.user, each.at);
    Committed done;
    done.changed = !record.users.empty();
    state_.wrote = state_.wrote || done.changed;
    return done;
}

Result<Committed> Batch::apply(const mutation::DeleteUser& remove) {
    const auto workspace = find_workspace(remove.workspace);
    if (!workspace) return not_found("workspace");
    const auto user = find_user(workspace->id, remove.user);
    if (!user) return not_found("user");
    CommittedUser out;
    out.user.id = remove.user;
    out.user.external_id = user->summary.external_id;
    out.user.name = user->summary.name;
    {
        Rows rows = sql_.channels_of_user.query(user->id);
        while (rows.next()) out.channels.push_back(rows.id<ChannelId>());
    }
    sql_.delete_user.run(user->id, remove.at,
                         remove.erase ? UnfinishedDeletion::memberships_and_texts : UnfinishedDeletion::memberships);
    for (auto& [key, member] : state_.members) {
        if (member.user == user->id) member.summary = {.id = remove.user, .external_id = {}, .name = {}, .avatar_url = {}, .deleted = true};
    }
    state_.wrote = true;
    state_.blanked = true;
    Committed done;
    done.object = std::move(out);
    return done;
}

Result<Committed> Batch::apply(const mutation::FinishDeletion& finish) {
    const auto workspace = find_workspace(finish.workspace);
    if (!workspace) return not_found("workspace");
    std::int64_t user = 0;
    bool erase = false;
    {
        Rows rows = sql_.find_deletion.query(finish.user, workspace->id);
        if (rows.next()) {
            user = rows.integer();
            erase = rows.code<UnfinishedDeletion>() == UnfinishedDeletion::memberships_and_texts;
        }
    }
    Committed done;
    done.changed = user != 0;
    if (user == 0) return done;
    state_.wrote = true;
    std::vector<Statement*> drops{&sql_.drop_some_silences, &sql_.drop_some_blocks, &sql_.drop_some_devices};
    if (erase) drops.push_back(&sql_.erase_some_excerpts);
    for (Statement* drop : drops) {
        drop->run(user);
        if (sqlite3_changes64(sql_.connection.handle()) == 0) continue;
        state_.blanked = state_.blanked || drop == &sql_.erase_some_excerpts;
        return done;
    }
    sql_.finish_deletion.run(user);
    return done;
}

}  // namespace cariosan::sqlite
