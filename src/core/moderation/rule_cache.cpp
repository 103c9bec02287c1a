#include "core/moderation/rule_cache.hpp"

#include <algorithm>
#include <utility>
#include "core/propagate.hpp"

namespace cariosan::core::moderation {

RuleCache::RuleCache(std::size_t max_workspaces) : max_workspaces_(std::max<std::size_t>(1, max_workspaces)) {}

Result<std::shared_ptr<const CompiledRules>> RuleCache::get(WorkspaceId workspace, std::int64_t rev,
                                                            const Load& load) {
    if (auto known = find(workspace, rev)) return known;
    CARIOSAN_TRY(auto settings, load());
    auto rules = std::make_shared<const CompiledRules>(lexicon(), std::move(settings));
    keep(workspace, {.rev = rev, .used = 0, .rules = rules});
    return std::shared_ptr<const CompiledRules>(std::move(rules));
}

std::size_t RuleCache::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

std::shared_ptr<const CompiledRules> RuleCache::find(WorkspaceId workspace, std::int64_t rev) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(workspace);
    if (found == entries_.end() || found->second.rev != rev) return nullptr;
    found->second.used = ++uses_;
    return found->second.rules;
}

std::shared_ptr<const Lexicon> RuleCache::lexicon() {
    const std::lock_guard lock(mutex_);
    if (!lexicon_) lexicon_ = std::make_shared<const Lexicon>();
    return lexicon_;
}

/// The snapshot may be older than what is cached: the newer entry stays.
void RuleCache::keep(WorkspaceId workspace, Entry entry) {
    const std::lock_guard lock(mutex_);
    entry.used = ++uses_;
    const auto found = entries_.find(workspace);
    if (found != entries_.end()) {
        if (found->second.rev < entry.rev) found->second = std::move(entry);
        return;
    }
    if (entries_.size() >= max_workspaces_) {
        entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& each) { return each.second.used; }));
    }
    entries_.emplace(workspace, std::move(entry));
}

}  // namespace cariosan::core::moderation
