#pragma once

#include <cariosan/events.hpp>
#include <cariosan/storage.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cariosan::realtime {

/// Who among the users with local sessions has blocked whom. Confined to the dispatcher's thread.
///
/// A list is read with a session's start; the changes that are heard while it is read are kept and applied afterwards. Its
/// revision tells whether a change was lost.
class BlockLists {
  public:
    enum class Verdict : std::uint8_t {
        ignore,  ///< nobody's here, an old one, or one that waits for its list
        apply,   ///< the list is as it says now
        hole,    ///< changes before it were lost: read the list
    };

    /// From the user's first session on, until `close`.
    void open(UserId user) { lists_.try_emplace(user); }
    void close(UserId user);

    /// What was read. Answers the changes by which it differs from a list that was known before, all with its revision.
    std::vector<BlockUpdated> load(UserId user, BlockedUsers read);
    Verdict change(const BlockUpdated& change);

    std::int64_t rev(UserId user) const;
    /// Ascending.
    const std::vector<UserId>& blocked_by(UserId user) const;
    /// Those with local sessions who have blocked `author`.
    const std::unordered_set<UserId>& blockers_of(UserId author) const;
    bool blocks(UserId user, UserId other) const;
    /// Whether one of two has blocked the other, as far as the one has local sessions.
    bool between(UserId a, UserId b) const { return !empty() && (blocks(a, b) || blocks(b, a)); }
    /// Nobody here has blocked anybody: nothing else needs to be asked.
    bool empty() const noexcept { return blockers_.empty(); }

  private:
    struct List {
        bool known = false;
        std::int64_t rev = 0;
        std::vector<UserId> blocked;          // ascending
        std::vector<BlockUpdated> waiting;  // heard before the list was known
    };

    void add(List& list, UserId user, UserId blocked);
    void remove(List& list, UserId user, UserId blocked);
    void apply(List& list, const BlockUpdated& change);

    std::unordered_map<UserId, List> lists_;
    std::unordered_map<UserId, std::unordered_set<UserId>> blockers_;  // by who is blocked; never empty
    const std::vector<UserId> nobody_{};
    const std::unordered_set<UserId> no_blockers_{};
};

}  // namespace cariosan::realtime
