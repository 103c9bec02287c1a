/// Who runs a command, and which part of a list to return.
#pragma once

#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cariosan {

/// On whose behalf a command runs. A plain value.
class Caller {
  public:
    enum class Kind : std::uint8_t { host, backend, user };

    /// The embedding process itself: creates and deletes workspaces.
    static Caller host() { return {}; }
    /// A workspace's backend: trusted, no role checks.
    static Caller backend(WorkspaceId workspace) { return {Kind::backend, workspace, {}}; }
    /// A user of a workspace: all rules enforced. `user` is an internal id or an `external_id`.
    static Caller user(WorkspaceId workspace, std::string user) { return {Kind::user, workspace, std::move(user)}; }
    /// The user with exactly this internal id. Rate limits then apply before a command waits for a reader; for a user
    /// named by a string they apply only once the user is found.
    static Caller user(WorkspaceId workspace, UserId user) {
        Caller caller(Kind::user, workspace, user.to_string());
        caller.user_id_ = user;
        return caller;
    }
    /// Like the one above, but only if the user's `external_id` matches; otherwise every command is `unauthorized`.
    static Caller user(WorkspaceId workspace, UserId user, std::string external_id) {
        Caller caller = Caller::user(workspace, user);
        caller.external_id_ = std::move(external_id);
        return caller;
    }

    /// The same caller, by a request with this `traceparent` (W3C Trace Context): webhooks that a command of this caller causes
    /// carry it. Ignored unless it is well-formed.
    Caller traced(std::string_view traceparent) const;

    Kind kind() const noexcept { return kind_; }
    WorkspaceId workspace() const noexcept { return workspace_; }
    const std::string& user_reference() const noexcept { return user_; }
    /// Absent unless the caller was made from a `UserId`.
    const std::optional<UserId>& user_id() const noexcept { return user_id_; }
    /// If absent, `user_reference` alone says who it is.
    const std::optional<std::string>& external_id() const noexcept { return external_id_; }
    /// As it is sent on; empty if there is none.
    const std::string& traceparent() const noexcept { return traceparent_; }

  private:
    Caller() = default;
    Caller(Kind kind, WorkspaceId workspace, std::string user)
        : kind_(kind), workspace_(workspace), user_(std::move(user)) {}

    Kind kind_ = Kind::host;
    WorkspaceId workspace_;
    std::string user_;
    std::optional<UserId> user_id_;
    std::optional<std::string> external_id_;
    std::string traceparent_;
};

/// The part of a list to return.
struct ListRange {
    std::optional<std::int64_t> limit{};  ///< 1 to `Limits::page`; absent: 50, or the maximum if lower
    std::string cursor{};                 ///< `Page::next_cursor` of the page before; empty: the beginning
};

}  // namespace cariosan
