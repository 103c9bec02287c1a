#include "core/moderation/words/automaton.hpp"

#include <array>
#include <cstddef>

namespace cariosan::core::moderation {

/// The words as they are put in, before the nodes have their final numbers.
struct Automaton::Trie {
    struct Place {
        std::array<std::uint32_t, kSymbols> children{};  ///< 0: none
        std::vector<std::uint32_t> words;
    };
    std::vector<Place> places{1};

    explicit Trie(std::span<const std::vector<std::uint8_t>> words) {
        for (std::size_t id = 0; id < words.size(); ++id) {
            std::uint32_t at = 0;
            for (const std::uint8_t symbol : words[id]) {
                if (places[at].children[symbol] == 0) {
                    places[at].children[symbol] = static_cast<std::uint32_t>(places.size());
                    places.emplace_back();
                }
                at = places[at].children[symbol];
            }
            if (at != 0) places[at].words.push_back(static_cast<std::uint32_t>(id));
        }
    }
};

Automaton::Automaton(std::span<const std::vector<std::uint8_t>> words) {
    number(Trie(words));
    link();
}

/// Breadth first, so that the children of a node follow each other and a fallback always has a smaller number.
void Automaton::number(const Trie& trie) {
    std::vector<std::uint32_t> places{0};
    places.reserve(trie.places.size());
    nodes_.reserve(trie.places.size());
    for (std::size_t at = 0; at < places.size(); ++at) {
        const auto& place = trie.places[places[at]];
        Node& node = nodes_.emplace_back();
        node.first_child = static_cast<State>(places.size());
        node.first_word = static_cast<std::uint32_t>(word_ids_.size());
        node.words = static_cast<std::uint32_t>(place.words.size());
        word_ids_.insert(word_ids_.end(), place.words.begin(), place.words.end());
        for (std::uint8_t symbol = 0; symbol < kSymbols; ++symbol) {
            if (place.children[symbol] == 0) continue;
            node.children |= std::uint32_t{1} << symbol;
            places.push_back(place.children[symbol]);
        }
    }
}

void Automaton::link() {
    for (State state = 0; state < nodes_.size(); ++state) {
        const Node& node = nodes_[state];
        State child = node.first_child;
        for (std::uint8_t symbol = 0; symbol < kSymbols; ++symbol) {
            if ((node.children >> symbol & 1) == 0) continue;
            const State fallback = state == kStart ? kStart : next(node.fallback, symbol);
            nodes_[child].fallback = fallback;
            nodes_[child].found = nodes_[child].words > 0 ? child : nodes_[fallback].found;
            ++child;
        }
    }
}

}  // namespace cariosan::core::moderation
