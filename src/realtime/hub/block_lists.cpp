#include "realtime/hub/block_lists.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cariosan::realtime {

BlockLists::Content& BlockLists::List::to_change() {
    if (!content) content = std::make_unique<Content>();
    return *content;
}

void BlockLists::List::tidy() noexcept {
    if (content && content->empty()) content.reset();
}

void BlockLists::add(List& list, UserId user, UserId blocked) {
    std::vector<UserId>& all = list.to_change().blocked;
    const auto place = std::ranges::lower_bound(all, blocked);
    if (place != all.end() && *place == blocked) return;
    all.insert(place, blocked);
    blockers_[blocked].insert(user);
}

void BlockLists::remove(List& list, UserId user, UserId blocked) {
    if (!list.content || std::erase(list.content->blocked, blocked) == 0) return;
    list.tidy();
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
    for (const UserId blocked : std::vector(blocked_by(user))) remove(found->second, user, blocked);
    lists_.erase(found);
}

std::vector<BlockUpdated> BlockLists::load(UserId user, BlockedUsers read) {
    std::vector<BlockUpdated> changes;
    List& list = list_of(user);
    const bool is_first = !list.known();
    if (!is_first && read.rev <= list.rev) {
        forget_if_plain(user);
        return changes;
    }
    const auto add_changes = [&](const std::vector<UserId>& more, const std::vector<UserId>& less, bool blocked) {
        std::vector<UserId> difference;
        std::ranges::set_difference(more, less, std::back_inserter(difference));
        for (const UserId other : difference) {
            changes.push_back({.user_id = user, .blocked_user = other, .blocked = blocked, .blocks_rev = read.rev});
        }
    };
    const std::vector<UserId> before = blocked_by(user);
    add_changes(before, read.users, false);
    add_changes(read.users, before, true);
    for (const BlockUpdated& change : changes) apply(list, change);
    list.rev = read.rev;
    // A client that has just connected reads the list itself.
    if (is_first) changes.clear();
    if (list.content) {
        for (const BlockUpdated& change : std::exchange(list.content->waiting, {})) {
            if (change.blocks_rev > list.rev) apply(list, change);
        }
        list.tidy();
    }
    forget_if_plain(user);
    return changes;
}

void BlockLists::forget_if_plain(UserId user) {
    const auto found = lists_.find(user);
    if (found->second.rev == 0 && !found->second.content) lists_.erase(found);
}

BlockLists::Verdict BlockLists::change(const BlockUpdated& change) {
    List& list = list_of(change.user_id);
    if (!list.known()) {
        list.to_change().waiting.push_back(change);
        return Verdict::ignore;
    }
    if (change.blocks_rev == list.rev + 1) {
        apply(list, change);
        return Verdict::apply;
    }
    const bool is_old = change.blocks_rev <= list.rev;
    forget_if_plain(change.user_id);
    return is_old ? Verdict::ignore : Verdict::gap;
}

std::int64_t BlockLists::rev(UserId user) const {
    const auto found = lists_.find(user);
    return found == lists_.end() || !found->second.known() ? 0 : found->second.rev;
}

const std::vector<UserId>& BlockLists::blocked_by(UserId user) const {
    const auto found = lists_.find(user);
    return found == lists_.end() || !found->second.content ? nobody_ : found->second.content->blocked;
}

const std::unordered_set<UserId>& BlockLists::blockers_of(UserId author) const {
    const auto found = blockers_.find(author);
    return found == blockers_.end() ? no_blockers_ : found->second;
}

bool BlockLists::blocks(UserId user, UserId other) const {
    return std::ranges::binary_search(blocked_by(user), other);
}

}  // namespace cariosan::realtime
