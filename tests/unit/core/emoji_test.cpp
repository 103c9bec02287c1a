#include "core/emoji.hpp"

#include <doctest/doctest.h>

#include <string>

namespace cariosan::core {

TEST_CASE("one emoji is one, however it is made") {
    for (const std::string text :
         {"👍", "❤️", "❤", "👍🏽", "👩‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇮🇩", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#⃣", "*️⃣", "🏽", "©️"}) {
        CAPTURE(text);
        CHECK(is_emoji(text));
    }
}

TEST_CASE("what is not one emoji is none") {
    for (const std::string text : {"", "a", "1", "#", "*", "1️", "👍👍", "👍a", "a👍", "🇮", "🇮🇩🇮", "é", "❤️ ", "12⃣",
                                   "\xE2\x80\x8D", "\xEF\xB8\x8F", "\xF0\x9F\x91", "一"}) {
        CAPTURE(text);
        CHECK_FALSE(is_emoji(text));
    }
}

}  // namespace cariosan::core
