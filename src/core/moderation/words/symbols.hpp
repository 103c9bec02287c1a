/// A folded text as the automaton reads it: interchangeable letters are one symbol, repeated ones one run.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/moderation/words/folded_text.hpp"

namespace cariosan::core::moderation {

/// Which characters look like Latin letters.
class Lookalikes {
  public:
    /// `file` is the content of lists/lookalikes.txt.
    explicit Lookalikes(std::string_view file);

    /// The Latin letter, or 0.
    char32_t letter(char32_t character) const noexcept;

  private:
    std::vector<std::pair<char32_t, char32_t>> letters_;  ///< ascending
};

enum class SymbolKind : std::uint8_t {
    gap,     ///< what separates words
    letter,  ///< of any script
    digit,   ///< a digit, possibly with the letter it replaces ("s5")
    sign,    ///< a sign that replaces a letter: @ $ ! | +
    star,    ///< a sign that hides a letter: * # % &
};

/// A run of one character, or of characters that mean the same ("a$s": a, then a run of two).
struct Symbol {
    char32_t character = 0;    ///< what it is first taken for: 'i' for "1", the digit itself for "2"
    std::uint64_t may_be = 0;  ///< what else: bits 0–25 are a–z, 26–35 are 0–9; 0 for other scripts
    Span source;
    std::uint32_t run = 1;
    std::uint8_t index = 0;  ///< for the automaton; equal for all that may be the same character
    SymbolKind kind = SymbolKind::gap;
    bool spaced = false;   ///< a gap with white space
    bool foreign = false;  ///< a look-alike from another alphabet
    bool opens = false;    ///< a word may begin here
    bool closes = false;   ///< a word may end here
};

struct SymbolText {
    std::vector<Symbol> symbols;
    /// Letters of Greek, Cyrillic and the like that look like no Latin letter: their look-alikes are those alphabets.
    bool has_foreign = false;
};

SymbolText symbols_of(std::span<const FoldedCharacter> text, const Lookalikes& lookalikes);

/// The spread-out words of `text`, put together, with gaps between them.
struct JoinedText {
    std::vector<Symbol> spread;  ///< single letters: "f u c k", "k.o.n.t.o.l"; a word may lack an "a", "i" or "u" beside
    std::vector<Symbol> tight;   ///< pieces with one sign between them: "kon.tol"
};
JoinedText join(std::span<const Symbol> symbols);

/// The bit of `Symbol::may_be` for a–z and 0–9.
constexpr std::uint64_t bit_of(char32_t character) noexcept {
    return std::uint64_t{1} << (character >= 'a' ? character - 'a' : character - '0' + 26);
}

}  // namespace cariosan::core::moderation
