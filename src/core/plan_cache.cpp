#include "core/plan_cache.hpp"

namespace cariosan::core {

template <class Value>
const Value* PlanCache::Generations<Value>::find(const NameView& name) const {
    for (const Entries* entries : {&young, &old}) {
        if (const auto found = entries->find(name); found != entries->end()) return &found->second;
    }
    return nullptr;
}

template <class Value>
void PlanCache::Generations<Value>::keep(const NameView& name, Value value, std::size_t size) {
    if (young.size() >= size) old = std::exchange(young, {});
    young.insert_or_assign(Name{name.first, std::string(name.second)}, std::move(value));
}

template <class Value>
void PlanCache::Generations<Value>::erase(const NameView& name) {
    for (Entries* entries : {&young, &old}) {
        if (const auto found = entries->find(name); found != entries->end()) entries->erase(found);
    }
}

std::optional<Workspace> PlanCache::workspace(WorkspaceId id) const {
    const std::shared_lock lock(mutex_);
    const auto found = workspaces_.find(id);
    return found == workspaces_.end() ? std::nullopt : found->second.workspace;
}

std::optional<PlanCache::IdempotencySecret> PlanCache::secret(WorkspaceId id) const {
    const std::shared_lock lock(mutex_);
    const auto found = workspaces_.find(id);
    return found == workspaces_.end() ? std::nullopt : found->second.secret;
}

std::optional<User> PlanCache::user(WorkspaceId workspace, std::string_view reference) const {
    const std::shared_lock lock(mutex_);
    const KnownUser* known = users_.find({workspace, reference});
    if (known == nullptr) return std::nullopt;
    User user;
    user.id = known->id;
    user.external_id = known->external_id;
    user.name = known->name;
    return user;
}

std::optional<ChannelId> PlanCache::channel(WorkspaceId workspace, std::string_view reference) const {
    const std::shared_lock lock(mutex_);
    const ChannelId* known = channels_.find({workspace, reference});
    return known == nullptr ? std::nullopt : std::optional(*known);
}

/// Of more workspaces than there is room for, all are learnt again.
PlanCache::KnownWorkspace& PlanCache::place_of(WorkspaceId id) {
    if (workspaces_.size() >= kWorkspaces && !workspaces_.contains(id)) workspaces_.clear();
    return workspaces_[id];
}

void PlanCache::keep(const Workspace& workspace, Ticket ticket) {
    const std::lock_guard lock(mutex_);
    if (ticket == forgotten_) place_of(workspace.id).workspace = workspace;
}

void PlanCache::keep_secret(WorkspaceId id, const IdempotencySecret& secret) {
    const std::lock_guard lock(mutex_);
    place_of(id).secret = secret;
}

void PlanCache::keep(WorkspaceId workspace, std::string_view reference, const User& user, Ticket ticket) {
    const std::lock_guard lock(mutex_);
    if (ticket != forgotten_) return;
    users_.keep({workspace, reference}, {.id = user.id, .external_id = user.external_id, .name = user.name}, generation_);
}

void PlanCache::keep(WorkspaceId workspace, std::string_view reference, ChannelId channel, Ticket ticket) {
    const std::lock_guard lock(mutex_);
    if (ticket == forgotten_) channels_.keep({workspace, reference}, channel, generation_);
}

void PlanCache::forget_user(WorkspaceId workspace, const User& user) {
    ++forgotten_;
    users_.erase({workspace, user.external_id});
    users_.erase({workspace, user.id.to_string()});
}

void PlanCache::forget(const Mutation& mutation, const Committed& committed) {
    if (!committed.changed) return;
    const auto user_of = [&]() -> const User* {
        const auto* changed = std::get_if<CommittedUser>(&committed.object);
        return changed == nullptr ? nullptr : &changed->user;
    };
    const auto forget_what = [&]<class M>(const M& done) {
        if constexpr (std::is_same_v<M, mutation::UpdateWorkspace> || std::is_same_v<M, mutation::DeleteWorkspace>) {
            const std::lock_guard lock(mutex_);
            ++forgotten_;
            if (const auto found = workspaces_.find(done.workspace); found != workspaces_.end()) {
                found->second.workspace.reset();
            }
        } else if constexpr (std::is_same_v<M, mutation::UpsertUser> || std::is_same_v<M, mutation::UpdateUser> ||
                             std::is_same_v<M, mutation::DeleteUser>) {
            const std::lock_guard lock(mutex_);
            if (const User* user = user_of(); user != nullptr && !committed.created) forget_user(done.workspace, *user);
        } else if constexpr (std::is_same_v<M, mutation::DeleteChannel>) {
            const std::lock_guard lock(mutex_);
            ++forgotten_;
            channels_.erase({done.workspace, done.channel.to_string()});
            const auto* deleted = std::get_if<CommittedChannel>(&committed.object);
            if (deleted != nullptr && deleted->channel.external_id) {
                channels_.erase({done.workspace, *deleted->channel.external_id});
            }
        }
    };
    std::visit(forget_what, mutation);
}

}  // namespace cariosan::core
