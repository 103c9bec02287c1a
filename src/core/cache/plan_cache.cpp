#include "core/cache/plan_cache.hpp"

namespace cariosan::core {

std::optional<Workspace> PlanCache::workspace(WorkspaceId id, Time now) const {
    const std::shared_lock lock(mutex_);
    const auto found = workspaces_.find(id);
    if (found == workspaces_.end() || now - found->second.read_at >= settings_last_) return std::nullopt;
    return found->second.workspace;
}

std::optional<PlanCache::IdempotencySecret> PlanCache::secret(WorkspaceId id) const {
    const std::shared_lock lock(mutex_);
    const auto found = workspaces_.find(id);
    return found == workspaces_.end() ? std::nullopt : found->second.secret;
}

std::optional<User> PlanCache::user(WorkspaceId workspace, std::string_view reference) const {
    const std::shared_lock lock(mutex_);
    const KnownUser* known = users_.find(NameView(workspace, reference));
    if (known == nullptr) return std::nullopt;
    User user;
    user.id = known->id;
    user.external_id = known->external_id;
    user.name = known->name;
    user.suspension = known->suspension;
    return user;
}

std::optional<ChannelId> PlanCache::channel(WorkspaceId workspace, std::string_view reference) const {
    const std::shared_lock lock(mutex_);
    const ChannelId* known = channels_.find(NameView(workspace, reference));
    return known == nullptr ? std::nullopt : std::optional(*known);
}

/// When there are too many workspaces, forget all of them.
PlanCache::KnownWorkspace& PlanCache::place_of(WorkspaceId id) {
    if (workspaces_.size() >= kWorkspaces && !workspaces_.contains(id)) workspaces_.clear();
    return workspaces_[id];
}

void PlanCache::keep(const Workspace& workspace, Ticket ticket) {
    const std::lock_guard lock(mutex_);
    if (!is_current(ticket)) return;
    KnownWorkspace& known = place_of(workspace.id);
    known.workspace = workspace;
    known.read_at = ticket.at;
}

void PlanCache::keep_secret(WorkspaceId id, const IdempotencySecret& secret) {
    const std::lock_guard lock(mutex_);
    place_of(id).secret = secret;
}

void PlanCache::keep(WorkspaceId workspace, std::string_view reference, const User& user, Ticket ticket) {
    const std::lock_guard lock(mutex_);
    if (!is_current(ticket)) return;
    users_.use(NameView(workspace, reference), generation_) = {.id = user.id, .external_id = user.external_id, .name = user.name, .suspension = user.suspension};
}

void PlanCache::keep(WorkspaceId workspace, std::string_view reference, ChannelId channel, Ticket ticket) {
    const std::lock_guard lock(mutex_);
    if (is_current(ticket)) channels_.use(NameView(workspace, reference), generation_) = channel;
}

void PlanCache::forget_user(WorkspaceId workspace, UserId id, std::string_view external_id) {
    const std::lock_guard lock(mutex_);
    ++forgotten_;
    users_.erase(NameView(workspace, external_id));
    users_.erase(NameView(workspace, id.to_string()));
}

void PlanCache::forget_channel(WorkspaceId workspace, const Channel& channel) {
    const std::lock_guard lock(mutex_);
    ++forgotten_;
    channels_.erase(NameView(workspace, channel.id.to_string()));
    if (channel.external_id) channels_.erase(NameView(workspace, *channel.external_id));
}

void PlanCache::forget_workspace(WorkspaceId workspace) {
    const std::lock_guard lock(mutex_);
    ++forgotten_;
    if (const auto found = workspaces_.find(workspace); found != workspaces_.end()) found->second.workspace.reset();
}

void PlanCache::forget_workspaces() {
    const std::lock_guard lock(mutex_);
    ++forgotten_;
    for (auto& [id, known] : workspaces_) known.workspace.reset();
}

void PlanCache::forget(const Mutation& mutation, const Committed& committed) {
    if (!committed.changed) return;
    const auto forget_what = [&]<class M>(const M& done) {
        if constexpr (std::is_same_v<M, mutation::UpdateWorkspace> || std::is_same_v<M, mutation::DeleteWorkspace>) {
            forget_workspace(done.workspace);
        } else if constexpr (std::is_same_v<M, mutation::UpsertUser> || std::is_same_v<M, mutation::UpdateUser> ||
                             std::is_same_v<M, mutation::DeleteUser> || std::is_same_v<M, mutation::SuspendUser> ||
                             std::is_same_v<M, mutation::RestoreUser>) {
            const auto* changed = std::get_if<CommittedUser>(&committed.object);
            if (changed == nullptr || committed.created) return;
            forget_user(done.workspace, changed->user.id, changed->user.external_id);
        } else if constexpr (std::is_same_v<M, mutation::DeleteChannel>) {
            const auto* deleted = std::get_if<CommittedChannel>(&committed.object);
            if (deleted != nullptr) forget_channel(done.workspace, deleted->channel);
        }
    };
    std::visit(forget_what, mutation);
}

void PlanCache::forget(const Event& event) {
    if (std::holds_alternative<WorkspaceUpdated>(event.body) || std::holds_alternative<WorkspaceDeleted>(event.body)) {
        forget_workspace(event.workspace);
    } else if (const auto* updated = std::get_if<UserUpdated>(&event.body)) {
        forget_user(event.workspace, updated->user.id, updated->user.external_id);
    } else if (const auto* suspended = std::get_if<UserSuspended>(&event.body)) {
        forget_user(event.workspace, suspended->user_id, suspended->external_id);
    } else if (const auto* deleted = std::get_if<UserDeleted>(&event.body)) {
        // The event does not contain the user's former name.
        const auto known = user(event.workspace, deleted->user_id.to_string());
        forget_user(event.workspace, deleted->user_id, known ? known->external_id : std::string());
    } else if (const auto* gone = std::get_if<ChannelDeleted>(&event.body)) {
        forget_channel(event.workspace, gone->channel);
    }
}

}  // namespace cariosan::core
