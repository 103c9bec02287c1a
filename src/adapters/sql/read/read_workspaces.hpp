/// Reads workspaces. A template over the adapter's queries.
#pragma once

#include <cariosan/storage.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::sql {

template <class Queries>
class SqlWorkspaces final : public WorkspaceReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlWorkspaces(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
    Result<std::optional<Workspace>> find(WorkspaceId id) override;
    Result<std::vector<Workspace>> list(std::optional<WorkspaceId> after, std::int64_t limit) override;
    Result<std::optional<StoredApiKey>> find_api_key(std::string_view api_key) override;
    Result<std::optional<std::string>> present_api_key(WorkspaceId id) override;
    Result<std::array<std::uint8_t, 32>> idempotency_secret(WorkspaceId id) override;
    Result<ModerationSettings> moderation(WorkspaceId id) override;
    Result<WorkspaceFigures> figures(WorkspaceId id, std::int64_t most) override;

  private:
    Snapshot& snapshot_;
    Queries sql_;
};

template <class Queries>
Result<std::optional<Workspace>> SqlWorkspaces<Queries>::find(WorkspaceId id) {
    std::optional<Workspace> found;
    auto rows = sql_.find.query(id);
    if (rows.next()) found = read_workspace(rows);
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<std::vector<Workspace>> SqlWorkspaces<Queries>::list(std::optional<WorkspaceId> after, std::int64_t limit) {
    std::vector<Workspace> list;
    auto rows = sql_.list.query(after.value_or(WorkspaceId{}), limit);
    while (rows.next()) list.push_back(read_workspace(rows));
    return snapshot_.checked(std::move(list));
}

template <class Queries>
Result<std::optional<StoredApiKey>> SqlWorkspaces<Queries>::find_api_key(std::string_view api_key) {
    std::optional<StoredApiKey> found;
    auto rows = sql_.find_api_key.query(api_key);
    while (rows.next()) {
        if (!found) found.emplace();
        StoredSecret secret;
        secret.hash = read_bytes<32>(rows);
        secret.expires_at = rows.optional_timestamp();
        found->secrets.push_back(secret);
        found->workspace = read_workspace(rows);
    }
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<std::optional<std::string>> SqlWorkspaces<Queries>::present_api_key(WorkspaceId id) {
    std::optional<std::string> found;
    auto rows = sql_.present_api_key.query(id);
    if (rows.next()) found = rows.text();
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<std::array<std::uint8_t, 32>> SqlWorkspaces<Queries>::idempotency_secret(WorkspaceId id) {
    std::optional<std::array<std::uint8_t, 32>> found;
    auto rows = sql_.secret.query(id);
    if (rows.next()) found = read_bytes<32>(rows);
    if (!found && !snapshot_.connection().failed()) return not_found("workspace");
    return snapshot_.checked(found.value_or(std::array<std::uint8_t, 32>{}));
}

template <class Queries>
Result<ModerationSettings> SqlWorkspaces<Queries>::moderation(WorkspaceId id) {
    ModerationSettings settings;
    auto rows = sql_.moderation.query(id);
    if (rows.next()) {
        const bool enabled = rows.flag();
        if (rows.flag()) settings = read_moderation(rows);
        settings.enabled = enabled;
    } else if (!snapshot_.connection().failed()) {
        return not_found("workspace");
    }
    return snapshot_.checked(std::move(settings));
}

template <class Queries>
Result<WorkspaceFigures> SqlWorkspaces<Queries>::figures(WorkspaceId id, std::int64_t most) {
    WorkspaceFigures figures{.counted_to = most};
    if (const auto row = snapshot_.workspace(id)) {
        auto rows = sql_.figures.query(*row, most, ReportStatus::open);
        if (rows.next()) {
            figures.users = rows.integer();
            figures.channels = rows.integer();
            figures.messages = rows.integer();
            figures.open_reports = rows.integer();
            figures.webhooks = rows.integer();
            figures.webhooks_disabled = rows.integer();
            figures.pending_deliveries = rows.integer();
        }
    }
    return snapshot_.checked(figures);
}

}  // namespace cariosan::sql
