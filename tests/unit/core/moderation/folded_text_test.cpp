#include "core/moderation/words/folded_text.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <random>
#include <string>

#include "core/moderation/masking.hpp"
#include "core/moderation/words/automaton.hpp"
#include "core/text/text.hpp"
#include "support/test_data.hpp"
#include "support/utf8.hpp"

namespace cariosan::test {
namespace {

using namespace core::moderation;

std::u32string folded_string(std::string_view text) {
    std::u32string out;
    for (const auto& each : fold(text)) out += each.character;
    return out;
}

bool starts_character(std::string_view text, std::size_t at) {
    return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

/// The map back leads to code points of the text, in order.
void check_map(std::string_view text) {
    CAPTURE(text);
    std::uint32_t begin = 0;
    for (const auto& each : fold(text)) {
        REQUIRE(each.source.begin < each.source.end);
        REQUIRE(each.source.end <= text.size());
        REQUIRE(each.source.begin >= begin);
        REQUIRE(starts_character(text, each.source.begin));
        REQUIRE(starts_character(text, each.source.end));
        begin = each.source.begin;
    }
}

}  // namespace

TEST_CASE("texts that look equal fold to the same") {
    CHECK(folded_string("FuCK") == U"fuck");
    CHECK(folded_string("ｆｕｃｋ 𝐟𝐮𝐜𝐤 ⓕⓤⓒⓚ") == U"fuck fuck fuck");
    CHECK(folded_string("f\u0301u\u0302\u0303ck") == U"fuck");
    CHECK(folded_string("fu\u200B\u200Dck\u00AD") == U"fuck");
    CHECK(folded_string("f\u2065u\uFFF8c\U000E01F0k") == U"fuck");
    CHECK(folded_string("Straße ﬁ") == U"strasse fi");
    CHECK(folded_string("٠٨١ ०८ 0\uFE0F\u20E3") == U"081 08 0");
    CHECK(folded_string("").empty());
    CHECK(folded_string("\u0301\u200B").empty());
}

TEST_CASE("invisible characters belong to the character before them") {
    const auto folded = fold("a\u0301\u200Bb");
    REQUIRE(folded.size() == 2);
    CHECK(folded[0].source == Span{0, 6});
    CHECK(folded[1].source == Span{6, 7});
}

TEST_CASE("the map back is right for every code point and for any text") {
    for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        std::string text = "x";
        text += test::utf8_of(c);
        text += 'y';
        const auto folded = fold(text);
        const bool first = !folded.empty() && folded.front().source.begin == 0 && folded.front().character == 'x';
        const bool last = !folded.empty() && folded.back().source == Span{static_cast<std::uint32_t>(text.size() - 1),
                                                                           static_cast<std::uint32_t>(text.size())};
        if (!first || !last) FAIL("code point ", c);
    }
    std::mt19937 random(1);  // NOLINT: the same texts each time
    for (int i = 0; i < 300; ++i) {
        std::string text;
        for (int n = 0; n < 40; ++n) {
            const auto c = static_cast<std::uint32_t>(random() % (n % 3 == 0 ? 0x110000 : 0x600));
            text += test::utf8_of(c >= 0xD800 && c <= 0xDFFF ? 'a' : c);
        }
        check_map(text);
    }
}

TEST_CASE("the map back is right for the texts of the normalisation test") {
    const auto path = test_data("torture/blns.txt");
    if (!path) return;
    std::ifstream file(*path);
    for (std::string line; std::getline(file, line);) {
        if (core::is_utf8(line)) check_map(line);
    }
}

TEST_CASE("folding twice equals folding once") {
    for (const std::string text : {"ＦＵＣＫ Straße ① ½ ﷺ", "Ǆ Σς İı", "𝟎𝟖 ٠٨"}) {
        const std::u32string once = folded_string(text);
        std::string again;
        for (const char32_t c : once) again += test::utf8_of(c);
        CHECK(folded_string(again) == once);
    }
}

TEST_CASE("a mask hides whole spans") {
    const std::string text = "satu dua tiga";
    const std::vector<Span> apart{{0, 4}, {9, 13}};
    const std::vector<Span> overlapping{{0, 6}, {5, 8}, {5, 7}};
    CHECK(mask(text, apart) == "*** dua ***");
    CHECK(mask(text, overlapping) == "*** tiga");
    CHECK(mask(text, {}) == text);
    CHECK(masked_excerpt(text, apart, {0, 4}) == "*** dua ***");

    const std::string longer = std::string(200, 'x') + " bad " + std::string(200, 'y');
    const std::vector<Span> bad{{201, 204}};
    const std::string excerpt = masked_excerpt(longer, bad, bad.front());
    CHECK(excerpt.starts_with("…x"));
    CHECK(excerpt.ends_with("y…"));
    CHECK(excerpt.find(" *** ") != std::string::npos);
    CHECK(core::count_code_points(excerpt) < 110);
}

TEST_CASE("the automaton finds every word that ends at a position, longer ones first") {
    const std::vector<std::vector<std::uint8_t>> words{{1, 2, 3}, {2, 3}, {3}, {}, {2, 3}, {3, 1, 2, 3}};
    const Automaton automaton(words);
    const auto found_after = [&](std::vector<std::uint8_t> text) {
        Automaton::State state = Automaton::kStart;
        for (const std::uint8_t symbol : text) state = automaton.next(state, symbol);
        std::vector<std::uint32_t> ids;
        automaton.each_found(state, [&](std::uint32_t id) { ids.push_back(id); });
        CHECK(automaton.finds(state) == !ids.empty());
        return ids;
    };
    CHECK(found_after({1, 2, 3}) == std::vector<std::uint32_t>{0, 1, 4, 2});
    CHECK(found_after({3, 1, 2, 3}) == std::vector<std::uint32_t>{5, 0, 1, 4, 2});
    CHECK(found_after({1, 1, 2, 2, 3}) == std::vector<std::uint32_t>{1, 4, 2});
    CHECK(found_after({1, 2}).empty());
    CHECK(found_after({31}).empty());
    CHECK(Automaton({}).next(Automaton::kStart, 5) == Automaton::kStart);
}

}  // namespace cariosan::test
