/// Words and phrases, and where they occur in a text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/moderation/rules.hpp"
#include "core/moderation/words/automaton.hpp"
#include "core/moderation/words/symbols.hpp"

namespace cariosan::core::moderation {

enum class WordKind : std::uint8_t { profanity, blocked, allowed };

/// A word as it is listed: UTF-8; a gap in it matches white space and punctuation, a `*` a starred-out letter.
struct ListedWord {
    std::string text;
    WordKind kind = WordKind::profanity;
    Severity severity = Severity::strong;
};

/// A listed word found in a text.
struct FoundWord {
    Span source;
    WordKind kind = WordKind::profanity;
    Severity severity = Severity::strong;
};

/// A set of words in one automaton. Immutable; safe to use from any thread.
///
/// Only whole words match. A letter of the text may be repeated more often than in the word, but where that could be another
/// word ("cook" is not "cok") only at its end or three times and more. Signs may stand for letters ("a$$"), but at most half of
/// the letters may be digits, and in words of up to three letters only vowels may be written as digits: "A5s" is a telephone.
class WordSet {
  public:
    WordSet(std::span<const ListedWord> words, const Lookalikes& lookalikes);

    bool empty() const noexcept { return words_.empty(); }

    /// Appends the matches in `symbols` of words with at least `least` symbols. `has_foreign` is `SymbolText::has_foreign`.
    void find(std::span<const Symbol> symbols, bool has_foreign, std::uint32_t least,
              std::vector<FoundWord>& out) const;

  private:
    struct Unit {
        char32_t character = 0;
        std::uint32_t run = 1;
        SymbolKind kind = SymbolKind::letter;
    };
    struct Word {
        std::uint32_t first_unit = 0;
        std::uint32_t units = 0;
        std::uint32_t letters = 0;
        WordKind kind = WordKind::profanity;
        Severity severity = Severity::strong;
    };

    static bool fits_run(const Word& word, std::uint32_t at, const Unit& unit, const Symbol& symbol);
    /// "cool!" is not "coli": a mark after a short word is punctuation.
    static bool ends_a_sentence(const Word& word, const Unit& unit, const Symbol& last);
    bool fits(const Word& word, std::span<const Symbol> symbols, bool has_foreign) const;

    std::vector<Unit> units_;
    std::vector<Word> words_;
    Automaton automaton_;

    static Automaton build(std::span<const ListedWord> words, const Lookalikes& lookalikes, std::vector<Unit>& units,
                           std::vector<Word>& out);
};

}  // namespace cariosan::core::moderation
