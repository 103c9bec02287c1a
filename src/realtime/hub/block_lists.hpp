#pragma once

#include <cariosan/events.hpp>
#include <cariosan/storage.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cariosan::realtime {

/// The block lists of users with local sessions. Confined to the dispatcher's thread.
///
/// A list is read when a session starts; changes that arrive during the read are kept and applied afterwards. Its
/// revision shows whether a change was lost.
class BlockLists {
  public:
    enum class Verdict : std::uint8_t {
        ignore,  ///< outdated, or kept until the list is read
        apply,   ///< the list was changed accordingly
        gap,     ///< earlier changes were lost: read the list
    };

    /// Call for a user's first session; ends with `close`. `load` and `change` are only for such users.
    void open(UserId user) { lists_.try_emplace(user); }
    void close(UserId user);

    /// Takes the list that was read. Returns its differences from the list known before, all with its revision.
    std::vector<BlockUpdated> load(UserId user, BlockedUsers read);
    Verdict change(const BlockUpdated& change);

    std::int64_t rev(UserId user) const;
    /// Ascending.
    const std::vector<UserId>& blocked_by(UserId user) const;
    /// The users with local sessions who have blocked `author`.
    const std::unordered_set<UserId>& blockers_of(UserId author) const;
    bool blocks(UserId user, UserId other) const;
    /// Whether one of the two has blocked the other; only the lists of users with local sessions are known.
    bool between(UserId a, UserId b) const { return !empty() && (blocks(a, b) || blocks(b, a)); }
    /// No local user has blocked anyone, so no other check is needed.
    bool empty() const noexcept { return blockers_.empty(); }

  private:
    struct Content {
        std::vector<UserId> blocked;        // ascending
        std::vector<BlockUpdated> waiting;  // received before the list was known
        bool empty() const noexcept { return blocked.empty() && waiting.empty(); }
    };
    /// Most users have blocked nobody.
    struct List {
        static constexpr std::int64_t kUnknown = -1;
        std::int64_t rev = kUnknown;       // until it is read
        std::unique_ptr<Content> content;  // null: empty
        bool known() const noexcept { return rev != kUnknown; }
        Content& to_change();
        void tidy() noexcept;
    };

    void add(List& list, UserId user, UserId blocked);
    void remove(List& list, UserId user, UserId blocked);
    void apply(List& list, const BlockUpdated& change);

    List& list_of(UserId user) { return lists_.try_emplace(user, List{.rev = 0, .content = nullptr}).first->second; }
    void forget_if_plain(UserId user);

    /// Most users have never blocked anyone: empty lists of revision 0 are dropped once they are known.
    std::unordered_map<UserId, List> lists_;
    std::unordered_map<UserId, std::unordered_set<UserId>> blockers_;  // by blocked user; never empty
    const std::vector<UserId> nobody_{};
    const std::unordered_set<UserId> no_blockers_{};
};

}  // namespace cariosan::realtime
