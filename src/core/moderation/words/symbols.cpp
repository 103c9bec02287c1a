#include "core/moderation/words/symbols.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/moderation/words/automaton.hpp"
#include "core/moderation/words/list_file.hpp"
#include "core/text/scripts.hpp"

namespace cariosan::core::moderation {
namespace {

constexpr std::uint64_t kDigitBits = std::uint64_t{0x3FF} << 26;

/// The automaton's alphabet: 0 is a gap, then the letters (i and l are one, u and v too), the digit 2, the star, and
/// five for the letters of all other scripts.
constexpr std::uint8_t kTwoIndex = 25;
constexpr std::uint8_t kStarIndex = 26;
constexpr std::uint8_t kOtherIndex = 27;

constexpr std::uint8_t index_of_letter(char32_t letter) {
    if (letter == 'l') letter = 'i';
    if (letter == 'v') letter = 'u';
    return static_cast<std::uint8_t>(1 + (letter - 'a') - (letter > 'l' ? 1 : 0) - (letter > 'v' ? 1 : 0));
}

constexpr Symbol make_symbol(char32_t character, SymbolKind kind, std::uint64_t may_be, std::uint8_t index) {
    Symbol out;
    out.character = character;
    out.may_be = may_be;
    out.index = index;
    out.kind = kind;
    return out;
}

constexpr Symbol letter_symbol(char32_t letter, SymbolKind kind, std::uint64_t may_be) {
    return make_symbol(letter, kind, may_be, index_of_letter(letter));
}

constexpr std::array<Symbol, 128> make_ascii_symbols() {
    std::array<Symbol, 128> out{};
    for (char32_t c = 0; c < 128; ++c) {
        out[c].character = c;
        out[c].spaced = c == ' ' || (c >= '\t' && c <= '\r');
    }
    for (char32_t c = 'a'; c <= 'z'; ++c) out[c] = letter_symbol(c, SymbolKind::letter, bit_of(c));
    out['v'].may_be |= bit_of('u');

    constexpr std::u32string_view kDigits = U"01345678 9";
    constexpr std::u32string_view kMeaning = U"oieasgtb g";
    for (std::size_t i = 0; i < kDigits.size(); ++i) {
        if (kDigits[i] == ' ') continue;
        out[kDigits[i]] =
            letter_symbol(kMeaning[i], SymbolKind::digit, bit_of(kDigits[i]) | bit_of(kMeaning[i]));
    }
    out['1'].may_be |= bit_of('l');
    out['2'] = make_symbol('2', SymbolKind::digit, bit_of('2'), kTwoIndex);

    out['@'] = letter_symbol('a', SymbolKind::sign, bit_of('a'));
    out['$'] = letter_symbol('s', SymbolKind::sign, bit_of('s'));
    out['+'] = letter_symbol('t', SymbolKind::sign, bit_of('t'));
    out['!'] = letter_symbol('i', SymbolKind::sign, bit_of('i') | bit_of('l'));
    out['|'] = out['!'];
    for (const char32_t c : {U'*', U'#', U'%', U'&'}) {
        out[c] = make_symbol('*', SymbolKind::star, 0, kStarIndex);
    }
    return out;
}

constexpr std::array<Symbol, 128> kAsciiSymbols = make_ascii_symbols();

/// Alphabets whose letters look like Latin ones: Greek, Cyrillic, Armenian, Hebrew, Georgian, Cherokee, Coptic.
bool is_foreign(char32_t c) {
    return (c >= 0x370 && c <= 0x5FF) || (c >= 0x10A0 && c <= 0x10FF) || (c >= 0x13A0 && c <= 0x13FF) ||
           (c >= 0x2C80 && c <= 0x2CFF) || (c >= 0xAB70 && c <= 0xABBF);
}

bool is_letter_or_number(char32_t c) {
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) ||
           category == UTF8PROC_CATEGORY_CO;
}

Symbol symbol_beyond_ascii(char32_t c, const Lookalikes& lookalikes) {
    if (const char32_t letter = lookalikes.letter(c); letter != 0) {
        Symbol out = kAsciiSymbols[letter];
        out.foreign = is_foreign(c);
        return out;
    }
    Symbol out;
    out.character = c;
    out.spaced = is_space(c);
    if (is_letter_or_number(c)) {
        out.kind = SymbolKind::letter;
        out.index = static_cast<std::uint8_t>(kOtherIndex + c % (Automaton::kSymbols - kOtherIndex));
    }
    return out;
}

bool is_pure_digit(const Symbol& symbol) { return (symbol.may_be & kDigitBits) != 0; }

/// "!" after an "i" ends a sentence.
bool is_sign_for_i(const Symbol& symbol) { return symbol.kind == SymbolKind::sign && symbol.character == 'i'; }

bool is_same_run(const Symbol& last, const Symbol& next) {
    if ((last.kind == SymbolKind::gap) != (next.kind == SymbolKind::gap)) return false;
    if (last.kind == SymbolKind::gap) return true;
    if (last.character != next.character || last.index != next.index) return false;
    if (is_sign_for_i(last) != is_sign_for_i(next)) return false;
    // "69" is two digits, although either may be a "g".
    return !is_pure_digit(last) || !is_pure_digit(next) || last.may_be == next.may_be;
}

void extend(Symbol& last, const Symbol& next) {
    last.source.end = std::max(last.source.end, next.source.end);
    last.run += next.run;
    last.spaced = last.spaced || next.spaced;
    if (last.kind == SymbolKind::gap) return;
    last.may_be &= next.may_be;
    last.foreign = last.foreign && next.foreign;
    if (next.kind == SymbolKind::digit || last.kind == SymbolKind::letter) last.kind = next.kind;
}

void append(std::vector<Symbol>& out, const Symbol& next) {
    if (!out.empty() && is_same_run(out.back(), next)) {
        extend(out.back(), next);
    } else {
        out.push_back(next);
    }
}

bool is_boundary(const Symbol& symbol) {
    return symbol.kind == SymbolKind::gap || symbol.kind == SymbolKind::sign || symbol.kind == SymbolKind::star;
}

bool spells(std::span<const Symbol> symbols, std::u32string_view word) {
    if (symbols.size() < word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (symbols[i].character != word[i]) return false;
    }
    return symbols.size() == word.size() || is_boundary(symbols[word.size()]);
}

/// "anjing2an": the 2 doubles the word, and a doubled word may take a suffix.
bool is_reduplicated(std::span<const Symbol> rest) {
    if (rest.front().character != '2') return false;
    for (const auto ending : {U"an", U"nya", U"in", U"lah", U"kan"}) {
        if (spells(rest.subspan(1), ending)) return true;
    }
    return false;
}

/// Digits beside a word do not belong to it ("kontol123"); those in its middle do.
void mark_words(std::vector<Symbol>& symbols) {
    const std::span<const Symbol> all(symbols);
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        symbols[i].opens = i == 0 || is_boundary(symbols[i - 1]) || is_unspaced(symbols[i].character) ||
                           is_unspaced(symbols[i - 1].character) ||
                           (is_pure_digit(symbols[i - 1]) && symbols[i - 1].opens);
    }
    for (std::size_t i = symbols.size(); i-- > 0;) {
        symbols[i].closes = i + 1 == symbols.size() || is_boundary(symbols[i + 1]) ||
                            is_unspaced(symbols[i].character) || is_unspaced(symbols[i + 1].character) ||
                            (is_pure_digit(symbols[i + 1]) && symbols[i + 1].closes) ||
                            is_reduplicated(all.subspan(i + 1));
    }
}

