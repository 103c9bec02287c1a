#include <cariosan/adapters/openssl.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "hex.hpp"

using cariosan::test::from_hex;
using cariosan::test::to_hex;

TEST_CASE("sha256 gives the known answers of FIPS 180-4") {
    const auto crypto = cariosan::openssl_crypto();
    REQUIRE(crypto);
    CHECK(to_hex(crypto->sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(crypto->sha256({})) == to_hex(crypto->sha256("")));
    CHECK(to_hex(crypto->sha256("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(crypto->sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(to_hex(crypto->sha256(std::string(1'000'000, 'a'))) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("hmac_sha256 gives the known answers of RFC 4231") {
    const auto crypto = cariosan::openssl_crypto();
    REQUIRE(crypto);
    CHECK(to_hex(crypto->hmac_sha256(from_hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(to_hex(crypto->hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(to_hex(crypto->hmac_sha256(std::string(20, '\xaa'), std::string(50, '\xdd'))) ==
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    CHECK(to_hex(crypto->hmac_sha256(std::string(131, '\xaa'),
                                     "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("an empty key and empty data are accepted") {
    const auto crypto = cariosan::openssl_crypto();
    REQUIRE(crypto);
    const std::string expected = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
    CHECK(to_hex(crypto->hmac_sha256("", "")) == expected);
    CHECK(to_hex(crypto->hmac_sha256({}, {})) == expected);
    // Not the key of the previous call.
    CHECK(to_hex(crypto->hmac_sha256("key", "")) != expected);
    CHECK(to_hex(crypto->hmac_sha256({}, {})) == expected);
}

TEST_CASE("equal compares all bytes and the lengths") {
    const auto crypto = cariosan::openssl_crypto();
    REQUIRE(crypto);
    CHECK(crypto->equal("", ""));
    CHECK(crypto->equal({}, ""));
    CHECK(crypto->equal("secret", "secret"));
    CHECK_FALSE(crypto->equal("secret", "secreT"));
    CHECK_FALSE(crypto->equal("Secret", "secret"));
    CHECK_FALSE(crypto->equal("secret", "secret "));
    CHECK_FALSE(crypto->equal("secret", ""));
    CHECK_FALSE(crypto->equal(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

TEST_CASE("random fills what it is given, differently each time") {
    const auto crypto = cariosan::openssl_crypto();
    REQUIRE(crypto);
    std::array<std::uint8_t, 32> first{};
    std::array<std::uint8_t, 32> second{};
    crypto->random(first);
    crypto->random(second);
    CHECK(first != second);
    CHECK(std::any_of(first.begin(), first.end(), [](std::uint8_t byte) { return byte != 0; }));
    crypto->random({});

    // Only the span is written.
    std::array<std::uint8_t, 16> guarded{};
    crypto->random(std::span(guarded).subspan(4, 8));
    CHECK(std::all_of(guarded.begin(), guarded.begin() + 4, [](std::uint8_t byte) { return byte == 0; }));
    CHECK(std::all_of(guarded.begin() + 12, guarded.end(), [](std::uint8_t byte) { return byte == 0; }));

    std::array<int, 256> seen{};
    std::vector<std::uint8_t> many(1 << 16);
    crypto->random(many);
    for (const std::uint8_t byte : many) ++seen[byte];
    CHECK(std::all_of(seen.begin(), seen.end(), [](int count) { return count > 0; }));
}

TEST_CASE("one object serves many threads") {
    const auto crypto = cariosan::openssl_crypto();
    REQUIRE(crypto);
    const auto expected = crypto->hmac_sha256("Jefe", "what do ya want for nothing?");
    std::array<bool, 4> right{};
    std::vector<std::thread> threads;
    for (bool& result : right) {
        threads.emplace_back([&crypto, &expected, &result] {
            result = true;
            for (int i = 0; i < 500; ++i) {
                result = result && crypto->hmac_sha256("Jefe", "what do ya want for nothing?") == expected &&
                         crypto->sha256("abc")[0] == 0xba;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(std::all_of(right.begin(), right.end(), [](bool result) { return result; }));
}
