#include "adapters/sqlite/read/workspace_readers.hpp"

namespace cariosan::sqlite {

Result<std::optional<Workspace>> SqliteWorkspaces::find(WorkspaceId id) {
    std::optional<Workspace> found;
    Rows rows = find_.query(id);
    if (rows.next()) found = read_workspace(rows);
    return snapshot_.checked(std::move(found));
}

Result<std::vector<Workspace>> SqliteWorkspaces::list(std::optional<WorkspaceId> after, std::int64_t limit) {
    std::vector<Workspace> list;
    Rows rows = list_.query(after.value_or(WorkspaceId{}), limit);
    while (rows.next()) list.push_back(read_workspace(rows));
    return snapshot_.checked(std::move(list));
}

Result<std::optional<StoredApiKey>> SqliteWorkspaces::find_api_key(std::string_view api_key) {
    std::optional<StoredApiKey> found;
    Rows rows = find_api_key_.query(api_key);
    while (rows.next()) {
        if (!found) found.emplace();
        StoredSecret secret;
        secret.hash = rows.bytes<32>();
        secret.expires_at = rows.optional_timestamp();
        found->secrets.push_back(secret);
        found->workspace = read_workspace(rows);
    }
    return snapshot_.checked(std::move(found));
}

Result<std::optional<std::string>> SqliteWorkspaces::present_api_key(WorkspaceId id) {
    std::optional<std::string> found;
    Rows rows = present_api_key_.query(id);
    if (rows.next()) found = rows.text();
    return snapshot_.checked(std::move(found));
}

Result<std::array<std::uint8_t, 32>> SqliteWorkspaces::idempotency_secret(WorkspaceId id) {
    std::optional<std::array<std::uint8_t, 32>> found;
    Rows rows = secret_.query(id);
    if (rows.next()) found = rows.bytes<32>();
    if (!found && !snapshot_.connection().failed()) return not_found("workspace");
    return snapshot_.checked(found.value_or(std::array<std::uint8_t, 32>{}));
}

Result<ModerationSettings> SqliteWorkspaces::moderation(WorkspaceId id) {
    ModerationSettings settings;
    Rows rows = moderation_.query(id);
    if (rows.next()) {
        const bool enabled = rows.flag();
        if (rows.flag()) settings = read_moderation(rows);
        settings.enabled = enabled;
    } else if (!snapshot_.connection().failed()) {
        return not_found("workspace");
    }
    return snapshot_.checked(std::move(settings));
}

}  // namespace cariosan::sqlite
