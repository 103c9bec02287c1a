/// The Aho-Corasick automaton: all words that end at a place, found in one pass over the text.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace cariosan::core::moderation {

/// Finds words over an alphabet of 32 symbols. Immutable; safe to use from any thread.
///
/// A state is 24 bytes. A symbol costs amortised constant time whatever the text: each step along a failure link
/// gives back one that was taken forward.
class Automaton {
  public:
    static constexpr std::uint8_t kSymbols = 32;
    using State = std::uint32_t;
    static constexpr State kStart = 0;

    /// Each word is a sequence of symbols below `kSymbols`; its id is its index. Empty words are never found, equal
    /// ones are all found.
    explicit Automaton(std::span<const std::vector<std::uint8_t>> words);

    /// The state after one more symbol.
    State next(State state, std::uint8_t symbol) const noexcept {
        const std::uint32_t bit = std::uint32_t{1} << symbol;
        while ((nodes_[state].children & bit) == 0) {
            if (state == kStart) return kStart;
            state = nodes_[state].fallback;
        }
        const auto before = static_cast<std::uint32_t>(std::popcount(nodes_[state].children & (bit - 1)));
        return nodes_[state].first_child + before;
    }

    /// Whether any word ends in this state.
    bool finds(State state) const noexcept { return nodes_[state].found != kStart; }

    /// Calls `call(id)` for each word that ends in this state, longer ones first.
    template <class Call>
    void each_found(State state, Call&& call) const {
        for (State at = nodes_[state].found; at != kStart; at = nodes_[nodes_[at].fallback].found) {
            const std::uint32_t first = nodes_[at].first_word;
            for (std::uint32_t i = first; i < first + nodes_[at].words; ++i) call(word_ids_[i]);
        }
    }

  private:
    struct Node {
        std::uint32_t children = 0;  ///< a bit per symbol; the nodes follow each other from `first_child`
        State first_child = 0;
        State fallback = kStart;  ///< the longest proper suffix that is a prefix of some word
        State found = kStart;     ///< the nearest state along the fallbacks, from here on, that is a word
        std::uint32_t first_word = 0;
        std::uint32_t words = 0;
    };
    struct Trie;

    void number(const Trie& trie);
    void link();

    std::vector<Node> nodes_;
    std::vector<std::uint32_t> word_ids_;
};

}  // namespace cariosan::core::moderation
