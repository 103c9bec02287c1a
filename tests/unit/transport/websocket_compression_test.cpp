/// `permessage-deflate` against a running server. Numbered like sections 12 and 13 of Autobahn|Testsuite: messages of many sizes,
/// whole and in fragments, of text that compresses well and of text that does not, with every set of parameters.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "unit/transport/deflate_bytes.hpp"
#include "unit/transport/running_server.hpp"

namespace cariosan::test {
namespace {

const std::string kTerms = "server_no_context_takeover; client_no_context_takeover";

std::string extensions(const std::string& offers) { return "Sec-WebSocket-Extensions: " + offers + "\r\n"; }

/// The value of that field in the response; empty if there is none.
std::string extensions_of(const ClientResponse& response) {
    const std::string name = "Sec-WebSocket-Extensions: ";
    const std::size_t at = response.head.find(name);
    if (at == std::string::npos) return {};
    return response.head.substr(at + name.size(), response.head.find("\r\n", at) - at - name.size());
}

/// Offers compression, and requires that it is agreed on.
void upgrade_compressed(Client& client, const std::string& query = "", const std::string& parameters = "") {
    const ClientResponse response = client.upgrade(query, "", extensions("permessage-deflate" + parameters));
    REQUIRE(response.status == 101);
    REQUIRE(extensions_of(response).starts_with("permessage-deflate; " + kTerms));
}

std::string compressed_text(const std::string& text, int window_bits = 15) { return frame_bytes(0xc1, deflated(text, window_bits)); }

/// The text of the next message; whether it came compressed in `compressed`.
std::string read_message(Client& client, int window_bits, bool& compressed) {
    const ClientFrame frame = client.read_frame();
    compressed = frame.compressed;
    if (frame.opcode != 1) return "opcode " + std::to_string(frame.opcode) + " " + std::to_string(frame.close_code());
    return compressed ? inflated_by_zlib(frame.payload, window_bits) : frame.payload;
}

/// Like the texts of Autobahn's cases: one of a few letters, and one that hardly repeats.
std::string sample(std::size_t size, bool varied) {
    std::mt19937 random(static_cast<unsigned>(size));
    std::string text;
    while (text.size() < size) text.push_back(varied ? static_cast<char>(' ' + static_cast<int>(random() % 95)) : "{\"},:x"[random() % 6]);
    return text;
}

/// The frames of one compressed message, `fragment` bytes each; 0: one frame.
std::string in_frames(const std::string& payload, std::size_t fragment) {
    if (fragment == 0) return frame_bytes(0xc1, payload);
    std::string frames;
    for (std::size_t at = 0; at < payload.size(); at += fragment) {
        const int first = (at == 0 ? 0x41 : 0x00) | (at + fragment >= payload.size() ? 0x80 : 0);
        frames += frame_bytes(static_cast<std::uint8_t>(first), payload.substr(at, fragment));
    }
    return frames;
}

struct Sizes {
    std::size_t message;
    std::size_t fragment;
};
constexpr Sizes kSizes[] = {{16, 0}, {64, 0}, {256, 0}, {1024, 0}, {4096, 0}, {8192, 0}, {16384, 0}, {32768, 0}, {65536, 0}, {131072, 0},
                            {8192, 256}, {16384, 256}, {32768, 256}, {65536, 256}, {131072, 256}, {131072, 1024}, {131072, 4096}, {131072, 32768}};

std::size_t check_echoes(std::uint16_t port, const std::string& parameters, bool varied, int client_bits, int server_bits) {
    Client client(port);
    upgrade_compressed(client, "mirror", parameters);
    for (const Sizes& sizes : kSizes) {
        CAPTURE(sizes.message);
        const std::string text = sample(sizes.message, varied);
        REQUIRE(client.send(in_frames(deflated(text, client_bits), sizes.fragment)));
        bool compressed = false;
        CHECK((read_message(client, server_bits, compressed) == text));
        // Only what is long enough, and what with its header cannot reach beyond the client's window.
        const bool reaches_further = server_bits < 13 && text.size() + 4 > (std::size_t{1} << server_bits);
        CHECK(compressed == (text.size() >= 256 && !reaches_further));
    }
    return std::size(kSizes);
}

int close_after(Client& client, const std::string& bytes) {
    client.send(bytes);
    return client.read_frame().close_code();
}

}  // namespace

TEST_CASE("websocket: compressed messages of all sizes, case by case") {
    ServerOptions options;
    options.max_message_bytes = 131072;
    RunningServer running(options);
    std::size_t count = 0;
    for (const bool varied : {false, true}) count += check_echoes(running.port(), "", varied, 15, 15);
    std::printf("websocket conformance, section 12: %3zu cases (compressed messages)\n", count);
    count = 0;
    for (const bool varied : {false, true}) {
        count += check_echoes(running.port(), "; client_no_context_takeover; server_no_context_takeover", varied, 15, 15);
        count += check_echoes(running.port(), "; client_max_window_bits", varied, 15, 15);
        count += check_echoes(running.port(), "; client_max_window_bits=9; server_max_window_bits=9", varied, 9, 9);
        count += check_echoes(running.port(), "; server_max_window_bits=8", varied, 15, 8);
        count += check_echoes(running.port(), "; server_max_window_bits=12", varied, 15, 12);
        count += check_echoes(running.port(), "; server_max_window_bits=15", varied, 15, 15);
        count += check_echoes(running.port(), "; unknown, permessage-deflate; server_max_window_bits=13", varied, 15, 13);
    }
    std::printf("websocket conformance, section 13: %3zu cases (parameters of compression)\n", count);
    CHECK(count == 252);
}

TEST_CASE("websocket: compression is used only if it is offered, allowed and properly written") {
    RunningServer running;
    Client plain(running.port());
    CHECK(extensions_of(plain.upgrade("mirror")).empty());
    plain.send_text(sample(1000, false));
    CHECK_FALSE(plain.read_frame().compressed);
    CHECK(close_after(plain, compressed_text("x")) == 1002);

    Client other(running.port());
    CHECK(extensions_of(other.upgrade("", "", extensions("permessage-deflate; server_max_window_bits=99"))).empty());
    Client malformed(running.port());
    CHECK(malformed.upgrade("", "", extensions("permessage-deflate;;")).status == 400);

    ServerOptions options;
    options.compression = false;
    RunningServer without(options);
    Client client(without.port());
    const ClientResponse response = client.upgrade("", "", extensions("permessage-deflate"));
    CHECK(response.status == 101);
    CHECK(extensions_of(response).empty());
    CHECK(close_after(client, compressed_text("echo x")) == 1002);
}

TEST_CASE("websocket: a compressed message, split at every byte, between control frames and plain messages") {
    RunningServer running;
    Client client(running.port());
    upgrade_compressed(client);
    const std::string bytes = compressed_text("echo one") + frame_bytes(0x89, "p") + in_frames(deflated("echo " + sample(600, true)), 100) + client_text("echo two");
    for (const char octet : bytes) REQUIRE(client.send(std::string(1, octet)));
    CHECK(client.read_text() == "one");
    CHECK(client.read_frame().payload == "p");
    bool compressed = false;
    CHECK((read_message(client, 15, compressed) == sample(600, true)));
    CHECK(compressed);
    CHECK(client.read_text() == "two");
}

TEST_CASE("websocket: what is wrong with a compressed message ends the connection") {
    ServerOptions options;
    options.max_message_bytes = 1000;
    RunningServer running(options);
    const auto code_after = [&](const std::string& bytes) {
        Client client(running.port());
        upgrade_compressed(client);
        return close_after(client, bytes);
    };
    CHECK(code_after(frame_bytes(0xc1, "\x07")) == 1007);
    CHECK(code_after(frame_bytes(0xc1, "")) == 1007);
    CHECK(code_after(compressed_text("echo \xff")) == 1007);
    CHECK(code_after(compressed_text("echo \xc3")) == 1007);
    CHECK(code_after(compressed_text(std::string(1001, 'x'))) == 1009);
    CHECK(code_after(compressed_text(std::string(10 << 20, 'x'))) == 1009);
    CHECK(code_after(frame_bytes(0xc1, std::string(1200, 'x'))) == 1009);
    CHECK(code_after(frame_bytes(0xc9, "")) == 1002);
    CHECK(code_after(frame_bytes(0x41, "x") + frame_bytes(0xc0, "x")) == 1002);

    // A context that is kept although that was not agreed on: the second message refers to the first.
    Client client(running.port());
    upgrade_compressed(client);
    ClientDeflate keeps;
    const std::string text = "echo " + sample(500, true);
    client.send(frame_bytes(0xc1, keeps.message(text)));
    CHECK(client.read_frame().opcode == 1);
    CHECK(close_after(client, frame_bytes(0xc1, keeps.message(text))) == 1007);
}

TEST_CASE("websocket: a broadcast reaches clients with and without compression, in order, and slow ones too") {
    ServerOptions options;
    options.threads = 2;
    RunningServer running(options);
    const std::array<std::string, 4> offers = {"", "permessage-deflate", "permessage-deflate; server_max_window_bits=9", "permessage-deflate"};
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 16; ++i) {
        clients.push_back(std::make_unique<Client>(running.port(), i % 4 == 3 ? 4096 : 0));
        const std::string& offer = offers[static_cast<std::size_t>(i % 4)];
        clients.back()->upgrade("", "", offer.empty() ? "" : extensions(offer));
    }
    REQUIRE(running.gateway.wait_for("open", 16));
    const auto text_of = [](int i) { return std::to_string(i) + sample(100 + static_cast<std::size_t>(i % 7) * 300, i % 2 == 0); };
    constexpr int kCount = 1500;
    std::thread sender([&] {
        for (int i = 0; i < kCount; ++i) running.gateway.broadcast(text_frame(text_of(i)), 1);
    });
    for (std::size_t each = 0; each < clients.size(); ++each) {
        int wrong = 0;
        int packed = 0;
        for (int i = 0; i < kCount; ++i) {
            bool compressed = false;
            if (read_message(*clients[each], each % 4 == 2 ? 9 : 15, compressed) != text_of(i)) ++wrong;
            packed += compressed ? 1 : 0;
        }
        CAPTURE(each);
        CHECK(wrong == 0);
        CHECK((packed > 0) == (each % 4 != 0));
    }
    sender.join();
}

}  // namespace cariosan::test
