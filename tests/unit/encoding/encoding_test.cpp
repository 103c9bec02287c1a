#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>

#include "encoding/base64.hpp"
#include "encoding/hex.hpp"
#include "encoding/percent.hpp"

namespace cariosan::encoding {
namespace {

std::string all_bytes() {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    return bytes;
}

TEST_CASE("a byte is two lower-case hexadecimal digits, in both directions") {
    const std::array<std::uint8_t, 4> bytes = {0x00, 0x0f, 0xa5, 0xff};
    CHECK(to_hex(bytes) == "000fa5ff");
    CHECK(to_hex({}).empty());
    std::array<std::uint8_t, 4> read{};
    CHECK(from_hex("000fa5ff", read));
    CHECK(read == bytes);
    for (const char* bad : {"", "000fa5f", "000fa5fff", "000fa5fF", "000fa5 f", "000fa5fg"}) {
        CAPTURE(bad);
        CHECK_FALSE(from_hex(bad, read));
    }
}

TEST_CASE("base64 encodes the examples of RFC 4648, section 10") {
    CHECK(encode_base64("").empty());
    CHECK(encode_base64("f") == "Zg==");
    CHECK(encode_base64("fo") == "Zm8=");
    CHECK(encode_base64("foo") == "Zm9v");
    CHECK(encode_base64("foob") == "Zm9vYg==");
    CHECK(encode_base64("fooba") == "Zm9vYmE=");
    CHECK(encode_base64("foobar") == "Zm9vYmFy");
    CHECK(encode_base64("\xfb\xff\xfe") == "+//+");
    CHECK(encode_base64url("\xfb\xff\xfe") == "-__-");
    CHECK(encode_base64url("f") == "Zg");
}

TEST_CASE("base64 decodes what it encodes, at every length") {
    const std::string bytes = all_bytes();
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
        CHECK(decode_base64(encode_base64(bytes.substr(0, length))) == bytes.substr(0, length));
    }
}

TEST_CASE("base64 refuses every text it would not have produced") {
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=", "==", "====", "Zg==Zg==", "Zm9v=", "Zm9v====",
                             "Zm 9v", "Zm9v\n", "Zm9-", "Zm9_", "Z===", "Zh==", "Zm9="}) {
        CAPTURE(text);
        CHECK_FALSE(decode_base64(text).has_value());
    }
    CHECK_FALSE(decode_base64(std::string_view("Zm9\0", 4)).has_value());
}

TEST_CASE("base64url is strict and reversible") {
    for (const std::string_view bytes : {"", "f", "fo", "foo", "foob", "\xff\xfe\xfd"}) {
        CHECK(decode_base64url(encode_base64url(bytes)) == std::string(bytes));
    }
    CHECK(encode_base64url("\xfb\xff") == "-_8");
    for (const std::string_view bad : {"A", "AAAAA", "Zg==", "Zh", "Zm9=", "Zm 9", "Zm9+", "Zm9/", "Zm9\n"}) {
        CAPTURE(bad);
        CHECK_FALSE(decode_base64url(bad));
    }
}

TEST_CASE("percent-encoding keeps the unreserved characters and nothing else") {
    const std::string unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    CHECK(percent_encode(unreserved) == unreserved);
    CHECK(percent_encode("a b/c+d%") == "a%20b%2Fc%2Bd%25");
    CHECK(percent_encode_path("a b/c+d%") == "a%20b/c%2Bd%25");
    CHECK(percent_encode("\xe1\x88\xb4") == "%E1%88%B4");
    const std::string encoded = percent_encode(all_bytes());
    CHECK(encoded.size() == 66 + (256 - 66) * 3);
    CHECK(percent_decode(encoded) == all_bytes());
}

TEST_CASE("percent-decoding refuses every text that encoding would not have produced") {
    for (const char* text : {"%", "%4", "a%2", "%2f", "%c3%a9", "%zz", "%-1", "a b", "a/b", "a?b", "%41",
                             "%2E%2E", "%7E", "\xc3\xa9", "%%20"}) {
        CAPTURE(text);
        CHECK_FALSE(percent_decode(text).has_value());
    }
    CHECK(percent_decode("").value().empty());
    CHECK(percent_decode("%C3%A9%2F") == "\xc3\xa9/");
}

}  // namespace
}  // namespace cariosan::encoding
