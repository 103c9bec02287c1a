// Creating, changing and deleting workspaces, and their secrets.
#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"

namespace cariosan::commit {

Result<Committed> decide(BatchRows& rows, const mutation::CreateWorkspace& create) {
    rows.workspaces.insert(create);
    rows.wrote();
    Committed done;
    done.created = true;
    done.object = create.workspace;
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::UpdateWorkspace& update) {
    auto row = rows.workspaces.find(update.workspace);
    if (!row) return not_found("workspace");
    Workspace& workspace = row->workspace;
    const Workspace before = workspace;
    if (update.name) workspace.name = *update.name;
    if (update.read_receipts_enabled) workspace.read_receipts_enabled = *update.read_receipts_enabled;
    if (update.edit_window_seconds) workspace.edit_window_seconds = *update.edit_window_seconds;
    ModerationSettings moderation = rows.workspaces.moderation(*row);
    if (update.moderation) {
        const ModerationSettings old = moderation;
        merge(moderation, *update.moderation);
        if (moderation != old) {
            workspace.moderation_enabled = moderation.enabled;
            ++workspace.moderation_rev;
            rows.workspaces.write_moderation(row->id, moderation);
        }
    }
    Committed done;
    done.settings_changed = workspace.read_receipts_enabled != before.read_receipts_enabled ||
                            workspace.edit_window_seconds != before.edit_window_seconds;
    done.changed = done.settings_changed || workspace.name != before.name ||
                   workspace.moderation_rev != before.moderation_rev;
    if (done.changed) {
        rows.workspaces.update(*row);
        rows.wrote();
    }
    done.object = WorkspaceSettings{std::move(workspace), std::move(moderation)};
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::DeleteWorkspace& remove) {
    const auto row = rows.workspaces.find(remove.workspace);
    if (!row) return not_found("workspace");
    rows.flush();
    rows.forget_channels_of(remove.workspace);
    rows.workspaces.remove(row->id, remove.at);
    rows.deleted();
    return Committed{};
}

Result<Committed> decide(BatchRows& rows, const mutation::RotateSecret& rotate) {
    auto row = rows.workspaces.find(rotate.workspace);
    if (!row) return not_found("workspace");
    rows.workspaces.retire_secrets(row->id, rotate.at, rotate.old_expire_at, rotate.max_secrets - 1);
    rows.workspaces.insert_secret(row->id, rotate.api_key, rotate.secret_hash);
    rows.wrote();
    Committed done;
    done.object = std::move(row->workspace);
    return done;
}

}  // namespace cariosan::commit
