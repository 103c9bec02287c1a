/// Which replies of an import file will find their parents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace cariosan::transfer {

/// A reply may come before its parent in the file and must then be stored first, because history keeps the order of the
/// file. So whether the parent is going to be stored must be known beforehand: whether its line is valid, whether the
/// parent of that line will be stored, and so on.
///
/// Used in steps: `ask` for each reply; `in_order` for each line, and if the file proves to be in order, nothing more is
/// needed; `offer` for each valid line that is a parent; `judge`. Holds 24 bytes per distinct parent, and at most 72 bytes
/// per reply while it is being filled: names are kept as hashes of 128 bits.
class ImportReplies {
  public:
    enum class Parent : std::uint8_t {
        coming,   ///< already stored, or will be
        unknown,  ///< no valid line has this name
        circle,   ///< it replies to itself, directly or through others
    };

    /// Call for a line of this channel that replies to `parent`.
    void ask(std::string_view channel, std::string_view parent);
    /// Call after the last `ask`.
    void close();

    /// Call for each line of the file in turn. False if an earlier line replies to it, or if it replies to itself.
    bool in_order(std::string_view channel, std::string_view name, std::optional<std::string_view> parent);
    /// Drops everything, because every parent comes before its replies.
    void clear() { nodes_ = {}; }

    bool empty() const noexcept { return nodes_.empty(); }
    bool asked(std::string_view channel, std::string_view name) const { return find(channel, name) != kNone; }

    /// Call for a line that could be stored, provided that its own parent, if it has one, is. If several lines have the
    /// same name, the best one counts.
    void offer(std::string_view channel, std::string_view name, std::optional<std::string_view> parent);
    /// Call after the last `offer`. Takes time proportional to the number of parents.
    void judge();

    Parent parent(std::string_view channel, std::string_view name) const;

  private:
    using Index = std::uint32_t;
    static constexpr Index kNone = UINT32_MAX;
    enum class State : std::uint8_t { missing, waiting, visited, coming, circle };

    struct Node {
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        Index parent = kNone;
        State state = State::missing;
        bool answered = false;  ///< a line given to `in_order` replies to it
    };
    static Node node_of(std::string_view channel, std::string_view name);
    static bool before(const Node& a, const Node& b) noexcept;
    Index find(std::string_view channel, std::string_view name) const;
    void settle(const std::vector<Index>& path, Index end);

    std::vector<Node> nodes_;  ///< sorted after `close`
};

}  // namespace cariosan::transfer