/// A word of the text: symbols [begin, end).
struct Word {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Appends the words of `chain` as one. A word of a spread text may begin after a word of one letter, and end before one.
void append_chain(std::vector<Symbol>& out, std::span<const Symbol> symbols, std::span<const Word> chain,
                  bool spread) {
    const auto stands_alone = [](const Symbol& symbol) {
        return symbol.character == 'a' || symbol.character == 'i' || symbol.character == 'u';
    };
    const std::size_t first = out.size();
    for (const Word& word : chain) {
        for (std::size_t i = word.begin; i < word.end; ++i) {
            Symbol symbol = symbols[i];
            symbol.opens = symbol.closes = false;
            if (out.size() == first) {
                out.push_back(symbol);
            } else {
                append(out, symbol);
            }
        }
    }
    const std::span<Symbol> joined = std::span(out).subspan(first);
    joined.front().opens = joined.back().closes = true;
    if (spread && joined.size() > 1) {
        joined[1].opens = stands_alone(joined.front());
        joined[joined.size() - 2].closes = stands_alone(joined.back());
    }
    out.emplace_back();
}

bool is_single(const Word& word) { return word.end - word.begin == 1; }

}  // namespace

Lookalikes::Lookalikes(std::string_view file) {
    each_line(file, [&](std::string_view line) {
        const auto folded = fold(line);
        for (const FoldedCharacter& each : folded) {
            if (each.character >= 0x80) letters_.emplace_back(each.character, folded.front().character);
        }
    });
    std::ranges::sort(letters_);
    const auto twice = std::unique(letters_.begin(), letters_.end(),
                                   [](const auto& a, const auto& b) { return a.first == b.first; });
    letters_.erase(twice, letters_.end());
}

