/// Which replies of a file to import will find what they answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace cariosan::server {

/// A reply may stand before what it answers, and must then be stored first, or history would lose the order of the file. So
/// it has to be known beforehand whether its parent is going to be stored: whether the parent's own line is good, and what
/// that one answers, and so on.
///
/// Filled in steps: `ask` for each reply; `in_order` for each line, after which a file in order needs no more; `offer` for
/// each good line that is replied to; `judge`. Holds 24 bytes for each distinct parent, and at most 72 bytes a reply while it
/// is being filled: names are kept as 128 bits of hash.
class ImportReplies {
  public:
    enum class Parent : std::uint8_t {
        coming,   ///< it is stored already or will be
        unknown,  ///< no good line has this name
        circle,   ///< it answers, over whatever others, itself
    };

    /// A line of this channel answers `parent`.
    void ask(std::string_view channel, std::string_view parent);
    /// No more will be asked.
    void close();

    /// The next line of the file. False if a line before it answers it, or it does so itself.
    bool in_order(std::string_view channel, std::string_view name, std::optional<std::string_view> parent);
    /// Every parent stands before its replies: nothing is asked any more.
    void clear() { nodes_ = {}; }

    bool empty() const noexcept { return nodes_.empty(); }
    bool asked(std::string_view channel, std::string_view name) const { return find(channel, name) != kNone; }

    /// A line that could be stored, once its own parent is if it names one. Of several with one name the best counts.
    void offer(std::string_view channel, std::string_view name, std::optional<std::string_view> parent);
    /// No more will be offered. Takes time in proportion to what was asked.
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
        bool answered = false;  ///< by a line that `in_order` was given
    };
    static Node node_of(std::string_view channel, std::string_view name);
    static bool before(const Node& a, const Node& b) noexcept;
    Index find(std::string_view channel, std::string_view name) const;
    void settle(const std::vector<Index>& path, Index end);

    std::vector<Node> nodes_;  ///< sorted after `close`
};

}  // namespace cariosan::server
