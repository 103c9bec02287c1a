#include <cariosan/adapters/openssl.hpp>

#include <doctest/doctest.h>
#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <string>

#include "hex.hpp"
#include "support/test_data.hpp"

using cariosan::test::from_hex;
using cariosan::test::to_hex;

TEST_CASE("hmac_sha256 agrees with Wycheproof") {
    const auto path = cariosan::test::test_data("vectors/wycheproof-hmac_sha256_test.json");
    if (!path) return;
    std::ifstream file(*path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const boost::json::value vectors = boost::json::parse(text);
    const auto crypto = cariosan::openssl_crypto();
    REQUIRE(crypto);

    int cases = 0;
    for (const auto& group : vectors.at("testGroups").as_array()) {
        // Shorter tags are the first bits of the whole one.
        const auto digits = static_cast<std::size_t>(group.at("tagSize").as_int64() / 4);
        for (const auto& test : group.at("tests").as_array()) {
            const std::string key = from_hex(test.at("key").as_string());
            const std::string message = from_hex(test.at("msg").as_string());
            const std::string tag = to_hex(crypto->hmac_sha256(key, message)).substr(0, digits);
            const std::string given(test.at("tag").as_string());
            CAPTURE(test.at("tcId").as_int64());
            CHECK(crypto->equal(tag, given) == (test.at("result").as_string() == "valid"));
            ++cases;
        }
    }
    CHECK(cases > 100);
}
