#include "core/moderation/words/word_set.hpp"

#include <cstddef>

namespace cariosan::core::moderation {
namespace {

bool is_vowel(char32_t character) {
    return character == 'a' || character == 'e' || character == 'i' || character == 'o' || character == 'u';
}

/// The symbols of a listed word without gaps around it.
std::span<const Symbol> trimmed(std::span<const Symbol> symbols) {
    while (!symbols.empty() && symbols.front().kind == SymbolKind::gap) symbols = symbols.subspan(1);
    while (!symbols.empty() && symbols.back().kind == SymbolKind::gap) symbols = symbols.first(symbols.size() - 1);
    return symbols;
}

/// A run of one digit is the digit; any other run is the letter it stands for.
char32_t listed_character(const Symbol& symbol) {
    for (char32_t digit = '0'; digit <= '9'; ++digit) {
        if ((symbol.may_be & bit_of(digit)) != 0) return digit;
    }
    return symbol.character;
}

}  // namespace

WordSet::WordSet(std::span<const ListedWord> words, const Lookalikes& lookalikes)
    : automaton_(build(words, lookalikes, units_, words_)) {}

Automaton WordSet::build(std::span<const ListedWord> words, const Lookalikes& lookalikes, std::vector<Unit>& units,
                         std::vector<Word>& out) {
    std::vector<std::vector<std::uint8_t>> spellings;
    for (const ListedWord& listed : words) {
        const SymbolText text = symbols_of(fold(listed.text), lookalikes);
        const auto symbols = trimmed(text.symbols);
        if (symbols.empty()) continue;
        Word& word = out.emplace_back();
        word.first_unit = static_cast<std::uint32_t>(units.size());
        word.units = static_cast<std::uint32_t>(symbols.size());
        word.kind = listed.kind;
        word.severity = listed.severity;
        auto& spelling = spellings.emplace_back();
        for (const Symbol& symbol : symbols) {
            units.push_back({listed_character(symbol), symbol.run, symbol.kind});
            spelling.push_back(symbol.index);
            if (symbol.kind != SymbolKind::gap) word.letters += symbol.run;
        }
    }
    return Automaton(spellings);
}

void WordSet::find(std::span<const Symbol> symbols, bool has_foreign, std::uint32_t least,
                   std::vector<FoundWord>& out) const {
    Automaton::State state = Automaton::kStart;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        state = automaton_.next(state, symbols[i].index);
        if (!symbols[i].closes || !automaton_.finds(state)) continue;
        automaton_.each_found(state, [&](std::uint32_t id) {
            const Word& word = words_[id];
            if (word.units < least) return;
            const std::size_t begin = i + 1 - word.units;
            if (!symbols[begin].opens) return;
            if (!fits(word, symbols.subspan(begin, word.units), has_foreign)) return;
            // A word that ends in a star is often Markdown: "**a**".
            const bool starred = symbols[i].kind == SymbolKind::star;
            if (starred && begin > 0 && symbols[begin - 1].kind == SymbolKind::star) return;
            out.push_back({{symbols[begin].source.begin, symbols[i].source.end}, word.kind, word.severity});
        });
    }
}

bool WordSet::fits_run(const Word& word, std::uint32_t at, const Unit& unit, const Symbol& symbol) {
    constexpr std::uint32_t kWidestGap = 3;
    if (unit.kind == SymbolKind::gap) return symbol.run <= kWidestGap;
    if (symbol.run <= unit.run || unit.kind == SymbolKind::star) return symbol.run >= unit.run;
    return symbol.run >= 3 || at + 1 == word.units || word.units >= 4;
}

bool WordSet::ends_a_sentence(const Word& word, const Unit& unit, const Symbol& last) {
    constexpr std::uint32_t kShort = 4;
    return word.letters <= kShort && unit.kind == SymbolKind::letter && last.kind == SymbolKind::sign && last.character == 'i';
}

bool WordSet::fits(const Word& word, std::span<const Symbol> symbols, bool has_foreign) const {
    if (ends_a_sentence(word, units_[word.first_unit + word.units - 1], symbols.back())) return false;
    std::uint32_t disguised = 0;
    bool plain = false;
    bool own = !has_foreign;
    for (std::uint32_t i = 0; i < word.units; ++i) {
        const Unit& unit = units_[word.first_unit + i];
        const Symbol& symbol = symbols[i];
        if ((unit.kind == SymbolKind::gap) != (symbol.kind == SymbolKind::gap)) return false;
        if (!fits_run(word, i, unit, symbol)) return false;
        if (unit.kind == SymbolKind::gap || unit.kind == SymbolKind::star) continue;
        own = own || !symbol.foreign;
        if (symbol.may_be == 0) {
            if (symbol.character != unit.character) return false;
            plain = true;
            continue;
        }
        if (unit.character >= 0x80 || (symbol.may_be & bit_of(unit.character)) == 0) return false;
        plain = plain || symbol.kind == SymbolKind::letter || unit.kind == SymbolKind::digit;
        if (symbol.kind != SymbolKind::digit || unit.kind != SymbolKind::letter) continue;
        if (word.letters <= 3 && !is_vowel(unit.character)) return false;
        disguised += unit.run;
    }
    return own && plain && 2 * disguised <= word.letters;
}

}  // namespace cariosan::core::moderation
