#include "unit/transport/conformance_cases.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "unit/transport/websocket_bytes.hpp"

namespace cariosan::test {
namespace {

using Frames = std::vector<std::string>;
using Cases = std::vector<ConformanceCase>;

constexpr int kProtocolError = 1002;
constexpr int kBinary = 1003;
constexpr int kInvalidText = 1007;

// Frames: the last one of a message, or one that continues.
std::string text(const std::string& payload) { return frame_bytes(0x81, payload); }
std::string text_begins(const std::string& payload) { return frame_bytes(0x01, payload); }
std::string goes_on(const std::string& payload) { return frame_bytes(0x00, payload); }
std::string ends(const std::string& payload) { return frame_bytes(0x80, payload); }
std::string binary(const std::string& payload) { return frame_bytes(0x82, payload); }
std::string ping(const std::string& payload) { return frame_bytes(0x89, payload); }
std::string pong(const std::string& payload) { return frame_bytes(0x8a, payload); }
std::string close_with(int code, const std::string& reason = {}) {
    return client_close(static_cast<std::uint16_t>(code), reason);
}
std::string reserved(int bits, int opcode, const std::string& payload) {
    return frame_bytes(static_cast<std::uint8_t>(0x80 | bits << 4 | opcode), payload);
}

// How frames are passed to the socket.
std::string joined(const Frames& frames) {
    std::string bytes;
    for (const std::string& frame : frames) bytes += frame;
    return bytes;
}
std::vector<std::string> in_one(const Frames& frames) { return {joined(frames)}; }
std::vector<std::string> in_chops(const Frames& frames, std::size_t size) {
    const std::string bytes = joined(frames);
    std::vector<std::string> chops;
    for (std::size_t at = 0; at < bytes.size(); at += size) chops.push_back(bytes.substr(at, size));
    return chops;
}
std::vector<std::string> in_octets(const Frames& frames) { return in_chops(frames, 1); }

/// A text in frames of `size` bytes each.
Frames in_fragments(const std::string& payload, std::size_t size) {
    Frames frames;
    for (std::size_t at = 0; at < payload.size(); at += size) {
        const bool last = at + size >= payload.size();
        const int first = (at == 0 ? 0x01 : 0x00) | (last ? 0x80 : 0);
        frames.push_back(frame_bytes(static_cast<std::uint8_t>(first), payload.substr(at, size)));
    }
    return frames;
}

std::string dotted(const std::string& group, std::size_t number) { return group + "." + std::to_string(number); }

const std::string kHello = "Hello, world!";
const std::string kGreek = "κ\u1F79σμε";  // 11 bytes: with its accent, the second letter has three

Cases framing() {
    constexpr std::size_t kLengths[] = {0, 125, 126, 127, 128, 65535, 65536, 65536};
    constexpr std::size_t kChop = 997;
    Cases cases;
    for (std::size_t i = 0; i < std::size(kLengths); ++i) {
        const std::string letters(kLengths[i], '*');
        const std::string bytes(kLengths[i], '\xfe');
        const bool chopped = i + 1 == std::size(kLengths);
        const std::size_t size = chopped ? kChop : SIZE_MAX;
        cases.push_back({dotted("1.1", i + 1), in_chops({text(letters)}, size), {echoed(letters)}});
        cases.push_back({dotted("1.2", i + 1), in_chops({binary(bytes)}, size), {closed(kBinary)}});
    }
    return cases;
}

Cases pings_and_pongs() {
    const std::string bytes("\x00\xff\xfe\xfd\xfc\xfb\x00\xff", 8);
    const std::string longest(125, '\xfe');
    Frames ten;
    std::vector<std::string> ten_answers;
    for (int i = 0; i < 10; ++i) {
        const std::string payload = "payload-" + std::to_string(i);
        ten.push_back(ping(payload));
        ten_answers.push_back(ponged(payload));
    }
    return {
        {"2.1", in_one({ping("")}), {ponged("")}},
        {"2.2", in_one({ping(kHello)}), {ponged(kHello)}},
        {"2.3", in_one({ping(bytes)}), {ponged(bytes)}},
        {"2.4", in_one({ping(longest)}), {ponged(longest)}},
        {"2.5", in_one({ping(longest + '\xfe')}), {closed(kProtocolError)}},
        {"2.6", in_octets({ping(longest)}), {ponged(longest)}},
        {"2.7", in_one({pong("")}), {}},
        {"2.8", in_one({pong("unsolicited")}), {}},
        {"2.9", in_one({pong("unsolicited"), ping("ping payload")}), {ponged("ping payload")}},
        {"2.10", in_one(ten), ten_answers},
        {"2.11", in_octets(ten), ten_answers},
    };
}

Cases reserved_bits() {
    const auto after_text = [](int bits) { return Frames{text(kHello), reserved(bits, 0x1, kHello), ping("")}; };
    const std::vector<std::string> echo_then_failure{echoed(kHello), closed(kProtocolError)};
    return {
        {"3.1", in_one({reserved(1, 0x1, kHello)}), {closed(kProtocolError)}},
        {"3.2", in_one(after_text(2)), echo_then_failure},
        {"3.3", after_text(3), echo_then_failure},
        {"3.4", in_octets(after_text(4)), echo_then_failure},
        {"3.5", in_one({reserved(5, 0x2, std::string(8, '\xff'))}), {closed(kProtocolError)}},
        {"3.6", in_one({reserved(6, 0x9, kHello)}), {closed(kProtocolError)}},
        {"3.7", in_one({reserved(7, 0x8, "")}), {closed(kProtocolError)}},
    };
}

Cases opcodes() {
    Cases cases;
    for (const auto& [group, first] : {std::pair("4.1", 3), std::pair("4.2", 11)}) {
        for (int i = 0; i < 5; ++i) {
            const bool with_payload = i == 1 || i >= 3;
            const std::string unknown = reserved(0, first + i, with_payload ? "reserved opcode" : "");
            const Frames frames = i < 2 ? Frames{unknown} : Frames{text(kHello), unknown, ping("")};
            ConformanceCase each{dotted(group, static_cast<std::size_t>(i) + 1), in_one(frames), {}};
            if (i == 4) each.writes = in_octets(frames);
            if (i >= 2) each.expected.push_back(echoed(kHello));
            each.expected.push_back(closed(kProtocolError));
            cases.push_back(std::move(each));
        }
    }
    return cases;
}

Cases fragmentation() {
    const std::string a = "fragment1";
    const std::string b = "fragment2";
    const Frames two{text_begins(a), ends(b)};
    const Frames ping_between{text_begins(a), ping("ping payload"), ends(b)};
    const Frames lonely_end{ends("non-continuation payload"), text(kHello)};
    const Frames lonely_part{goes_on("non-continuation payload"), text(kHello)};
    const std::vector<std::string> whole{echoed(a + b)};
    const std::vector<std::string> pong_first{ponged("ping payload"), echoed(a + b)};
    const std::vector<std::string> failed{closed(kProtocolError)};
    Frames parts;
    Frames ends_alone;
    for (int i = 0; i < 2; ++i) {
        parts.insert(parts.end(), {goes_on(a), text_begins(b), ends("fragment3")});
        ends_alone.insert(ends_alone.end(), {ends(a), text_begins(b), ends("fragment3")});
    }
    const Frames five{text_begins(a),      goes_on(b),     ping("pongme 1!"), goes_on("fragment3"),
                      goes_on("fragment4"), ping("pongme 2!"), ends("fragment5")};
    const std::vector<std::string> five_answers{ponged("pongme 1!"), ponged("pongme 2!"),
                                                echoed("fragment1fragment2fragment3fragment4fragment5")};
    return {
        {"5.1", in_one({frame_bytes(0x09, a), ends(b)}), failed},
        {"5.2", in_one({frame_bytes(0x0a, a), ends(b)}), failed},
        {"5.3", in_one(two), whole},
        {"5.4", two, whole},
        {"5.5", in_octets(two), whole},
        {"5.6", in_one(ping_between), pong_first},
        {"5.7", ping_between, pong_first},
        {"5.8", in_octets(ping_between), pong_first},
        {"5.9", in_one(lonely_end), failed},
        {"5.10", lonely_end, failed},
        {"5.11", in_octets(lonely_end), failed},
        {"5.12", in_one(lonely_part), failed},
        {"5.13", lonely_part, failed},
        {"5.14", in_octets(lonely_part), failed},
        {"5.15",
         in_one({text_begins(a), ends(b), goes_on("fragment3"), text("fragment4")}),
         {echoed(a + b), closed(kProtocolError)}},
        {"5.16", in_one(parts), failed},
        {"5.17", in_one(ends_alone), failed},
        {"5.18", in_one({text_begins(a), text(b)}), failed},
        {"5.19", in_one(five), five_answers},
        {"5.20", five, five_answers},
    };
}

/// Each text is a case: valid ones are echoed, the others end the connection.
struct Utf8Group {
    bool valid;
    std::vector<std::string> texts;
};

std::vector<std::string> plane_ends() {
    std::vector<std::string> texts{"\xef\xbf\xbe", "\xef\xbf\xbf"};
    for (unsigned plane = 1; plane <= 16; ++plane) {
        std::string three;
        three += static_cast<char>(0xf0 | plane >> 2);
        three += static_cast<char>(0x8f | (plane & 3) << 4);
        three += '\xbf';
        texts.push_back(three + '\xbe');
        texts.push_back(three + '\xbf');
    }
    return texts;
}
std::vector<std::string> lonely_starts() {
    std::vector<std::string> texts;
    for (const auto& [first, last] : {std::pair(0xc0, 0xdf), std::pair(0xe0, 0xef), std::pair(0xf0, 0xf7),
                                      std::pair(0xf8, 0xfb), std::pair(0xfc, 0xfd)}) {
        std::string& starts = texts.emplace_back();
        for (int byte = first; byte <= last; ++byte) starts.append({static_cast<char>(byte), ' '});
    }
    return texts;
}
std::vector<std::string> lonely_continuations() {
    std::vector<std::string> texts{"\x80", "\xbf"};
    const std::string six = "\x80\xbf\x80\xbf\x80\xbf";
    for (std::size_t length = 2; length <= six.size(); ++length) texts.push_back(six.substr(0, length));
    std::string& all = texts.emplace_back();
    for (int byte = 0x80; byte <= 0xbf; ++byte) all += static_cast<char>(byte);
    return texts;
}
const std::vector<std::string>& truncated() {
    static const std::vector<std::string> texts{
        "\xc0", "\xe0\x80", "\xf0\x80\x80", "\xf8\x80\x80\x80", "\xfc\x80\x80\x80\x80",
        "\xdf", "\xef\xbf", "\xf7\xbf\xbf", "\xfb\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf"};
    return texts;
}

/// 6.5, 6.7 to 6.23, in order.
std::vector<Utf8Group> utf8_groups() {
    return {
        {true, {"hello$world", "hello\xc2\xa2world", "hello\xe2\x82\xacworld", "hello\xf0\xa4\xad\xa2world", kGreek}},
        {true, {std::string(1, '\0'), "\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80"}},
        {false, {"\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80"}},
        {true, {"\x7f", "\xdf\xbf", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"}},
        {false, {"\xf7\xbf\xbf\xbf", "\xfb\xbf\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf\xbf"}},
        {true, {"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd", "\xf4\x8f\xbf\xbf"}},  // 6.11.5 is not
        {false, lonely_continuations()},
        {false, lonely_starts()},
        {false, truncated()},
        {false, {joined(truncated())}},
        {false, {"\xfe", "\xff", "\xfe\xfe\xff\xff"}},
        {false, {"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x80\x80\x80\xaf", "\xfc\x80\x80\x80\x80\xaf"}},
        {false, {"\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x87\xbf\xbf\xbf", "\xfc\x83\xbf\xbf\xbf\xbf"}},
        {false, {"\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf8\x80\x80\x80\x80", "\xfc\x80\x80\x80\x80\x80"}},
        {false,
         {"\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf", "\xed\xb0\x80", "\xed\xbe\x80", "\xed\xbf\xbf"}},
        {false,
         {"\xed\xa0\x80\xed\xb0\x80", "\xed\xa0\x80\xed\xbf\xbf", "\xed\xad\xbf\xed\xb0\x80", "\xed\xad\xbf\xed\xbf\xbf",
          "\xed\xae\x80\xed\xb0\x80", "\xed\xae\x80\xed\xbf\xbf", "\xed\xaf\xbf\xed\xb0\x80", "\xed\xaf\xbf\xed\xbf\xbf"}},
        {true, plane_ends()},
        {true,
         {"\xef\xbf\xb9", "\xef\xbf\xba", "\xef\xbf\xbb", "\xef\xbf\xbc", "\xef\xbf\xbd", "\xef\xbf\xbe", "\xef\xbf\xbf"}},
    };
}

ConformanceCase utf8_case(std::string number, const std::string& payload, bool valid) {
    return {std::move(number), in_one({text(payload)}), {valid ? echoed(payload) : closed(kInvalidText)}};
}

Cases utf8() {
    const std::string umlauts = "Hello-µ@ßöäüàá-UTF-8!!";
    const std::string surrogate = kGreek + "\xed\xa0\x80" "edited";
    const std::string too_high = "\xf4\x90\x80\x80";
    const std::vector<std::string> failed{closed(kInvalidText)};
    // The connection fails at the second part; the third, "edited", is never sent.
    const std::string unfinished = text(kGreek + too_high + "edited");
    const std::size_t before_payload = unfinished.size() - kGreek.size() - too_high.size() - 6;
    const auto cut_after = [&](std::size_t first, std::size_t second) {
        const std::size_t at = before_payload + kGreek.size();
        return std::vector<std::string>{unfinished.substr(0, at + first), unfinished.substr(at + first, second - first)};
    };
    Cases cases{
        {"6.1.1", in_one({text("")}), {echoed("")}},
        {"6.1.2", in_one({text_begins(""), goes_on(""), ends("")}), {echoed("")}},
        {"6.1.3", in_one({text_begins(""), goes_on("middle frame payload"), ends("")}), {echoed("middle frame payload")}},
        {"6.2.1", in_one({text(umlauts)}), {echoed(umlauts)}},
        {"6.2.2", in_one({text_begins("Hello-µ@ßöä"), ends("üàá-UTF-8!!")}), {echoed(umlauts)}},
        {"6.2.3", in_one(in_fragments(umlauts, 1)), {echoed(umlauts)}},
        {"6.2.4", in_one(in_fragments(kGreek, 1)), {echoed(kGreek)}},
        {"6.3.1", in_one({text(surrogate)}), failed},
        {"6.3.2", in_one(in_fragments(surrogate, 1)), failed},
        {"6.4.1", {text_begins(kGreek), goes_on(too_high)}, failed},
        {"6.4.2", {text_begins(kGreek + "\xf4"), goes_on("\x90")}, failed},
        {"6.4.3", cut_after(0, 4), failed},
        {"6.4.4", cut_after(1, 2), failed},
    };
    const auto groups = utf8_groups();
    for (std::size_t group = 5, index = 0; group <= 23; ++group) {
        const std::string prefix = dotted("6", group);
        if (group == 6) {
            // All prefixes of a text: five end with a complete character.
            for (std::size_t size = 1; size <= kGreek.size(); ++size) {
                const bool valid = size == 2 || size == 5 || size == 7 || size == 9 || size == 11;
                cases.push_back(utf8_case(dotted(prefix, size), kGreek.substr(0, size), valid));
            }
            continue;
        }
        const Utf8Group& each = groups[index++];
        for (std::size_t i = 0; i < each.texts.size(); ++i) {
            cases.push_back(utf8_case(dotted(prefix, i + 1), each.texts[i], each.valid));
        }
        if (group == 11) cases.push_back(utf8_case("6.11.5", too_high, false));
    }
    return cases;
}

Cases closing() {
    const std::string half(1, '\x03');
    const std::string reason(123, '*');
    const std::string large(256 * 1024, '*');
    const std::vector<std::string> normal{closed(1000)};
    const std::vector<std::string> failed{closed(kProtocolError)};
    Cases cases{
        {"7.1.1", in_one({text(kHello), close_with(1000)}), {echoed(kHello), closed(1000)}},
        {"7.1.2", in_one({close_with(1000), close_with(1000)}), normal},
        {"7.1.3", in_one({close_with(1000), ping("")}), normal},
        {"7.1.4", in_one({close_with(1000), text(kHello)}), normal},
        {"7.1.5", in_one({text_begins("fragment1"), close_with(1000), ends("fragment2")}), normal},
        {"7.1.6",
         in_one({text(large), text(kHello), close_with(1000), ping("")}),
         {echoed(large), echoed(kHello), closed(1000)}},
        {"7.3.1", in_one({frame_bytes(0x88, "")}), {closed(0)}},
        {"7.3.2", in_one({frame_bytes(0x88, half)}), failed},
        {"7.3.3", in_one({close_with(1000)}), normal},
        {"7.3.4", in_one({close_with(1000, kHello)}), normal},
        {"7.3.5", in_one({close_with(1000, reason)}), normal},
        {"7.3.6", in_one({close_with(1000, reason + '*')}), failed},
        {"7.5.1", in_one({close_with(1000, kGreek + "\xed\xa0\x80" "edited")}), {closed(kInvalidText)}},
    };
    std::size_t number = 0;
    for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
        cases.push_back({dotted("7.7", ++number), in_one({close_with(code)}), {closed(code)}});
    }
    number = 0;
    for (const int code : {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999}) {
        cases.push_back({dotted("7.9", ++number), in_one({close_with(code)}), failed});
    }
    number = 0;
    for (const int code : {5000, 65535}) {
        cases.push_back({dotted("7.13", ++number), in_one({close_with(code)}), failed});
    }
    return cases;
}

Cases automatic_fragmentation() {
    const std::string letters(65536, '*');
    return {{"10.1.1", in_one(in_fragments(letters, 1300)), {echoed(letters)}}};
}

}  // namespace

std::string echoed(const std::string& text) { return "text " + text; }
std::string ponged(const std::string& payload) { return "pong " + payload; }
std::string closed(int code) { return "close " + std::to_string(code); }

std::vector<ConformanceSection> conformance_sections() {
    return {
        {1, "framing", framing()},
        {2, "pings and pongs", pings_and_pongs()},
        {3, "reserved bits", reserved_bits()},
        {4, "opcodes", opcodes()},
        {5, "fragmentation", fragmentation()},
        {6, "UTF-8", utf8()},
        {7, "closing", closing()},
        {10, "automatic fragmentation", automatic_fragmentation()},
    };
}

}  // namespace cariosan::test
