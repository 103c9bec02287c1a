#include <doctest/doctest.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "unit/transport/conformance_cases.hpp"
#include "unit/transport/running_server.hpp"

namespace cariosan::test {
namespace {

constexpr std::size_t kMaxMessage = 1024 * 1024;
/// Longer exchanges are not sent octet by octet.
constexpr std::size_t kMaxOctets = 2000;

std::string spelled(const ClientFrame& frame) {
    switch (frame.opcode) {
        case 0: return "end";
        case 1: return echoed(frame.payload);
        case 8: return closed(frame.close_code());
        case 10: return ponged(frame.payload);
        default: return "opcode " + std::to_string(frame.opcode);
    }
}

/// Everything the server sends up to its close. If the case leaves the connection open, this closes it.
std::vector<std::string> conversation(std::uint16_t port, std::vector<std::string> writes, bool ends_by_itself) {
    Client client(port);
    REQUIRE(client.upgrade("mirror").status == 101);
    if (!ends_by_itself) writes.push_back(client_close(1000));
    for (const std::string& bytes : writes) {
        // A server that has failed the connection need not read the rest.
        if (!client.send(bytes)) break;
    }
    std::vector<std::string> received;
    do {
        received.push_back(spelled(client.read_frame()));
    } while (received.back() != "end" && !received.back().starts_with("close "));
    CHECK(client.ended());
    return received;
}

void check_case(std::uint16_t port, const ConformanceCase& each) {
    CAPTURE(each.number);
    std::vector<std::string> expected = each.expected;
    const bool ends_by_itself = !expected.empty() && expected.back().starts_with("close ");
    if (!ends_by_itself) expected.push_back(closed(1000));
    CHECK((conversation(port, each.writes, ends_by_itself) == expected));

    std::string bytes;
    for (const std::string& part : each.writes) bytes += part;
    if (bytes.size() > kMaxOctets) return;
    std::vector<std::string> octets;
    for (const char octet : bytes) octets.emplace_back(1, octet);
    CHECK((conversation(port, std::move(octets), ends_by_itself) == expected));
}

}  // namespace

TEST_CASE("websocket: conformance to RFC 6455, case by case, however the bytes are split") {
    ServerOptions options;
    options.max_message_bytes = kMaxMessage;
    RunningServer running(options);
    std::map<int, std::size_t> counts;
    for (const ConformanceSection& section : conformance_sections()) {
        for (const ConformanceCase& each : section.cases) check_case(running.port(), each);
        counts[section.number] = section.cases.size();
        std::printf("websocket conformance, section %2d: %3zu cases (%s)\n", section.number, section.cases.size(),
                    section.about.c_str());
    }
    CHECK(counts == std::map<int, std::size_t>{{1, 16}, {2, 11}, {3, 7}, {4, 10}, {5, 20}, {6, 145}, {7, 37}, {10, 1}});
}

}  // namespace cariosan::test
