/// Who runs a command, and which part of a list it wants.
#pragma once

#include <cariosan/types.hpp>
#include <cstdint>
#include <string>
#include <utility>

namespace cariosan {

/// On whose behalf a command runs. A plain value.
class Caller {
  public:
    enum class Kind : std::uint8_t { host, backend, user };

    /// The embedding process itself: makes and deletes workspaces.
    static Caller host() { return {}; }
    /// A workspace's backend: trusted, no role checks.
    static Caller backend(WorkspaceId workspace) { return {Kind::backend, workspace, {}}; }
    /// A user of a workspace: all rules enforced. `user` is an internal id or an `external_id`.
    static Caller user(WorkspaceId workspace, std::string user) { return {Kind::user, workspace, std::move(user)}; }
    static Caller user(WorkspaceId workspace, UserId user) { return {Kind::user, workspace, user.to_string()}; }

    Kind kind() const noexcept { return kind_; }
    WorkspaceId workspace() const noexcept { return workspace_; }
    const std::string& user_reference() const noexcept { return user_; }

  private:
    Caller() = default;
    Caller(Kind kind, WorkspaceId workspace, std::string user)
        : kind_(kind), workspace_(workspace), user_(std::move(user)) {}

    Kind kind_ = Kind::host;
    WorkspaceId workspace_;
    std::string user_;
};

/// The part of a list that is wanted.
struct ListRange {
    std::int64_t limit = 50;  ///< 1–100
    std::string cursor{};     ///< `Page::next_cursor` of the page before; empty: the beginning
};

}  // namespace cariosan
