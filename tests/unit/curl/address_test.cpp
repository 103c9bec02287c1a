#include "adapters/curl/address.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace cariosan::curl {
namespace {

bool is_public(const std::string& text) {
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
        return is_globally_routable(std::span(bytes).first(4));
    }
    REQUIRE(inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1);
    return is_globally_routable(bytes);
}

TEST_CASE("requests to addresses of the public internet are allowed") {
    for (const char* text : {"1.1.1.1",
                             "8.8.8.8",
                             "9.255.255.255",
                             "11.0.0.0",
                             "100.63.255.255",
                             "100.128.0.0",
                             "126.255.255.255",
                             "128.0.0.1",
                             "169.253.255.255",
                             "169.255.0.0",
                             "172.15.255.255",
                             "172.32.0.0",
                             "191.255.255.255",
                             "192.0.1.0",
                             "192.0.3.0",
                             "192.88.98.255",
                             "192.88.100.0",
                             "192.167.255.255",
                             "192.169.0.0",
                             "198.17.255.255",
                             "198.20.0.0",
                             "198.51.99.255",
                             "198.51.101.0",
                             "203.0.112.255",
                             "203.0.114.0",
                             "168.63.129.15",
                             "168.63.129.17",
                             "223.255.255.255",
                             "2606:4700:4700::1111",
                             "2001:200::1",
                             "2001:4860:4860::8888",
                             "2001:db7:ffff::1",
                             "2001:db9::1",
                             "2003::1",
                             "2400:cb00::1",
                             "3ffe:ffff::1",
                             "3fff:1000::1",
                             "2a00:1450:4001::1"}) {
        CAPTURE(text);
        CHECK(is_public(text));
    }
}

TEST_CASE("requests to private and special addresses are not") {
    for (const char* text :
         {"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
          "100.100.100.200", "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254",
          "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.192", "192.0.0.255",
          "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255",
          "198.51.100.7", "203.0.113.7", "168.63.129.16", "224.0.0.1", "239.255.255.255", "240.0.0.1",
          "255.255.255.255",
          // IPv6: unspecified, loopback, private, link-local, site-local, multicast, discard.
          "::", "::1", "::2", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "febf::1", "fec0::1",
          "ff02::1", "ff0e::1", "100::1", "5f00::1", "1fff:ffff::1", "4000::1",
          // IPv4 in disguise, even for public addresses.
          "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::127.0.0.1",
          "::8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "::ffff:0:127.0.0.1",
          "2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
          // Protocol assignments, benchmarking, documentation.
          "2001:1::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1", "2001:db8::1",
          "2001:db8:ffff::1", "3fff::1", "3fff:fff::1"}) {
        CAPTURE(text);
        CHECK_FALSE(is_public(text));
    }
}

TEST_CASE("any other number of bytes is not an address") {
    const std::vector<std::uint8_t> bytes(32, 8);
    for (const std::size_t size : {0UL, 1UL, 3UL, 5UL, 15UL, 17UL, 32UL}) {
        CHECK_FALSE(is_globally_routable(std::span(bytes).first(size)));
    }
    CHECK(is_globally_routable(std::span(bytes).first(4)));
}

}  // namespace
}  // namespace cariosan::curl
