#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace cariosan::realtime {

/// What to read again from storage because events were lost: each key once, a few at a time, in order. Reads that
/// fail or are not enough are repeated with a growing delay of up to `kLongestDelay`.
///
/// The caller provides the time. Bound: one entry per key; at most `kMostUnderWay` reads at a time.
template <class Key>
class RereadQueue {
  public:
    using Time = std::chrono::milliseconds;
    static constexpr std::size_t kMostUnderWay = 16;
    static constexpr Time kFirstDelay{250};
    static constexpr Time kLongestDelay{8'000};

    /// Requests a read, unless one is waiting or in progress.
    void add(const Key& key) {
        const auto [found, is_new] = entries_.try_emplace(key);
        if (is_new) waiting_.emplace(Time{0}, key);
    }
    /// Requests a read that starts from now on: one in progress began too early and will be repeated.
    void add_later(const Key& key) {
        add(key);
        Entry& entry = entries_.at(key);
        entry.again = entry.under_way;
    }

    /// Takes the next key to read. The read is in progress until `finish`.
    std::optional<Key> next(Time now) {
        if (under_way_ >= kMostUnderWay || waiting_.empty() || waiting_.begin()->first > now) return std::nullopt;
        const Key key = waiting_.begin()->second;
        waiting_.erase(waiting_.begin());
        ++under_way_;
        entries_.at(key).under_way = true;
        return key;
    }
    /// Ends a read. `enough`: it is done; otherwise it is repeated.
    void finish(const Key& key, bool enough, Time now) {
        const auto found = entries_.find(key);
        if (found == entries_.end() || !found->second.under_way) return;
        --under_way_;
        if (enough && !found->second.again) {
            entries_.erase(found);
            return;
        }
        waiting_.emplace(now + std::min(kFirstDelay * (1 << found->second.repeats), kLongestDelay), key);
        constexpr int kMostDoublings = 5;
        found->second = {.repeats = std::min(found->second.repeats + 1, kMostDoublings)};
    }

  private:
    struct Entry {
        int repeats = 0;
        bool under_way = false;
        bool again = false;
    };
    std::unordered_map<Key, Entry> entries_;
    std::multimap<Time, Key> waiting_;  // by due time, then in order
    std::size_t under_way_ = 0;
};

}  // namespace cariosan::realtime
