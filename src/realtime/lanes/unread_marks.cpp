#include "realtime/lanes/unread_marks.hpp"

#include <algorithm>

namespace cariosan::realtime {

void UnreadMarks::mark(SessionId session, ChannelId channel) {
    auto [found, is_new] = waiting_.try_emplace(session);
    if (is_new) order_.push_back(session);
    std::vector<ChannelId>& channels = found->second;
    if (std::ranges::find(channels, channel) != channels.end()) return;
    if (channels.size() >= kMaxChannels) channels.erase(channels.begin());
    channels.push_back(channel);
}

std::vector<std::pair<SessionId, ChannelId>> UnreadMarks::take(std::size_t most) {
    std::vector<std::pair<SessionId, ChannelId>> taken;
    for (std::size_t left = order_.size(); left > 0 && taken.size() < most; --left) {
        const SessionId session = order_.front();
        order_.pop_front();
        const auto found = waiting_.find(session);
        if (found == waiting_.end()) continue;
        std::vector<ChannelId>& channels = found->second;
        taken.emplace_back(session, channels.front());
        channels.erase(channels.begin());
        if (channels.empty()) {
            waiting_.erase(found);
        } else {
            order_.push_back(session);
        }
    }
    return taken;
}

}  // namespace cariosan::realtime
