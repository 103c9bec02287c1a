#include "core/text/web_url.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cariosan::core;
using namespace std::string_literals;

namespace {

std::string label(std::size_t size) { return std::string(size, 'a'); }

UrlFault fault_of_host(const std::string& host) { return judge_web_url("https://" + host + "/a"); }

}  // namespace

TEST_CASE("a possible host is a name, an IPv4 or an IPv6 address") {
    for (const std::string& host :
         {"a"s, "localhost"s, "example.com"s, "EXAMPLE.com."s, "my_service"s, "xn--mnchen-3ya.example"s, "a-b.c-d.example"s, "3com.example"s,
          "1.2.3.4.example"s, "192.0.2.1"s, "0.0.0.0"s, "255.255.255.255"s, "192.0.2.1."s, "[::]"s, "[::1]"s, "[2001:db8::1]"s, "[1::]"s,
          "[1:2:3:4:5:6:7:8]"s, "[1:2:3:4:5:6:7::]"s, "[::ffff:192.0.2.1]"s, "[1:2:3:4:5:6:192.0.2.1]"s, "[ABCD::ef]"s, label(63) + ".example",
          label(63) + "." + label(63) + "." + label(63) + "." + label(61)}) {
        CAPTURE(host);
        CHECK(fault_of_host(host) == UrlFault::none);
        CHECK(fault_of_host(host + ":8443") == UrlFault::none);
    }
}

TEST_CASE("an impossible host is refused") {
    for (const std::string& host :
         {""s, "."s, ".."s, ".example"s, "example..com"s, "example.com.."s, "-a.example"s, "a-.example"s, "a!b"s, "a,b"s, "a*b"s, "*.example"s,
          "a%20b"s, "ex%61mple.com"s, "m\xC3\xBCnchen.example"s, "1.2.3"s, "1.2.3.4.5"s, "256.1.1.1"s, "999.999.999.999"s, "01.2.3.4"s,
          "127.1"s, "2130706433"s, "0x7f000001"s, "0x7f.0.0.1"s, "0x"s, "example.1"s, "a.0x1"s, "[]"s, "[::1"s, "::1"s, "[::1]a"s, "[1]"s, "[:1]"s,
          "[1::2::3]"s, "[:::]"s, "[1:2:3:4:5:6:7:8:9]"s, "[1:2:3:4:5:6:7]"s, "[1:2:3:4::5:6:7:8]"s, "[12345::]"s, "[g::]"s, "[fe80::1%25eth0]"s,
          "[::1.2.3]"s, "[::1.2.3.4:5]"s, "[1.2.3.4::]"s, "[v1.a]"s, label(64) + ".example",
          label(63) + "." + label(63) + "." + label(63) + "." + label(62), label(256)}) {
        CAPTURE(host);
        CHECK(fault_of_host(host) == UrlFault::host);
    }
}

TEST_CASE("a port is from 1 to 65535") {
    for (const char* port : {"1", "80", "8443", "65535"}) CHECK(fault_of_host("a:"s + port) == UrlFault::none);
    for (const char* port : {"", "0", "65536", "99999", "100000", "18446744073709551617", "-1", "+80", "8o", "080", "80:80", "%38"}) {
        CAPTURE(port);
        CHECK(fault_of_host("a:"s + port) == UrlFault::port);
        CHECK(fault_of_host("[::1]:"s + port) == UrlFault::port);
    }
}

TEST_CASE("user names and passwords are not mistaken for hosts") {
    for (const char* authority : {"u@h", "u:p@h", "@h", ":@h", "bank.example@evil.example", "a@b@c", "u@"}) {
        CAPTURE(authority);
        CHECK(fault_of_host(authority) == UrlFault::user);
    }
    CHECK(judge_web_url("https://example.com/@alice?a@b#c@d") == UrlFault::none);
}

TEST_CASE("a URL must be absolute, of the web, and have only characters of URLs") {
    for (const std::string& url : {"http://a"s, "HTTPS://EXAMPLE.COM?x"s, "https://a#x"s, "https://a/%E2%82%AC"s, "https://a/\xE2\x82\xAC"s}) {
        CAPTURE(url);
        CHECK(judge_web_url(url) == UrlFault::none);
    }
    for (const std::string& url :
         {""s, "a"s, "//example.com"s, "http:a"s, "http:/a"s, "ftp://a"s, "file:///etc/passwd"s, "javascript:alert(1)"s, "data:text/plain,a"s,
          "gopher://a"s, "httpss://a"s, " https://a"s, "https://a "s, "https://a b"s, "https://a/\t"s, "https://a/\n"s, "https://a/\r\nX: y"s,
          "https://a\\@b"s, "https:\\\\a"s, "https://a/<b>"s, "https://a/\""s, "https://a/{x}"s, "https://a/|"s, "https://a/`"s, "https://a/^"s,
          "https://a/\x7F"s, "https://a/\xC2\x85"s, "https://a/\xC2\xA0"s, "https://a/\xE2\x80\xAEgnp"s, "https://a/\xE2\x80\x8B"s,
          "https://a/\xE3\x80\x80"s}) {
        CAPTURE(url);
        CHECK(judge_web_url(url) == UrlFault::form);
    }
}
