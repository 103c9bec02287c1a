#include "transport/websocket/websocket_frame.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/test_data.hpp"
#include "unit/transport/websocket_bytes.hpp"

using namespace cariosan::transport;
using cariosan::test::client_close;
using cariosan::test::client_text;
using cariosan::test::frame_bytes;

namespace {

constexpr std::size_t kLimit = 1000;

/// What a parser found, as text: "text:Hello ping:x violation:1002".
std::string describe(const FrameEvent& event) {
    switch (event.kind) {
        case FrameKind::none: return "none";
        case FrameKind::text: return (event.compressed ? "compressed:" : "text:") + std::string(event.payload);
        case FrameKind::ping: return "ping:" + std::string(event.payload);
        case FrameKind::pong: return "pong:" + std::string(event.payload);
        case FrameKind::close:
            return "close:" + std::to_string(event.code) + ":" + std::string(event.payload);
        case FrameKind::violation: return "violation:" + std::to_string(event.code);
    }
    return "?";
}

/// Feeds the pieces and stops at the first violation.
std::string parse(const std::vector<std::string>& pieces, std::size_t limit = kLimit, std::size_t max_compressed = 0) {
    FrameParser parser(limit);
    if (max_compressed != 0) parser.accept_compressed(max_compressed);
    std::string found;
    for (const std::string& piece : pieces) {
        std::string copy = piece;
        std::span<char> input(copy);
        while (true) {
            const FrameEvent event = parser.next(input);
            if (event.kind == FrameKind::none) break;
            found += (found.empty() ? "" : " ") + describe(event);
            if (event.kind == FrameKind::violation) return found;
        }
        REQUIRE(input.empty());
    }
    if (parser.incomplete()) found += found.empty() ? "incomplete" : " incomplete";
    return found;
}

/// Checks that the result is the same for the whole, byte by byte, and split in two at every position.
void check_events(const std::string& bytes, const std::string& expected, std::size_t limit = kLimit, std::size_t max_compressed = 0) {
    CAPTURE(expected);
    CHECK(parse({bytes}, limit, max_compressed) == expected);
    std::vector<std::string> single;
    for (const char c : bytes) single.emplace_back(1, c);
    CHECK(parse(single, limit, max_compressed) == expected);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        if (parse({bytes.substr(0, cut), bytes.substr(cut)}, limit, max_compressed) != expected) FAIL("cut at " << cut);
    }
}

std::string unhex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

}  // namespace

TEST_CASE("frame: the examples of RFC 6455, section 5.7") {
    check_events(unhex("818537fa213d7f9f4d5158"), "text:Hello");
    check_events(unhex("8a8537fa213d7f9f4d5158"), "pong:Hello");
    check_events(unhex("810548656c6c6f"), "violation:1002");  // unmasked: only a server may send that
    check_events(frame_bytes(0x01, "Hel") + frame_bytes(0x80, "lo"), "text:Hello");
    check_events(frame_bytes(0x89, "Hello"), "ping:Hello");
    check_events(frame_bytes(0x82, std::string(256, 'x')), "violation:1003");
}

TEST_CASE("frame: messages, fragments and control frames between them") {
    check_events("", "");
    check_events(client_text(""), "text:");
    check_events(client_text("a") + client_text("bc"), "text:a text:bc");
    check_events(frame_bytes(0x01, "") + frame_bytes(0x00, "") + frame_bytes(0x80, ""), "text:");
    check_events(frame_bytes(0x01, "ab") + frame_bytes(0x89, "p") + frame_bytes(0x00, "cd") + frame_bytes(0x8a, "") +
              frame_bytes(0x80, "ef") + client_text("next"),
          "ping:p pong: text:abcdef text:next");
    check_events(frame_bytes(0x01, "ab") + client_close(1000, "bye"), "close:1000:bye incomplete");
    check_events(frame_bytes(0x89, std::string(125, 'p')), "ping:" + std::string(125, 'p'));
    check_events(frame_bytes(0x01, "open"), "incomplete");
    check_events(client_text("cut").substr(0, 7), "incomplete");
}

TEST_CASE("frame: sizes around the limits of each length encoding") {
    for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 63U, 124U, 125U, 126U, 127U, 128U, 255U, 256U}) {
        const std::string payload(size, 'a');
        check_events(client_text(payload), "text:" + payload);
    }
    for (const std::size_t size : {65534U, 65535U, 65536U, 65537U, 70000U}) {
        const std::string payload(size, 'b');
        CHECK(parse({client_text(payload)}, 100000) == "text:" + payload);
    }
}

TEST_CASE("frame: a length not in its shortest form is refused") {
    check_events(frame_bytes(0x81, "Hello", true, 2), "violation:1002");
    check_events(frame_bytes(0x81, std::string(125, 'x'), true, 2), "violation:1002");
    check_events(frame_bytes(0x81, std::string(126, 'x'), true, 8), "violation:1002");
    CHECK(parse({frame_bytes(0x81, std::string(65535, 'x'), true, 8)}, 100000) == "violation:1002");
    check_events(unhex("81ff8000000000000000"), "violation:1002");  // the highest bit of 64
}

