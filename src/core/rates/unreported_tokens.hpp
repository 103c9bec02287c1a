#pragma once

#include <array>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/rates/rate_kind.hpp"

namespace cariosan::core {

/// Tokens this node has taken from shared buckets and not yet reported to other nodes. Thread-safe.
///
/// A node never asks before it takes: it reports afterwards, at once when the tokens reach a lease (`lease_of`). Bound: `kMost`
/// buckets; what goes beyond counts on this node only.
class UnreportedTokens {
  public:
    static constexpr std::size_t kMost = 65'536;

    /// How many tokens of a bucket that holds `held` a node takes before a report is due at once.
    static std::int64_t lease_of(std::int64_t held) noexcept { return held < 16 ? 1 : held / 8; }

    /// `lease_used`: called when a lease has been used, on the thread that took. It must not wait.
    explicit UnreportedTokens(std::function<void()> lease_used) : lease_used_(std::move(lease_used)) {}

    /// Negative `tokens` are returned.
    void add(const RateKey& key, RateKind kind, std::int64_t tokens, std::int64_t lease) {
        {
            const std::lock_guard lock(mutex_);
            Tokens& all = tokens_[static_cast<std::size_t>(kind)];
            auto found = all.find(key);
            if (found == all.end()) {
                if (all.size() >= kMost / kRateKinds) return;
                found = all.emplace(key, 0).first;
            }
            found->second += tokens;
            if (found->second < lease || std::exchange(asked_, true)) return;
        }
        lease_used_();
    }
    /// The tokens of one bucket.
    std::int64_t of(const RateKey& key, RateKind kind) const {
        const std::lock_guard lock(mutex_);
        const Tokens& all = tokens_[static_cast<std::size_t>(kind)];
        const auto found = all.find(key);
        return found == all.end() ? 0 : found->second;
    }
    /// Visits and removes all of them, to be reported now.
    template <class Visit>
    void take_all(Visit&& visit) {
        std::array<Tokens, kRateKinds> taken;
        {
            const std::lock_guard lock(mutex_);
            taken.swap(tokens_);
            asked_ = false;
        }
        for (std::size_t kind = 0; kind < kRateKinds; ++kind) {
            for (const auto& [key, tokens] : taken[kind]) visit(key, static_cast<RateKind>(kind), tokens);
        }
    }

  private:
    using Tokens = std::unordered_map<RateKey, std::int64_t, RateKeyHash>;

    const std::function<void()> lease_used_;
    mutable std::mutex mutex_;
    std::array<Tokens, kRateKinds> tokens_;
    bool asked_ = false;
};

}  // namespace cariosan::core
