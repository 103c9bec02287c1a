#include "core/emoji.hpp"

#include <doctest/doctest.h>
#include <utf8proc.h>

#include <cstdlib>
#include <string>

namespace cariosan::core {

TEST_CASE("one emoji is one, however it is made") {
    for (const std::string text :
         {"👍", "❤️", "❤", "👍🏽", "👩‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇮🇩", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#⃣", "*️⃣", "🏽", "©️"}) {
        CAPTURE(text);
        CHECK(is_emoji(text));
    }
}

TEST_CASE("what is set aside for later emoji is one already") {
    // The ends of the ranges, and U+1FAE9 of Unicode 16; alone, with a skin tone, joined to others and to each other.
    for (const std::string text : {"\U0001FAE9", "\U0001F0C0", "\U0001F1AE", "\U0001F1E5", "\U0001F266", "\U0001F2FF",
                                   "\U0001F8B5", "\U0001FAFF", "\U0001FC00", "\U0001FFFD", "\U0001FACD\U0001F3FD",
                                   "\U0001F469\u200D\U0001FADC", "\U0001FADC\u200D\U0001FADC", "\U0001FADC\uFE0F"}) {
        CAPTURE(text);
        CHECK(is_emoji(text));
    }
    // Beside those ranges nothing is.
    for (const std::string text : {"\U0001EFFF", "\U0001FBFF", "\U0001FFFE", "\U0001FFFF", "\U00020000", "\u0378",
                                   "\U0001FADC\U0001FADC", "\U0001FADCa"}) {
        CAPTURE(text);
        CHECK_FALSE(is_emoji(text));
    }
}

TEST_CASE("no normalisation changes a pictograph") {
    for (utf8proc_int32_t point = 0x80; point <= 0x1FFFD; ++point) {
        utf8proc_uint8_t bytes[4];
        if (point >= 0xD800 && point <= 0xDFFF) continue;
        const std::string text(reinterpret_cast<const char*>(bytes),
                               static_cast<std::size_t>(utf8proc_encode_char(point, bytes)));
        if (!is_emoji(text)) continue;
        utf8proc_uint8_t* normal = utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str()));
        CAPTURE(point);
        CHECK(text == reinterpret_cast<const char*>(normal));
        std::free(normal);
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
