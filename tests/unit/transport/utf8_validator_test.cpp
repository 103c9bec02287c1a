#include "transport/websocket/utf8_validator.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using cariosan::transport::Utf8Validator;

namespace {

bool valid(std::string_view text) {
    Utf8Validator validator;
    return validator.feed(text) && validator.complete();
}

/// Checks that the verdict is the same when the text is fed in two pieces, split at every position.
bool valid_at_every_cut(std::string_view text) {
    const bool whole = valid(text);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Utf8Validator validator;
        const bool pieces =
            validator.feed(text.substr(0, cut)) && validator.feed(text.substr(cut)) && validator.complete();
        CHECK(pieces == whole);
    }
    return whole;
}

}  // namespace

TEST_CASE("utf8: well-formed text is accepted wherever it is split") {
    CHECK(valid_at_every_cut(""));
    CHECK(valid_at_every_cut("plain ASCII that is longer than a step of eight bytes"));
    CHECK(valid_at_every_cut("\xc2\x80\xdf\xbf"));
    CHECK(valid_at_every_cut("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"));
    CHECK(valid_at_every_cut("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
    CHECK(valid_at_every_cut("12345678\xf0\x9f\x91\x8d 12345678 \xce\xba\xe1\xbd\xb9\xcf\x83"));
    CHECK(valid_at_every_cut(std::string_view("\0", 1)));
}

TEST_CASE("utf8: ill-formed text is refused wherever it is split") {
    for (const std::string_view text : {"\x80",
                                        "\xbf",
                                        "\xc0\x80",
                                        "\xc1\xbf",
                                        "\xe0\x80\x80",
                                        "\xe0\x9f\xbf",
                                        "\xf0\x80\x80\x80",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xed\xa0\x80",
                                        "\xed\xbf\xbf",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xff",
                                        "\xfe",
                                        "\xc2",
                                        "\xe1\x80",
                                        "\xf1\x80\x80",
                                        "\xc2"
                                        "a",
                                        "\xe1\x80"
                                        "a",
                                        "12345678\xff",
                                        "12345678\xf0\x9f\x91"}) {
        CAPTURE(text);
        CHECK_FALSE(valid_at_every_cut(text));
    }
}

TEST_CASE("utf8: the verdict comes at the first byte that cannot be valid") {
    Utf8Validator validator;
    CHECK(validator.feed("\xf4"));
    CHECK_FALSE(validator.feed("\x90"));  // above U+10FFFF, two bytes before the end of the character
}

TEST_CASE("utf8: every code point, and every pair of bytes, is judged like by an encoder") {
    for (std::uint32_t point = 0; point <= 0x10ffff; ++point) {
        std::string text;
        const auto put = [&text](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
        if (point < 0x80) {
            put(point);
        } else if (point < 0x800) {
            put(0xc0 | point >> 6), put(0x80 | (point & 0x3f));
        } else if (point < 0x10000) {
            put(0xe0 | point >> 12), put(0x80 | (point >> 6 & 0x3f)), put(0x80 | (point & 0x3f));
        } else {
            put(0xf0 | point >> 18), put(0x80 | (point >> 12 & 0x3f));
            put(0x80 | (point >> 6 & 0x3f)), put(0x80 | (point & 0x3f));
        }
        const bool surrogate = point >= 0xd800 && point <= 0xdfff;
        if (valid(text) == surrogate) FAIL("U+" << point);
    }
    for (unsigned first = 0; first < 256; ++first) {
        for (unsigned second = 0; second < 256; ++second) {
            const std::string text{static_cast<char>(first), static_cast<char>(second)};
            const bool expected = (first < 0x80 && second < 0x80) ||
                                  (first >= 0xc2 && first <= 0xdf && second >= 0x80 && second <= 0xbf);
            if (valid(text) != expected) FAIL(first << " " << second);
        }
    }
}
