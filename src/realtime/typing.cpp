#include "realtime/typing.hpp"

namespace cariosan::realtime {

bool TypingTracker::start(const Key& key, std::chrono::milliseconds now) {
    if (const auto found = until_.find(key); found != until_.end()) {
        found->second = now + kTimeout;
        return false;
    }
    if (until_.size() >= kMaxTyping) return false;
    until_.emplace(key, now + kTimeout);
    return true;
}

bool TypingTracker::stop(const Key& key) { return until_.erase(key) != 0; }

std::vector<TypingTracker::Key> TypingTracker::expire(std::chrono::milliseconds now) {
    std::vector<Key> over;
    for (auto each = until_.begin(); each != until_.end();) {
        if (each->second > now) {
            ++each;
        } else {
            over.push_back(each->first);
            each = until_.erase(each);
        }
    }
    return over;
}

}  // namespace cariosan::realtime
