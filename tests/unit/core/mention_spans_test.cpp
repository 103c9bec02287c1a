// Where a text names those it mentions: what is refused, and how spans move when moderation changes the text.
#include <doctest/doctest.h>

#include <limits>

#include "core/moderation/masking.hpp"
#include "core/moderation/moderate_text.hpp"
#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::Stage;

namespace {

using Spans = std::vector<TextSpan>;

SendMessage saying(std::string text, std::vector<NamedMention> mentions) {
    return {.channel = "orders", .content = std::move(text), .mentions = std::move(mentions)};
}

}  // namespace

TEST_CASE("spans are counted in code points, and a user named twice has all of them") {
    Stage stage;
    const auto send = stage.mutation<mutation::SendMessage>(
        saying("\U0001F389 @budi and @alice, @budi", {{"budi", {{20, 5}}}, {"alice", {{12, 6}}}, {"budi", {{2, 5}}}}),
        stage.as(stage.alice));
    REQUIRE(send.mentions.size() == 2);
    CHECK(send.mentions[0].user_id == stage.budi.id);
    CHECK(send.mentions[0].spans == Spans{{2, 5}, {20, 5}});
    CHECK(send.mentions[1].spans == Spans{{12, 6}});
}

TEST_CASE("spans outside the text, empty ones and overlapping ones are refused, in sends and edits") {
    Stage stage;
    const Message old = stage.world.add_message(stage.orders, stage.alice, "old");
    const auto refused = [&](std::vector<NamedMention> mentions) {
        const EditMessage edit{.channel = "orders", .message_id = old.id.to_string(), .content = "\u00e9@budi", .mentions = mentions};
        CHECK(is_invalid(stage.error(edit, stage.as(stage.alice)), "mentions"));
        CHECK(is_invalid(stage.error(saying("\u00e9@budi", std::move(mentions)), stage.as(stage.alice)), "mentions"));
    };
    const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
    for (const TextSpan span : {TextSpan{-1, 2}, TextSpan{0, 0}, TextSpan{0, -1}, TextSpan{6, 1}, TextSpan{0, 7}, TextSpan{1, 6},
                                TextSpan{huge, 1}, TextSpan{1, huge}, TextSpan{huge, huge}}) {
        CAPTURE(span.start);
        CAPTURE(span.length);
        refused({{"budi", {span}}});
    }
    refused({{"budi", {{1, 3}, {3, 1}}}});
    refused({{"budi", {{1, 3}}}, {"alice", {{1, 3}}}});
    stage.mutation<mutation::SendMessage>(saying("\u00e9@budi", {{"budi", {{3, 3}, {0, 3}}}}), stage.as(stage.alice));
    std::vector<TextSpan> many;
    for (std::int64_t i = 0; i <= stage.limits.mention_spans; ++i) many.push_back({i, 1});
    CHECK(is_over(stage.error(saying(std::string(200, 'x'), {{"budi", many}}), stage.as(stage.alice)), "mentions", 100));
    many.pop_back();
    stage.mutation<mutation::SendMessage>(saying(std::string(200, 'x'), {{"budi", many}}), stage.as(stage.alice));
}

TEST_CASE("spans move with what is masked before them, and are dropped where a mask touches them") {
    using core::moderation::Span;
    const std::string text = "\u00e9 bad @budi worse! @cat";
    // Bytes; the masks are "bad" and "worse!", which are longer and shorter than a mask.
    const std::vector<Span> masked{{3, 6}, {13, 19}};
    REQUIRE(core::moderation::mask(text, masked) == "\u00e9 *** @budi *** @cat");
    Spans spans{{0, 1}, {2, 2}, {6, 5}, {12, 6}, {10, 3}, {19, 4}};
    core::moderation::move_spans(spans, text, masked);
    CHECK(spans == Spans{{0, 1}, {6, 5}, {16, 4}});
    core::moderation::move_spans(spans, text, {});
    CHECK(spans == Spans{{0, 1}, {6, 5}, {16, 4}});
}
