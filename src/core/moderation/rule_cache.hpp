/// The rules of workspaces, compiled once for many messages.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "core/moderation/moderate.hpp"

namespace cariosan::core::moderation {

/// Keeps the compiled rules of the most recently used workspaces, at most `max_workspaces`: those with the longest lists take
/// some megabytes each. The lexicon is built with the first rules, so hosts that moderate nothing pay nothing. Thread-safe.
class RuleCache {
  public:
    using Load = std::function<Result<ModerationSettings>()>;

    explicit RuleCache(std::size_t max_workspaces = 64);

    /// The rules of a workspace at revision `rev` of its settings; calls `load` if they are not cached. Several threads may
    /// load and compile the same rules at once.
    Result<std::shared_ptr<const CompiledRules>> get(WorkspaceId workspace, std::int64_t rev, const Load& load);

    /// How many are cached now.
    std::size_t size() const;

  private:
    struct Entry {
        std::int64_t rev = 0;
        std::uint64_t used = 0;  ///< by `uses_`: the lowest goes first
        std::shared_ptr<const CompiledRules> rules;
    };

    std::shared_ptr<const CompiledRules> find(WorkspaceId workspace, std::int64_t rev);
    std::shared_ptr<const Lexicon> lexicon();
    void keep(WorkspaceId workspace, Entry entry);

    mutable std::mutex mutex_;
    std::size_t max_workspaces_;
    std::uint64_t uses_ = 0;
    std::unordered_map<WorkspaceId, Entry> entries_;
    std::shared_ptr<const Lexicon> lexicon_;
};

}  // namespace cariosan::core::moderation
