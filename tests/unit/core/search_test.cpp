#include <doctest/doctest.h>

#include <algorithm>

#include "core/search/search_text.hpp"
#include "core/text/text.hpp"
#include "support/search_pairs.hpp"
#include "unit/core/stage.hpp"

namespace cariosan::test {
namespace {

struct Parsed {
    std::string text;
    bool prefix = false;
    bool operator==(const Parsed&) const = default;
};

std::vector<Parsed> parsed(std::string_view query) {
    const auto terms = core::parse_query(query, Limits{});
    REQUIRE(terms.ok());
    std::vector<Parsed> out;
    for (const auto& each : *terms) out.push_back({each.term.text, each.term.prefix});
    return out;
}

std::vector<std::pair<std::int64_t, std::int64_t>> highlighted(std::string_view text, std::string_view query) {
    std::vector<std::pair<std::int64_t, std::int64_t>> out;
    for (const auto& each : core::match_text(text, core::parse_query(query, Limits{}).value()).highlights) {
        out.emplace_back(each.start, each.length);
    }
    return out;
}

using Spans = std::vector<std::pair<std::int64_t, std::int64_t>>;

SearchMessages search(std::string q, std::int64_t limit = 50, std::string cursor = "") {
    return {.q = std::move(q), .channel = {}, .range = {.limit = limit, .cursor = std::move(cursor)}};
}

/// `count` messages that match "word", as candidates, newest first.
void fill(Stage& stage, int count) {
    for (int i = 1; i <= count; ++i) {
        const std::string text = i % 3 == 0 ? "word and word again" : "one word number " + std::to_string(i);
        const Message message = stage.world.add_message(stage.orders, stage.alice, text);
        stage.world.candidates.found.insert(
            stage.world.candidates.found.begin(),
            {.position = i, .message = message.id, .channel = stage.orders, .author = stage.alice.id, .content = text});
    }
    stage.world.candidates.indexed = count;
}

}  // namespace

TEST_CASE("a query consists of words, phrases and a last word that may be incomplete") {
    CHECK(parsed("halo dunia") == std::vector<Parsed>{{"halo", false}, {"dunia", true}});
    CHECK(parsed("  halo\t\"selamat  pagi\" ") == std::vector<Parsed>{{"halo", false}, {"selamat  pagi", false}});
    CHECK(parsed("\"open phrase") == std::vector<Parsed>{{"open phrase", false}});
    CHECK(parsed("ab\"cd\"ef") == std::vector<Parsed>{{"ab", false}, {"cd", false}, {"ef", true}});
    CHECK(parsed("(e-mail) -x a") == std::vector<Parsed>{{"e-mail", false}, {"x", false}, {"a", false}});
    CHECK(parsed("订单") == std::vector<Parsed>{{"订单", false}});
    CHECK(parsed("น้") == std::vector<Parsed>{{"น้", false}});
    CHECK(parsed("大阪　ab\u00A0ab") == std::vector<Parsed>{{"大阪", false}, {"ab", false}, {"ab", true}});
    CHECK(parsed("“halo dunia” «x y»") == std::vector<Parsed>{{"halo dunia", false}, {"x y", false}});
    CHECK(parsed("👍") == std::vector<Parsed>{{"👍", false}});
    for (const char* nothing : {"", "   ", "\"\"", "!?", "\"", "…", "\u200D", "* - \"--\""}) {
        CAPTURE(nothing);
        CHECK(parsed(nothing).empty());
    }
}

TEST_CASE("in scripts without spaces each character is a word, and nowhere else") {
    CHECK(search_words("いすゞ").size() == 3);
    CHECK(search_words("ㄅㄆ").size() == 2);
    // Javanese, and a Latin letter next to it: a run is one word, found by its beginning.
    CHECK(search_words("ꦗꦮꦒ").size() == 1);
    CHECK(search_words("ꞌaꞌa").size() == 1);
    CHECK(parsed("ꦗꦮ") == std::vector<Parsed>{{"ꦗꦮ", true}});
}

TEST_CASE("a query has at most eight terms") {
    CHECK(core::parse_query("a b c d e f g \"h i j\"", Limits{}).ok());
    const auto many = core::parse_query("a b c d e f g h i", Limits{});
    REQUIRE_FALSE(many.ok());
    CHECK(is_over(many.error(), "q", 8));
}

TEST_CASE("highlights are matching code points, whatever their case and marks") {
    CHECK(highlighted("Un CAFÉ crème", "cafe creme") == Spans{{3, 4}, {8, 5}});
    CHECK(highlighted("e\xCC\x81t\xC3\xA9 👍 ete", "ete") == Spans{{0, 4}, {7, 3}});
    CHECK(highlighted("kemarin kema", "kema") == Spans{{0, 7}, {8, 4}});
    CHECK(highlighted("kemarin kema", "\"kema\"") == Spans{{8, 4}});
    CHECK(highlighted("my e-mail, your e mail", "e-mail") == Spans{{3, 6}, {16, 6}});
    CHECK(highlighted("我的订单在哪里", "订单") == Spans{{2, 2}});
    CHECK(highlighted("aba ab", "\"aba ab\" aba") == Spans{{0, 6}});
    CHECK(highlighted("nothing here", "else") == Spans{});
}

TEST_CASE("people's spelling is found by what others type, and highlighted in place") {
    for (const SearchPair& each : kSearchPairs) {
        CAPTURE(each.text);
        CAPTURE(each.query);
        const auto match = core::match_text(each.text, core::parse_query(each.query, Limits{}).value());
        CHECK(match.complete == !each.marked.empty());
        if (each.marked.empty() || match.highlights.empty()) continue;
        const auto& first = match.highlights.front();
        const auto& last = match.highlights.back();
        const auto before = core::cut_code_points(each.text, static_cast<std::size_t>(first.start));
        const auto to = core::cut_code_points(each.text, static_cast<std::size_t>(last.start + last.length));
        CHECK(to.substr(before.size()) == each.marked);
    }
}

TEST_CASE("the words of any text are bounded by its size and lie within it") {
    constexpr std::size_t kSize = 8192;
    for (const std::string_view piece :
         {"a ", "的", "\u0301", "a\u0301", "\u200D", "👩\u200D", "ﷺ", "㍿", "ก\u0E34", "\u0E34", "🇮🇩", "1\uFE0F\u20E3",
          "\U0001F3F4\U000E0067", "\u1037", "क\u094D", "\u1100\u1161", "\uFFFD"}) {
        CAPTURE(piece);
        std::string text;
        while (text.size() + piece.size() <= kSize) text += piece;
        const auto words = search_words(text);
        std::size_t folded = 0;
        std::size_t begin = 0;
        const auto length = static_cast<std::int64_t>(core::count_code_points(text));
        for (const SearchWord& word : words) {
            folded += word.folded.size();
            CHECK(word.begin >= begin);
            CHECK(word.end > word.begin);
            CHECK(word.end <= text.size());
            CHECK(word.length > 0);
            CHECK(word.start + word.length <= length);
            CHECK_FALSE(word.folded.empty());
            begin = word.begin;
        }
        CHECK(words.size() <= text.size() / 2 + 16);
        CHECK(folded <= 6 * text.size());
    }
}

TEST_CASE("a snippet surrounds the first match and its highlights fit") {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "être ";
    text += "NEEDLE";
    for (int i = 0; i < 100; ++i) text += " être";
    SearchHit hit;
    core::cut_snippet(hit, text, core::match_text(text, core::parse_query("needle", Limits{}).value()).highlights);
    REQUIRE(hit.highlights.size() == 1);
    CHECK(hit.snippet.starts_with("…"));
    CHECK(hit.snippet.ends_with("…"));
    std::string_view rest = hit.snippet;
    for (std::int64_t i = 0; i < hit.highlights[0].start; ++i) {
        rest.remove_prefix(1);
        while ((static_cast<unsigned char>(rest.front()) & 0xC0U) == 0x80U) rest.remove_prefix(1);
    }
    CHECK(rest.substr(0, 6) == "NEEDLE");
    CHECK(hit.highlights[0].length == 6);

    SearchHit whole;
    core::cut_snippet(whole, "short text", {{6, 4}});
    CHECK(whole.snippet == "short text");
    CHECK(whole.highlights[0].start == 6);
}

TEST_CASE("only users search, with words, in their own channels") {
    Stage stage;
    CHECK(stage.error(search("word"), stage.backend()).code == ErrorCode::forbidden);
    CHECK(is_invalid(stage.error(search(""), stage.as(stage.alice)), "q"));
    CHECK(is_over(stage.error(search(std::string(257, 'x')), stage.as(stage.alice)), "q", 256));
    SearchMessages inside = search("word");
    inside.channel = "orders";
    CHECK(stage.answer(inside, stage.as(stage.budi)).items.empty());
    CHECK(stage.world.last_search_range.channel == stage.orders);
    CHECK(stage.error(inside, stage.as(stage.citra)).code == ErrorCode::not_a_member);
    inside.channel = "nowhere";
    CHECK(stage.error(inside, stage.as(stage.citra)).code == ErrorCode::not_found);
}

TEST_CASE("messages of blocked users are not found") {
    Stage stage;
    fill(stage, 4);
    for (std::size_t i = 0; i < 2; ++i) stage.world.candidates.found[i].author = stage.budi.id;
    CHECK(stage.answer(search("word"), stage.as(stage.alice)).items.size() == 4);
    stage.world.blocks[stage.alice.id] = {.rev = 1, .users = {stage.budi.id, stage.citra.id}};
    const auto page = stage.answer(search("word"), stage.as(stage.alice));
    REQUIRE(page.items.size() == 2);
    for (const SearchHit& hit : page.items) CHECK(hit.message.seq <= 2);
    CHECK(stage.answer(search("word"), stage.as(stage.budi)).items.size() == 4);
}

TEST_CASE("searches have a rate limit of their own") {
    Stage stage;
    for (int i = 0; i < 4; ++i) stage.answer(search("word"), stage.as(stage.alice));
    CHECK(stage.error(search("word"), stage.as(stage.alice)).code == ErrorCode::rate_limited);
    stage.answer(GetMe{}, stage.as(stage.alice));
}

TEST_CASE("the pages of a search have one order, whatever is sent in between") {
    Stage stage;
    fill(stage, 10);
    const auto all = stage.answer(search("word"), stage.as(stage.alice));
    REQUIRE(all.items.size() == 10);
    CHECK_FALSE(all.has_more());
    CHECK(std::ranges::is_sorted(all.items, std::greater{}, &SearchHit::score));
    CHECK(all.items.front().score > all.items.back().score);

    std::vector<std::string> paged;
    std::string cursor;
    for (int page = 0; page < 4; ++page) {
        stage.clock.running += std::chrono::seconds(10);
        auto part = stage.answer(search("word", 3, cursor), stage.as(stage.alice));
        for (const auto& hit : part.items) paged.push_back(hit.message.id.to_string());
        cursor = part.next_cursor;
        stage.world.candidates.found.insert(stage.world.candidates.found.begin(),
                                            {.position = 20 + page,
                                             .message = all.items[0].message.id,
                                             .channel = stage.orders,
                                             .author = stage.alice.id,
                                             .content = "word word word"});
        stage.world.candidates.indexed = 30;
    }
    CHECK(cursor.empty());
    REQUIRE(paged.size() == 10);
    for (std::size_t i = 0; i < paged.size(); ++i) CHECK(paged[i] == all.items[i].message.id.to_string());
}

TEST_CASE("a search that runs out of budget returns what it has, and its cursor continues below") {
    Stage stage;
    fill(stage, 30);
    stage.world.steps_per_candidate = 5'000;  // ten of them, so that each window uses up the budget
    std::vector<std::int64_t> found;
    std::string cursor;
    std::vector<std::size_t> sizes;
    int pages = 0;
    do {
        stage.clock.running += std::chrono::seconds(10);
        const auto page = stage.answer(search("word", 7, cursor), stage.as(stage.alice));
        CHECK(page.partial == (pages < 4));
        CHECK(page.has_more() == !page.next_cursor.empty());
        for (const SearchHit& hit : page.items) found.push_back(hit.message.seq);
        sizes.push_back(page.items.size());
        cursor = page.next_cursor;
    } while (!cursor.empty() && ++pages < 20);
    CHECK(sizes == std::vector<std::size_t>{7, 3, 7, 3, 7, 3});
    // Window by window, and nothing twice.
    std::ranges::sort(found.begin(), found.begin() + 10);
    CHECK(found[0] == 21);
    CHECK(found[9] == 30);
    std::ranges::sort(found);
    CHECK(std::ranges::adjacent_find(found) == found.end());
    CHECK(found.size() == 30);
}

TEST_CASE("a search that found nothing within its budget says where it continues") {
    Stage stage;
    fill(stage, 30);
    stage.world.steps_per_candidate = 5'000;
    auto page = stage.answer(search("\"word one\""), stage.as(stage.alice));
    CHECK(page.items.empty());
    CHECK(page.partial);
    REQUIRE(page.has_more());
    page = stage.answer(search("\"word one\"", 50, page.next_cursor), stage.as(stage.alice));
    CHECK(page.partial);
    page = stage.answer(search("\"word one\"", 50, page.next_cursor), stage.as(stage.alice));
    CHECK_FALSE(page.partial);
    CHECK_FALSE(page.has_more());
}

TEST_CASE("long texts and long queries use up the budget") {
    Stage stage;
    fill(stage, 30);
    std::string query;
    for (int i = 0; i < 8; ++i) query += "\"a a a a a a a a a a a a a a a\" ";
    std::string text;
    for (int i = 0; i < 4'095; ++i) text += "a ";
    for (SearchCandidate& each : stage.world.candidates.found) each.content = text;
    CHECK(stage.answer(search(query), stage.as(stage.alice)).partial);
}

TEST_CASE("a cursor only fits its own search and expires with the index") {
    Stage stage;
    fill(stage, 10);
    const std::string cursor = stage.answer(search("word", 3), stage.as(stage.alice)).next_cursor;
    REQUIRE_FALSE(cursor.empty());
    CHECK(is_invalid(stage.error(search("other", 3, cursor), stage.as(stage.alice)), "cursor"));
    stage.clock.running += std::chrono::minutes(1);
    for (const std::string& bad : {std::string("s"), std::string("s1.2.3"), cursor.substr(1), "s-" + cursor.substr(1),
                                   std::string("s99999999999999999999.0.0.0.0.e")}) {
        CAPTURE(bad);
        stage.clock.running += std::chrono::minutes(1);
        CHECK(is_invalid(stage.error(search("word", 3, bad), stage.as(stage.alice)), "cursor"));
    }
    stage.clock.running += std::chrono::minutes(1);
    stage.world.candidates.indexed = 5;
    const Error expired = stage.error(search("word", 3, cursor), stage.as(stage.alice));
    CHECK(is_invalid(expired, "cursor"));
    CHECK(expired.detail("expired") != nullptr);
}

}  // namespace cariosan::test
