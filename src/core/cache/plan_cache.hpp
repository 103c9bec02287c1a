/// Caches what every send looks up, so that a send needs no reader.
#pragma once

#include <array>
#include <atomic>
#include <cariosan/committed.hpp>
#include <cariosan/events.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/cache/generations.hpp"

namespace cariosan::core {

/// Workspaces, users and channels by the names callers use for them: only what a send needs, and no permissions, which the
/// commit checks. In bounded memory (`Generations`). Thread-safe.
///
/// **Never stale on one node.** Each commit calls `forget` before anyone can know of the change. The result of a snapshot is
/// cached only if nothing was forgotten since before the snapshot (`Ticket`).
///
/// **With several nodes** the changes of the others arrive over the bus, or never. A name may then refer to a deleted user or
/// channel: the commit refuses the send, and a reader plans it again. No commit checks a workspace's settings, so they are
/// trusted for `settings_last` after they were read, and then read again.
class PlanCache {
  public:
    using Time = std::chrono::milliseconds;  // `Clock::elapsed()`
    /// How many entries had been forgotten, and when.
    struct Ticket {
        std::uint64_t forgotten = 0;
        Time at{0};
    };
    using IdempotencySecret = std::array<std::uint8_t, 32>;

    /// `generation`: the number of users, and of channels, in each of the two generations.
    explicit PlanCache(Time settings_last = Time::max(), std::size_t generation = 16'384)
        : settings_last_(settings_last), generation_(generation) {}

    /// Take it before a snapshot begins.
    Ticket ticket(Time now) const noexcept { return {forgotten_, now}; }

    // Absent if unknown. `reference` is the caller's name for it: an internal or an external id.
    std::optional<Workspace> workspace(WorkspaceId id, Time now) const;
    std::optional<IdempotencySecret> secret(WorkspaceId id) const;
    /// Without avatar, metadata and times.
    std::optional<User> user(WorkspaceId workspace, std::string_view reference) const;
    std::optional<ChannelId> channel(WorkspaceId workspace, std::string_view reference) const;

    void keep(const Workspace& workspace, Ticket ticket);
    /// A secret never changes.
    void keep_secret(WorkspaceId id, const IdempotencySecret& secret);
    void keep(WorkspaceId workspace, std::string_view reference, const User& user, Ticket ticket);
    void keep(WorkspaceId workspace, std::string_view reference, ChannelId channel, Ticket ticket);

    /// Forgets what this commit changed.
    void forget(const Mutation& mutation, const Committed& committed);
    /// Forgets what another node's event changed.
    void forget(const Event& event);
    /// Events of this workspace may have been lost; or of any workspace.
    void forget_workspace(WorkspaceId workspace);
    void forget_workspaces();

  private:
    using NameView = std::pair<WorkspaceId, std::string_view>;
    struct Name {
        explicit Name(const NameView& view) : workspace(view.first), reference(view.second) {}
        WorkspaceId workspace;
        std::string reference;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const NameView& name) const noexcept {
            return std::hash<WorkspaceId>{}(name.first) * 31 + std::hash<std::string_view>{}(name.second);
        }
        std::size_t operator()(const Name& name) const noexcept { return (*this)(NameView(name.workspace, name.reference)); }
    };
    struct Equal {
        using is_transparent = void;
        static NameView view(const Name& name) { return {name.workspace, name.reference}; }
        static const NameView& view(const NameView& name) { return name; }
        template <class A, class B>
        bool operator()(const A& a, const B& b) const noexcept {
            return view(a) == view(b);
        }
    };
    struct KnownUser {
        UserId id;
        std::string external_id;
        std::string name;
        std::optional<Suspension> suspension{};
    };
    template <class Value>
    using Named = Generations<Name, Value, Hash, Equal>;
    struct KnownWorkspace {
        std::optional<Workspace> workspace;
        Time read_at{0};
        std::optional<IdempotencySecret> secret;
    };
    static constexpr std::size_t kWorkspaces = 1024;

    KnownWorkspace& place_of(WorkspaceId id);
    bool is_current(const Ticket& ticket) const noexcept { return ticket.forgotten == forgotten_; }
    void forget_user(WorkspaceId workspace, UserId id, std::string_view external_id);
    void forget_channel(WorkspaceId workspace, const Channel& channel);

    const Time settings_last_;
    const std::size_t generation_;
    std::atomic<std::uint64_t> forgotten_{0};
    mutable std::shared_mutex mutex_;
    std::unordered_map<WorkspaceId, KnownWorkspace> workspaces_;
    Named<KnownUser> users_;
    Named<ChannelId> channels_;
};

}  // namespace cariosan::core
