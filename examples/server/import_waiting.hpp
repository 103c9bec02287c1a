/// Replies of a file to import that answer a later line.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "line_reader.hpp"

namespace cariosan::server {

/// They wait for their parents, as places in the file: its texts are read again when their turn has come. Its size is that of
/// the replies that stand before what they answer.
class WaitingReplies {
  public:
    struct Unanswered {
        LinePlace place;
        std::string parent;
    };

    void wait_for(std::string parent, LinePlace reply) { waiting_[std::move(parent)].push_back(reply); }

    /// The replies to a message that is stored now, in the order in which they came to wait. They wait no more.
    std::vector<LinePlace> take(const std::string& parent) {
        const auto node = waiting_.extract(parent);
        return node.empty() ? std::vector<LinePlace>() : std::move(node.mapped());
    }

    /// Those whose parents never came, in the order of the file.
    std::vector<Unanswered> rest() const {
        std::vector<Unanswered> all;
        for (const auto& [parent, replies] : waiting_) {
            for (const LinePlace& reply : replies) all.push_back({reply, parent});
        }
        std::ranges::sort(all, {}, [](const Unanswered& each) { return each.place.number; });
        return all;
    }

  private:
    std::unordered_map<std::string, std::vector<LinePlace>> waiting_;  ///< by the `id` of the parent
};

}  // namespace cariosan::server
