#include "transfer/import/import_replies.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <tuple>

namespace cariosan::transfer {

namespace {

std::uint64_t hash_of(std::string_view first, std::string_view second) {
    std::string both;
    both.reserve(first.size() + 1 + second.size());
    both.append(first).append(1, '\0').append(second);
    return std::hash<std::string>{}(both);
}

}  // namespace

ImportReplies::Node ImportReplies::node_of(std::string_view channel, std::string_view name) {
    Node node;
    node.high = hash_of(channel, name);
    node.low = hash_of(name, channel);
    return node;
}

bool ImportReplies::before(const Node& a, const Node& b) noexcept {
    return std::tie(a.high, a.low) < std::tie(b.high, b.low);
}

void ImportReplies::ask(std::string_view channel, std::string_view parent) {
    nodes_.push_back(node_of(channel, parent));
}

void ImportReplies::close() {
    std::sort(nodes_.begin(), nodes_.end(), before);
    const auto same = [](const Node& a, const Node& b) { return a.high == b.high && a.low == b.low; };
    nodes_.erase(std::unique(nodes_.begin(), nodes_.end(), same), nodes_.end());
    nodes_.shrink_to_fit();
}

ImportReplies::Index ImportReplies::find(std::string_view channel, std::string_view name) const {
    const Node wanted = node_of(channel, name);
    const auto found = std::lower_bound(nodes_.begin(), nodes_.end(), wanted, before);
    if (found == nodes_.end() || before(wanted, *found)) return kNone;
    return static_cast<Index>(found - nodes_.begin());
}

bool ImportReplies::in_order(std::string_view channel, std::string_view name,
                             std::optional<std::string_view> parent) {
    const Index answers = parent ? find(channel, *parent) : kNone;
    if (answers != kNone) nodes_[answers].answered = true;
    const Index index = find(channel, name);
    return index == kNone || !nodes_[index].answered;
}

void ImportReplies::offer(std::string_view channel, std::string_view name, std::optional<std::string_view> parent) {
    const Index index = find(channel, name);
    if (index == kNone) return;
    Node& node = nodes_[index];
    if (!parent) {
        node.state = State::coming;
    } else if (node.state == State::missing) {
        node.parent = find(channel, *parent);
        if (node.parent != kNone) node.state = State::waiting;
    }
}

void ImportReplies::judge() {
    std::vector<Index> path;
    for (const Node& start : nodes_) {
        auto at = static_cast<Index>(&start - nodes_.data());
        path.clear();
        while (nodes_[at].state == State::waiting) {
            nodes_[at].state = State::visited;
            path.push_back(at);
            at = nodes_[at].parent;
        }
        settle(path, at);
    }
}

void ImportReplies::settle(const std::vector<Index>& path, Index end) {
    // Only lines on the current path are visited but not yet settled.
    const auto circle = nodes_[end].state == State::visited ? std::ranges::find(path, end) : path.end();
    const State others = nodes_[end].state == State::coming ? State::coming : State::missing;
    for (auto each = path.begin(); each != path.end(); ++each) {
        nodes_[*each].state = each < circle ? others : State::circle;
    }
}

ImportReplies::Parent ImportReplies::parent(std::string_view channel, std::string_view name) const {
    const Index index = find(channel, name);
    if (index == kNone) return Parent::unknown;
    switch (nodes_[index].state) {
        case State::coming: return Parent::coming;
        case State::circle: return Parent::circle;
        default: return Parent::unknown;
    }
}

}  // namespace cariosan::transfer
