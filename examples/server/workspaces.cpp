#include "workspaces.hpp"

#include <utility>
#include <vector>

namespace cariosan::server {

Result<std::vector<Workspace>> all_workspaces(Engine& engine) {
    std::vector<Workspace> all;
    ListWorkspaces command{.range = {.limit = 100}};
    while (true) {
        auto page = engine.run(Caller::host(), command);
        if (!page) return page.error();
        for (Workspace& workspace : page->items) all.push_back(std::move(workspace));
        if (!page->has_more()) return all;
        command.range.cursor = page->next_cursor;
    }
}

Result<Workspace> find_workspace(Engine& engine, const std::string& reference) {
    auto all = all_workspaces(engine);
    if (!all) return all.error();
    std::vector<Workspace> matches;
    for (const Workspace& workspace : *all) {
        if (workspace.id.to_string() == reference) return workspace;
        // An empty reference means the only workspace, where that is allowed.
        if (reference.empty() || workspace.name == reference) matches.push_back(workspace);
    }
    if (matches.size() == 1) return matches.front();
    if (all->empty()) {
        return Error(
            ErrorCode::not_found,
            "there is no workspace yet; make one with \"cariosan-server workspace create --name NAME\"");
    }
    if (matches.empty()) {
        return Error(ErrorCode::not_found, "no workspace has the name or id " + reference +
                                               "; \"cariosan-server workspace list\" shows all");
    }
    std::string ids;
    for (const Workspace& workspace : matches) ids += " " + workspace.id.to_string();
    return Error(ErrorCode::conflict,
                 (reference.empty() ? "there are several workspaces" : "several workspaces have this name") +
                     std::string("; name one by its id with --workspace:") + ids);
}

}  // namespace cariosan::server