char32_t Lookalikes::letter(char32_t character) const noexcept {
    // Letters in black circles and squares, and the letters of flags.
    for (const char32_t first : {U'\U0001F150', U'\U0001F170', U'\U0001F1E6'}) {
        if (character >= first && character < first + 26) return U'a' + (character - first);
    }
    const auto found = std::ranges::lower_bound(letters_, character, {}, &std::pair<char32_t, char32_t>::first);
    return found != letters_.end() && found->first == character ? found->second : 0;
}

SymbolText symbols_of(std::span<const FoldedCharacter> text, const Lookalikes& lookalikes) {
    SymbolText out;
    out.symbols.reserve(text.size());
    for (const FoldedCharacter& each : text) {
        const char32_t c = each.character;
        Symbol symbol = c < 0x80 ? kAsciiSymbols[c] : symbol_beyond_ascii(c, lookalikes);
        symbol.source = each.source;
        // A capital I looks like a small l.
        if (each.upper && c == 'i') symbol.may_be |= bit_of('l');
        if (c >= 0x80 && symbol.kind == SymbolKind::letter && symbol.may_be == 0 && is_foreign(c)) out.has_foreign = true;
        append(out.symbols, symbol);
    }
    mark_words(out.symbols);
    return out;
}

JoinedText join(std::span<const Symbol> symbols) {
    constexpr std::uint32_t kWidestGap = 3;
    JoinedText out;
    std::vector<Word> words;
    bool single = true;  // all of `words` are
    const auto flush = [&] {
        if (single ? words.size() >= 3 : words.size() >= 2) {
            append_chain(single ? out.spread : out.tight, symbols, words, single);
        }
        words.clear();
        single = true;
    };
    std::uint32_t width = 0;  // of the gaps within `words`
    for (std::size_t i = 0; i < symbols.size();) {
        const bool gapped = symbols[i].kind == SymbolKind::gap;
        const Symbol gap = gapped ? symbols[i] : Symbol{};
        Word word{gapped ? i + 1 : i, gapped ? i + 1 : i};
        while (word.end < symbols.size() && symbols[word.end].kind != SymbolKind::gap) ++word.end;
        i = word.end;
        if (word.begin == word.end) break;

        const bool goes_on = !words.empty() && gap.run <= kWidestGap &&
                             (words.size() == 1 || gap.run == width) &&
                             ((single && is_single(word)) || (gap.run == 1 && !gap.spaced));
        if (!goes_on) flush();
        width = gap.run;
        single = single && is_single(word);
        words.push_back(word);
    }
    flush();
    return out;
}

}  // namespace cariosan::core::moderation
