#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace cariosan::realtime {

/// What is to be read again from storage, because events about it were lost: each key once, few at a time, the first one
/// first. What fails or turns out not to be enough is repeated later, and later each time, up to `kLongestDelay`.
///
/// Time is that of the caller. Bound: one entry per key; at most `kMostUnderWay` reads at a time.
template <class Key>
class RereadQueue {
  public:
    using Time = std::chrono::milliseconds;
    static constexpr std::size_t kMostUnderWay = 16;
    static constexpr Time kFirstDelay{250};
    static constexpr Time kLongestDelay{8'000};

    /// It is to be read. A read that is waiting or under way will do.
    void add(const Key& key) {
        const auto [found, is_new] = entries_.try_emplace(key);
        if (is_new) waiting_.emplace(Time{0}, key);
    }
    /// It is to be read from now on: a read that is under way began too early, and will be repeated.
    void add_later(const Key& key) {
        add(key);
        Entry& entry = entries_.at(key);
        entry.again = entry.under_way;
    }

    /// The next one, whose read begins now. It ends with `finish`.
    std::optional<Key> next(Time now) {
        if (under_way_ >= kMostUnderWay || waiting_.empty() || waiting_.begin()->first > now) return std::nullopt;
        const Key key = waiting_.begin()->second;
        waiting_.erase(waiting_.begin());
        ++under_way_;
        entries_.at(key).under_way = true;
        return key;
    }
    /// What was read is enough, or there is nothing to be read any more; or else it is to be repeated.
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
    std::multimap<Time, Key> waiting_;  // by when they are due; of those that are due at once, the first one first
    std::size_t under_way_ = 0;
};

}  // namespace cariosan::realtime
