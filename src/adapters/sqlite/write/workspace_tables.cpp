// Workspaces, their API keys and their settings.
#include "adapters/sqlite/write/tables.hpp"

namespace cariosan::sqlite {
namespace {

std::string joined_terms(const std::vector<std::string>& terms) {
    std::string text;
    for (const std::string& term : terms) {
        text += term;
        text += '\n';
    }
    return text;
}

}  // namespace

std::optional<commit::WorkspaceRow> SqliteWorkspaceTable::find(WorkspaceId id) {
    Rows rows = sql_.find_workspace.query(id);
    if (!rows.next()) return std::nullopt;
    commit::WorkspaceRow row;
    row.id = rows.integer();
    row.workspace = read_workspace(rows);
    return row;
}

void SqliteWorkspaceTable::insert(const mutation::CreateWorkspace& create) {
    const Workspace& workspace = create.workspace;
    const RowId id = sql_.insert_workspace.insert(
        workspace.id, workspace.name, workspace.test, workspace.read_receipts_enabled, workspace.edit_window_seconds,
        create.idempotency_secret, workspace.created_at);
    insert_secret(id, create.api_key, create.secret_hash);
}

void SqliteWorkspaceTable::update(const commit::WorkspaceRow& row) {
    const Workspace& workspace = row.workspace;
    sql_.update_workspace.run(row.id, workspace.name, workspace.read_receipts_enabled, workspace.edit_window_seconds,
                              workspace.moderation_enabled, workspace.moderation_rev);
}

void SqliteWorkspaceTable::remove(RowId id, Timestamp at) { sql_.delete_workspace.run(id, at); }

ModerationSettings SqliteWorkspaceTable::moderation(const commit::WorkspaceRow& row) {
    Rows rows = sql_.find_moderation.query(row.id);
    ModerationSettings settings = rows.next() ? read_moderation(rows) : ModerationSettings{};
    settings.enabled = row.workspace.moderation_enabled;
    return settings;
}

void SqliteWorkspaceTable::write_moderation(RowId id, const ModerationSettings& settings) {
    const auto& [enabled, profanity, link, phone, flood, blocklist, allowlist, auto_mute_seconds] = settings;
    sql_.write_moderation.run(id, profanity.enabled, profanity.action, profanity.min_severity, link.enabled,
                              link.action, phone.enabled, phone.action, flood.enabled, flood.action,
                              flood.max_repeats, flood.window_seconds, auto_mute_seconds, joined_terms(blocklist),
                              joined_terms(allowlist));
}

void SqliteWorkspaceTable::retire_secrets(RowId id, Timestamp now, Timestamp expire_at, std::int64_t keep) {
    sql_.expire_api_secrets.run(id, expire_at);
    sql_.drop_expired_api_secrets.run(id, now);
    sql_.drop_more_api_secrets.run(id, keep);
}

void SqliteWorkspaceTable::insert_secret(RowId id, std::string_view api_key, const Digest& secret_hash) {
    sql_.insert_api_secret.run(id, api_key, secret_hash);
}

std::optional<std::int64_t> SqliteWorkspaceTable::edit_window_seconds(RowId id) {
    Rows rows = sql_.edit_window.query(id);
    return rows.next() ? rows.optional_integer() : std::nullopt;
}

}  // namespace cariosan::sqlite
