/// Workspaces, their API keys and their settings. `Statements` is what an adapter calls its statements for writing.
#pragma once

#include <cariosan/commit_tables.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sql/objects.hpp"

namespace cariosan::sql {

using commit::RowId;

template <class Statements>
class WorkspaceTable final : public commit::WorkspaceTable {
  public:
    explicit WorkspaceTable(Statements& sql) : sql_(sql) {}
    std::optional<commit::WorkspaceRow> find(WorkspaceId id) override;
    void insert(const mutation::CreateWorkspace& create) override;
    void update(const commit::WorkspaceRow& row) override;
    void remove(RowId id, Timestamp at) override;
    ModerationSettings moderation(const commit::WorkspaceRow& row) override;
    void write_moderation(RowId id, const ModerationSettings& settings) override;
    void retire_secrets(RowId id, Timestamp now, Timestamp expire_at, std::int64_t keep) override;
    void insert_secret(RowId id, std::string_view api_key, const Digest& secret_hash) override;
    std::optional<std::int64_t> edit_window_seconds(RowId id) override;

  private:
    Statements& sql_;
};

namespace detail {

inline std::string joined_terms(const std::vector<std::string>& terms) {
    std::string text;
    for (const std::string& term : terms) {
        text += term;
        text += '\n';
    }
    return text;
}

}  // namespace detail

template <class Statements>
std::optional<commit::WorkspaceRow> WorkspaceTable<Statements>::find(WorkspaceId id) {
    auto rows = sql_.find_workspace.query(id);
    if (!rows.next()) return std::nullopt;
    commit::WorkspaceRow row;
    row.id = rows.integer();
    row.workspace = read_workspace(rows);
    return row;
}

template <class Statements>
void WorkspaceTable<Statements>::insert(const mutation::CreateWorkspace& create) {
    const Workspace& workspace = create.workspace;
    const RowId id = sql_.insert_workspace.insert(
        workspace.id, workspace.name, workspace.test, workspace.read_receipts_enabled, workspace.edit_window_seconds,
        create.idempotency_secret, workspace.created_at);
    insert_secret(id, create.api_key, create.secret_hash);
}

template <class Statements>
void WorkspaceTable<Statements>::update(const commit::WorkspaceRow& row) {
    const Workspace& workspace = row.workspace;
    sql_.update_workspace.run(row.id, workspace.name, workspace.read_receipts_enabled, workspace.edit_window_seconds,
                              workspace.moderation_enabled, workspace.moderation_rev);
}

template <class Statements>
void WorkspaceTable<Statements>::remove(RowId id, Timestamp at) { sql_.delete_workspace.run(id, at); }

template <class Statements>
ModerationSettings WorkspaceTable<Statements>::moderation(const commit::WorkspaceRow& row) {
    auto rows = sql_.find_moderation.query(row.id);
    ModerationSettings settings = rows.next() ? read_moderation(rows) : ModerationSettings{};
    settings.enabled = row.workspace.moderation_enabled;
    return settings;
}

template <class Statements>
void WorkspaceTable<Statements>::write_moderation(RowId id, const ModerationSettings& settings) {
    const auto& [enabled, profanity, link, phone, flood, blocklist, allowlist, auto_mute_seconds] = settings;
    sql_.write_moderation.run(id, profanity.enabled, profanity.action, profanity.min_severity, link.enabled,
                              link.action, phone.enabled, phone.action, flood.enabled, flood.action,
                              flood.max_repeats, flood.window_seconds, auto_mute_seconds, detail::joined_terms(blocklist),
                              detail::joined_terms(allowlist));
}

template <class Statements>
void WorkspaceTable<Statements>::retire_secrets(RowId id, Timestamp now, Timestamp expire_at, std::int64_t keep) {
    sql_.expire_api_secrets.run(id, expire_at);
    sql_.drop_expired_api_secrets.run(id, now);
    sql_.drop_more_api_secrets.run(id, keep);
}

template <class Statements>
void WorkspaceTable<Statements>::insert_secret(RowId id, std::string_view api_key, const Digest& secret_hash) {
    sql_.insert_api_secret.run(id, api_key, secret_hash);
}

template <class Statements>
std::optional<std::int64_t> WorkspaceTable<Statements>::edit_window_seconds(RowId id) {
    auto rows = sql_.edit_window.query(id);
    return rows.next() ? rows.optional_integer() : std::nullopt;
}

}  // namespace cariosan::sql
