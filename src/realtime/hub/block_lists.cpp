#include "realtime/hub/block_lists.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cariosan::realtime {

void BlockLists::add(List& list, UserId user, UserId blocked) {
    const auto place = std::ranges::lower_bound(list.blocked, blocked);
    if (place != list.blocked.end() && *place == blocked) return;
    list.blocked.insert(place, blocked);
    blockers_[blocked].insert(user);
}

void BlockLists::remove(List& list, UserId user, UserId blocked) {
    if (std::erase(list.blocked, blocked) == 0) return;
    const auto found = blockers_.find(blocked);
    found->second.erase(user);
    if (found->second.empty()) blockers_.erase(found);
}

void BlockLists::apply(List& list, const BlockUpdated& change) {
    list.rev = change.blocks_rev;
    if (change.blocked) {
        add(list, change.user_id, change.blocked_user);
    } else {
        remove(list, change.user_id, change.blocked_user);
    }
}

void BlockLists::close(UserId user) {
    const auto found = lists_.find(user);
    if (found == lists_.end()) return;
    for (const UserId blocked : std::vector(found->second.blocked)) remove(found->second, user, blocked);
    lists_.erase(found);
}

std::vector<BlockUpdated> BlockLists::load(UserId user, BlockedUsers read) {
    std::vector<BlockUpdated> news;
    const auto found = lists_.find(user);
    if (found == lists_.end()) return news;
    List& list = found->second;
    if (list.known && read.rev <= list.rev) return news;
    const auto add_news = [&](const std::vector<UserId>& more, const std::vector<UserId>& less, bool blocked) {
        std::vector<UserId> difference;
        std::ranges::set_difference(more, less, std::back_inserter(difference));
        for (const UserId other : difference) {
            news.push_back({.user_id = user, .blocked_user = other, .blocked = blocked, .blocks_rev = read.rev});
        }
    };
    add_news(list.blocked, read.users, false);
    add_news(read.users, list.blocked, true);
    for (const BlockUpdated& change : news) apply(list, change);
    list.rev = read.rev;
    // Who has just come reads the list itself.
    if (!std::exchange(list.known, true)) news.clear();
    for (const BlockUpdated& change : std::exchange(list.waiting, {})) {
        if (change.blocks_rev > list.rev) apply(list, change);
    }
    return news;
}

BlockLists::Verdict BlockLists::change(const BlockUpdated& change) {
    const auto found = lists_.find(change.user_id);
    if (found == lists_.end()) return Verdict::ignore;
    List& list = found->second;
    if (!list.known) {
        list.waiting.push_back(change);
        return Verdict::ignore;
    }
    if (change.blocks_rev <= list.rev) return Verdict::ignore;
    if (change.blocks_rev > list.rev + 1) return Verdict::hole;
    apply(list, change);
    return Verdict::apply;
}

std::int64_t BlockLists::rev(UserId user) const {
    const auto found = lists_.find(user);
    return found == lists_.end() ? 0 : found->second.rev;
}

const std::vector<UserId>& BlockLists::blocked_by(UserId user) const {
    const auto found = lists_.find(user);
    return found == lists_.end() ? nobody_ : found->second.blocked;
}

const std::unordered_set<UserId>& BlockLists::blockers_of(UserId author) const {
    const auto found = blockers_.find(author);
    return found == blockers_.end() ? no_blockers_ : found->second;
}

bool BlockLists::blocks(UserId user, UserId other) const {
    return std::ranges::binary_search(blocked_by(user), other);
}

}  // namespace cariosan::realtime