TEST_CASE("frame: rules about bits and opcodes") {
    for (const int reserved : {0x10, 0x20, 0x40, 0x70}) {
        check_events(frame_bytes(static_cast<std::uint8_t>(0x81 | reserved), "x"), "violation:1002");
        check_events(frame_bytes(static_cast<std::uint8_t>(0x89 | reserved), "x"), "violation:1002");
    }
    for (const int opcode : {0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf}) {
        check_events(frame_bytes(static_cast<std::uint8_t>(0x80 | opcode), "x"), "violation:1002");
    }
    for (const int control : {0x08, 0x09, 0x0a}) {
        check_events(frame_bytes(static_cast<std::uint8_t>(control), "x"), "violation:1002");  // without FIN
        check_events(frame_bytes(static_cast<std::uint8_t>(0x80 | control), std::string(126, 'x')),
              "violation:1002");
        check_events(frame_bytes(static_cast<std::uint8_t>(0x80 | control), "ab", false), "violation:1002");
    }
    check_events(frame_bytes(0x80, "x"), "violation:1002");  // nothing to continue
    check_events(frame_bytes(0x00, "x"), "violation:1002");
    check_events(client_text("a") + frame_bytes(0x80, "x"), "text:a violation:1002");
    check_events(frame_bytes(0x01, "a") + client_text("b"), "violation:1002");  // a message within a message
    check_events(frame_bytes(0x01, "a") + frame_bytes(0x02, "b"), "violation:1002");
    check_events(frame_bytes(0x02, "a"), "violation:1003");
}

TEST_CASE("frame: compressed messages, where they are agreed on") {
    const std::string ping = frame_bytes(0x89, "p");
    check_events(frame_bytes(0xc1, "abc"), "violation:1002");
    const auto agreed = [](const std::string& bytes, const std::string& expected) { check_events(bytes, expected, 10, 12); };
    agreed(frame_bytes(0xc1, "abc") + client_text("def"), "compressed:abc text:def");
    agreed(frame_bytes(0x41, "ab") + ping + frame_bytes(0x00, "c") + frame_bytes(0x80, ""), "ping:p compressed:abc");
    agreed(frame_bytes(0x01, "ab") + frame_bytes(0x80, "c"), "text:abc");
    agreed(frame_bytes(0xc1, ""), "compressed:");
    agreed(frame_bytes(0xc1, "\xff\xfe"), "compressed:\xff\xfe");  // not the text yet
    // The limit of each kind.
    agreed(frame_bytes(0xc1, std::string(12, 'x')), "compressed:" + std::string(12, 'x'));
    agreed(frame_bytes(0xc1, std::string(13, 'x')), "violation:1009");
    agreed(frame_bytes(0x41, std::string(12, 'x')) + frame_bytes(0x80, "x"), "violation:1009");
    agreed(frame_bytes(0xc1, "abc") + client_text(std::string(11, 'x')), "compressed:abc violation:1009");
    // The bit belongs to the first frame of a message only; the others have no meaning.
    for (const int first : {0xc8, 0xc9, 0xca, 0xa1, 0x91, 0xe1, 0xd1}) agreed(frame_bytes(static_cast<std::uint8_t>(first), ""), "violation:1002");
    for (const char* continuation : {"\x40", "\xc0"}) {
        const std::string next = frame_bytes(static_cast<std::uint8_t>(continuation[0]), "c");
        agreed(frame_bytes(0x41, "ab") + next, "violation:1002");
        agreed(frame_bytes(0x01, "ab") + next, "violation:1002");
    }
    agreed(frame_bytes(0x41, "ab") + ping + frame_bytes(0xc9, ""), "ping:p violation:1002");
    agreed(frame_bytes(0xc2, "abc"), "violation:1003");
}

TEST_CASE("frame: a violation is found at the byte that causes it") {
    FrameParser parser(kLimit);
    std::string byte = "\x83";
    std::span<char> input(byte);
    CHECK(parser.next(input).code == 1002);
    FrameParser sized(kLimit);
    std::string header = unhex("81fe03e9");  // 1001 bytes announced, no mask and no payload yet
    input = header;
    CHECK(sized.next(input).code == 1009);
    input = header;
    CHECK(sized.next(input).kind == FrameKind::violation);  // and it stays refused
}

