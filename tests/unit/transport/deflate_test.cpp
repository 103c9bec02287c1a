#include "transport/websocket/deflate.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <array>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "unit/transport/deflate_bytes.hpp"

using namespace cariosan;
using namespace cariosan::transport;

namespace {

using Verdict = Inflated::Verdict;

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    return bytes;
}

/// The text, or what is wrong.
std::string inflated(std::string_view compressed, std::size_t most = 1 << 20) {
    Inflater inflater;
    const Inflated result = inflater.inflate(compressed, most);
    switch (result.verdict) {
        case Verdict::done: return std::string(result.text);
        case Verdict::invalid: return "invalid";
        case Verdict::too_big: return "too big";
    }
    return "?";
}

std::string words(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i) text += "{\"word\":" + std::to_string(i * i % 977) + "}";
    return text.substr(0, size);
}

std::string noise(std::size_t size) {
    std::mt19937 random(7);
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(random() & 0xff));
    return text;
}

std::string with_first_byte(const FrameRef& frame, char first) {
    std::string bytes = frame->bytes;
    bytes[0] = first;
    return bytes;
}

}  // namespace

TEST_CASE("deflate: the examples of RFC 7692, section 7.2.3") {
    CHECK(inflated(from_hex("f248cdc9c90700")) == "Hello");
    CHECK(inflated(from_hex("000500faff48656c6c6f00")) == "Hello");
    CHECK(inflated(from_hex("f348cdc9c9070000")) == "Hello");
    CHECK(inflated(from_hex("f24805000000ffffcac9c90700")) == "Hello");
    CHECK(inflated(from_hex("00")) == "");
    // A final block with nothing behind it, and one with another message's worth of blocks.
    CHECK(inflated(from_hex("f348cdc9c90700")) == "Hello");
    CHECK(inflated(from_hex("f348cdc9c90700f248cdc9c90700")) == "HelloHello");
}

TEST_CASE("deflate: what is no complete message") {
    CHECK(inflated("") == "invalid");
    CHECK(inflated("\x07") == "invalid");
    CHECK(inflated(noise(1000)) == "invalid");
    const std::string text = words(3000);
    const std::string whole = test::deflated(text);
    CHECK(inflated(whole) == text);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        if (inflated(whole.substr(0, size)) == text) FAIL("complete after " << size << " of " << whole.size());
    }
    // Whatever is changed, there is a verdict, and nothing beyond the limit.
    std::mt19937 random(11);
    for (int i = 0; i < 2000; ++i) {
        std::string changed = whole;
        changed[random() % changed.size()] = static_cast<char>(random() & 0xff);
        CHECK(inflated(changed, 4000).size() <= 4000);
    }
}

TEST_CASE("deflate: the limit counts what comes out, to the byte") {
    for (const std::size_t size : std::initializer_list<std::size_t>{1, 4095, 4096, 4097, 100'000}) {
        CAPTURE(size);
        const std::string bomb(size, 'x');
        CHECK(inflated(test::deflated(bomb), size) == bomb);
        CHECK(inflated(test::deflated(bomb), size - 1) == "too big");
    }
    CHECK(inflated(test::deflated(std::string(64 << 20, '\0')), 64 * 1024) == "too big");
    // The next message is not affected.
    Inflater inflater;
    CHECK(inflater.inflate(test::deflated(std::string(1 << 20, 'x')), 1000).verdict == Verdict::too_big);
    CHECK(inflater.inflate("\x07", 1000).verdict == Verdict::invalid);
    CHECK(inflater.inflate(test::deflated("next"), 1000).text == "next");
}

TEST_CASE("deflate: what a client may send as the longest message is accepted compressed") {
    for (const std::size_t size : std::initializer_list<std::size_t>{1, 100, 1000, 65'536}) {
        for (const int memory : {1, 8}) {
            const std::string compressed = test::deflated(noise(size), 15, memory);
            CHECK(compressed.size() <= most_compressed(size));
            CHECK(inflated(compressed, size) == noise(size));
        }
    }
}

TEST_CASE("deflate: messages of every size survive, in the window that is announced") {
    Deflater deflater;
    for (const std::size_t size : std::initializer_list<std::size_t>{300, 5000, 8192, 8193, 40'000, 300'000}) {
        CAPTURE(size);
        std::string out = "kept";
        const std::string text = words(size);
        REQUIRE(deflater.deflate(text, out));
        CHECK(out.size() < 4 + size);
        CHECK(test::inflated_by_zlib(out.substr(4), kDeflateWindowBits) == text);
        CHECK(inflated(out.substr(4)) == text);
    }
    // A message not longer than a client's window never refers further back.
    std::string out;
    const std::string text = words(512);
    REQUIRE(deflater.deflate(text, out));
    CHECK(test::inflated_by_zlib(out, 9) == text);
    CHECK(most_deflated(9) == 512);
    CHECK(most_deflated(kDeflateWindowBits) > 1'000'000);
}

TEST_CASE("deflate: what would not become smaller is left alone") {
    Deflater deflater;
    std::string out = "kept";
    for (const std::size_t size : std::initializer_list<std::size_t>{0, 1, 4, 5, 50, 3000}) CHECK_FALSE(deflater.deflate(noise(size), out));
    CHECK(out == "kept");
}

TEST_CASE("deflate: a frame is compressed once, however often it is sent") {
    DeflatedFrames frames;
    const FrameRef frame = make_frame(words(1000));
    const FrameRef deflated = frames.of(frame);
    CHECK(deflated != frame);
    CHECK(static_cast<std::uint8_t>(deflated->bytes[0]) == 0xc1);
    CHECK(deflated->bytes.size() < 600);
    CHECK(inflated(payloads(*deflated).front()) == words(1000));
    CHECK(frames.of(frame) == deflated);
    const std::array<FrameRef, 3> list = {frame, make_frame(words(3000)), frame};
    const std::vector<FrameRef> both(frames.of(list, 2000).begin(), frames.of(list, 2000).end());
    CHECK(both == std::vector<FrameRef>{deflated, list[1], deflated});

    // After the turn nothing is kept.
    const std::weak_ptr<const Frame> gone = deflated;
    frames.clear();
    CHECK(frame.use_count() == 3);  // this one and the two of the list
    CHECK(deflated.use_count() == 3);  // this one and the two of the other
}

TEST_CASE("deflate: short messages and frames of another kind are sent as they are") {
    DeflatedFrames frames;
    for (const FrameRef& frame : {make_frame(words(DeflatedFrames::kLeastBytes - 4)), make_frame(noise(2000)), make_frame("")}) {
        CHECK(frames.of(frame) == frame);
    }
    const FrameRef text = make_frame(words(1000));
    for (const char first : {'\x88', '\x89', '\x8a', 'H'}) {
        const auto other = std::make_shared<const Frame>(Frame{with_first_byte(text, first)});
        CHECK(frames.of(other) == other);
    }
    const auto cut = std::make_shared<const Frame>(Frame{text->bytes + "\x81"});
    CHECK(frames.of(cut) == cut);

    // Of several messages in one frame, each is judged by itself.
    const auto three = std::make_shared<const Frame>(Frame{make_frame("short")->bytes + text->bytes + make_frame("end")->bytes});
    const FrameRef mixed = frames.of(three);
    const auto found = payloads(*mixed);
    REQUIRE(found.size() == 3);
    CHECK(found[0] == "short");
    CHECK(inflated(found[1]) == words(1000));
    CHECK(found[2] == "end");
    CHECK(mixed->bytes[0] == '\x81');
    CHECK(mixed->bytes[7] == '\xc1');
}