TEST_CASE("frame: the size limit counts the whole message") {
    check_events(client_text(std::string(1000, 'a')), "text:" + std::string(1000, 'a'));
    check_events(client_text(std::string(1001, 'a')), "violation:1009");
    check_events(unhex("81ff7fffffffffffffff"), "violation:1009");
    check_events(unhex("81ff0000000100000000"), "violation:1009");  // 2^32: must not be truncated to 32 bits
    const std::string half(500, 'h');
    check_events(frame_bytes(0x01, half) + frame_bytes(0x80, half), "text:" + half + half);
    check_events(frame_bytes(0x01, half) + frame_bytes(0x89, "control frames do not count") +
              frame_bytes(0x80, half + "x"),
          "ping:control frames do not count violation:1009");
    check_events(client_text(half) + client_text(half + half), "text:" + half + " text:" + half + half);
    check_events(client_text("") + client_text("x"), "text: violation:1009", 0);
}

TEST_CASE("frame: text is checked while it arrives") {
    check_events(client_text("\xce\xba\xe1\xbd\xb9"), "text:\xce\xba\xe1\xbd\xb9");
    check_events(frame_bytes(0x01, "\xe1") + frame_bytes(0x89, "") + frame_bytes(0x00, "\xbd") +
              frame_bytes(0x80, "\xb9"),
          "ping: text:\xe1\xbd\xb9");
    check_events(client_text("\xc0\x80"), "violation:1007");
    check_events(client_text("\xed\xa0\x80"), "violation:1007");
    check_events(client_text("cut \xe1\xbd"), "violation:1007");
    check_events(frame_bytes(0x01, "\xe1") + frame_bytes(0x80, ""), "violation:1007");
    check_events(frame_bytes(0x01, "\xf4\x90"), "violation:1007");  // before the message is complete
    check_events(client_text("\xc3") + client_text("\xa9"), "violation:1007");
}

TEST_CASE("frame: close frames") {
    check_events(frame_bytes(0x88, ""), "close:1005:");
    check_events(frame_bytes(0x88, "x"), "violation:1002");
    check_events(client_close(1000), "close:1000:");
    check_events(client_close(4999, "\xce\xba"), "close:4999:\xce\xba");
    check_events(client_close(1000, "\xff"), "violation:1007");
    check_events(client_close(1000, "\xe1\xbd"), "violation:1007");
    check_events(client_close(1000, std::string(123, 'r')), "close:1000:" + std::string(123, 'r'));
    for (const int code :
         {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
        check_events(client_close(static_cast<std::uint16_t>(code)), "close:" + std::to_string(code) + ":");
    }
    for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
        check_events(client_close(static_cast<std::uint16_t>(code)), "violation:1002");
    }
}

TEST_CASE("frame: memory is released, and grows with what arrives") {
    FrameParser parser(1 << 20);
    std::string first = frame_bytes(0x81, std::string(1 << 20, 'x'), true, 8).substr(0, 20);
    std::span<char> input(first);
    CHECK(parser.next(input).kind == FrameKind::none);
    CHECK(parser.incomplete());
    CHECK(sizeof(FrameParser) <= 64);
}

TEST_CASE("frame: unmasking at every length and offset") {
    for (std::size_t size = 0; size < 40; ++size) {
        for (std::size_t cut = 0; cut <= size; ++cut) {
            std::string bytes(size, '\0');
            std::array<std::uint8_t, 4> mask = cariosan::test::kTestMask;
            unmask(std::span(bytes).first(cut), mask);
            unmask(std::span(bytes).subspan(cut), mask);
            for (std::size_t i = 0; i < size; ++i) {
                if (static_cast<std::uint8_t>(bytes[i]) != cariosan::test::kTestMask[i % 4])
                    FAIL(size << " " << cut);
            }
        }
    }
}

TEST_CASE("frame: control frames of the server") {
    CHECK(pong_frame("Hello") == unhex("8a0548656c6c6f"));
    CHECK(close_frame(1001, "bye") == unhex("880503e9627965"));
    CHECK(close_frame(1005, "never sent") == unhex("8800"));
    const std::string cut = close_frame(1000, std::string(122, 'a') + "\xce\xba and more");
    CHECK(cut.size() == 2 + 2 + 122);  // not within a character
    CHECK(close_frame(1000, std::string(200, 'a')).size() == 2 + 125);
}

TEST_CASE("frame: published vectors") {
    const auto path = cariosan::test::test_data("vectors/websocket-rfc6455.json");
    if (!path) return;
    std::ifstream file(*path);
    const std::string json{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    int frames = 0;
    // The file is flat: every frame has "hex"; the second nibble of its second byte says whether it is masked.
    for (std::size_t at = json.find("\"hex\""); at != std::string::npos; at = json.find("\"hex\"", at + 1)) {
        const std::size_t open = json.find('"', at + 5) + 1;
        const std::string bytes = unhex(json.substr(open, json.find('"', open) - open));
        REQUIRE(bytes.size() > 2);
        ++frames;
        const std::string found = parse({bytes}, 100000);
        if ((static_cast<std::uint8_t>(bytes[1]) & 0x80) == 0) {
            CHECK(found == "violation:1002");
        } else {
            const bool known = found == "text:Hello" || found == "pong:Hello";
            CHECK_MESSAGE(known, found);
        }
    }
    CHECK(frames >= 6);
}
