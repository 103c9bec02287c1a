#include <cariosan/adapters/openssl.hpp>

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "hex.hpp"
#include "support/rsa_test_key.hpp"
#include "support/test_data.hpp"

namespace {

using cariosan::test::from_hex;
using cariosan::test::kRsaTestKey;
using cariosan::test::kRsaTestSignature;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string pem_of(EVP_PKEY* key, const char* passphrase = nullptr, bool traditional = false) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    const EVP_CIPHER* cipher = passphrase != nullptr ? EVP_aes_128_cbc() : nullptr;
    auto* const secret = const_cast<char*>(passphrase);
    const int written =
        traditional
            ? PEM_write_bio_PrivateKey_traditional(out.get(), key, cipher, nullptr, 0, nullptr, secret)
            : PEM_write_bio_PrivateKey(out.get(), key, cipher, nullptr, 0, nullptr, secret);
    REQUIRE(written == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string base64url(std::string_view bytes) {
    std::string text(bytes.size() / 3 * 4 + 5, '\0');
    text.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                         reinterpret_cast<const unsigned char*>(bytes.data()),
                                                         static_cast<int>(bytes.size()))));
    std::erase(text, '=');
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

/// Numbers in a JSON Web Key are base64url.
BIGNUM* number_of(const boost::json::value& jwk, const char* name) {
    std::string text(jwk.at(name).as_string());
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    std::size_t padding = 0;
    for (; text.size() % 4 != 0; ++padding) text += '=';
    std::string bytes(text.size(), '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    REQUIRE(size > 0);
    return BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), size - static_cast<int>(padding),
                     nullptr);
}

std::string pem_of_jwk(const boost::json::value& jwk) {
    constexpr std::array<std::pair<const char*, const char*>, 8> kNames = {
        {{OSSL_PKEY_PARAM_RSA_N, "n"},
         {OSSL_PKEY_PARAM_RSA_E, "e"},
         {OSSL_PKEY_PARAM_RSA_D, "d"},
         {OSSL_PKEY_PARAM_RSA_FACTOR1, "p"},
         {OSSL_PKEY_PARAM_RSA_FACTOR2, "q"},
         {OSSL_PKEY_PARAM_RSA_EXPONENT1, "dp"},
         {OSSL_PKEY_PARAM_RSA_EXPONENT2, "dq"},
         {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, "qi"}}};
    std::vector<std::unique_ptr<BIGNUM, decltype(&BN_free)>> numbers;
    const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(OSSL_PARAM_BLD_new(),
                                                                                  OSSL_PARAM_BLD_free);
    for (const auto& [parameter, name] : kNames) {
        numbers.emplace_back(number_of(jwk, name), BN_free);
        REQUIRE(OSSL_PARAM_BLD_push_BN(builder.get(), parameter, numbers.back().get()) == 1);
    }
    const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(
        OSSL_PARAM_BLD_to_param(builder.get()), OSSL_PARAM_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), EVP_PKEY_CTX_free);
    EVP_PKEY* key = nullptr;
    REQUIRE(EVP_PKEY_fromdata_init(context.get()) == 1);
    REQUIRE(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) == 1);
    const Key owned(key, EVP_PKEY_free);
    return pem_of(key);
}

/// Whether the third part of a compact JWS is the signature of the first two. There is only one, because RS256 uses
/// no randomness.
/// randomness.
bool is_signed_by(cariosan::Rs256Key& key, std::string_view jws) {
    const std::size_t first = jws.find('.');
    const std::size_t second = first == std::string_view::npos ? first : jws.find('.', first + 1);
    if (second == std::string_view::npos) return false;
    const auto signature = key.sign(jws.substr(0, second));
    REQUIRE(signature);
    return base64url(*signature) == jws.substr(second + 1);
}

}  // namespace

TEST_CASE("an RS256 key signs like OpenSSL's command line") {
    const auto crypto = cariosan::openssl_crypto();
    REQUIRE(crypto);
    const auto key = crypto->load_rs256_key(kRsaTestKey);
    REQUIRE(key);
    const auto signature = (*key)->sign("signed by a test");
    REQUIRE(signature);
    CHECK(*signature == from_hex(kRsaTestSignature));
    CHECK((*key)->sign("").value().size() == 256);
    CHECK((*key)->sign({}).value() == (*key)->sign("").value());
    CHECK((*key)->sign("signed by a tesT").value() != *signature);
}

TEST_CASE("a key may be in the older format, with text around it") {
    const auto crypto = cariosan::openssl_crypto();
    const std::unique_ptr<BIO, decltype(&BIO_free)> source(
        BIO_new_mem_buf(kRsaTestKey.data(), static_cast<int>(kRsaTestKey.size())), BIO_free);
    const Key parsed(PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    const std::string traditional = pem_of(parsed.get(), nullptr, true);
    REQUIRE(traditional.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    for (const std::string& pem : {traditional, "a comment\n" + std::string(kRsaTestKey) + "\n\n"}) {
        const auto key = crypto->load_rs256_key(pem);
        REQUIRE(key);
        CHECK((*key)->sign("signed by a test").value() == from_hex(kRsaTestSignature));
    }
}

TEST_CASE("anything but an RSA key of 2,048 bits or more is refused, without a prompt and without quoting it") {
    const auto crypto = cariosan::openssl_crypto();
    const Key elliptic(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const Key small(EVP_RSA_gen(1024), EVP_PKEY_free);
    const Key good(EVP_RSA_gen(2048), EVP_PKEY_free);
    REQUIRE(elliptic);
    REQUIRE(small);
    const std::string whole(kRsaTestKey);
    const std::vector<std::pair<std::string, std::string>> cases = {
        {pem_of(elliptic.get()), "not an RSA key"},
        {pem_of(small.get()), "2,048 bits"},
        {pem_of(good.get(), "secret"), "encrypted"},
        {pem_of(good.get(), "secret", true), "encrypted"},
        {"", "not a private key"},
        {"secret-text-that-is-no-key", "not a private key"},
        {whole.substr(0, whole.size() / 2), "not a private key"},
        {whole.substr(0, 200) + "!" + whole.substr(201), "not a private key"},
        {"-----BEGIN PUBLIC KEY-----\nMFk=\n-----END PUBLIC KEY-----\n", "not a private key"},
        {std::string(1 << 20, 'a'), "too long"},
    };
    for (const auto& each : cases) {
        CAPTURE(each.second);
        const auto key = crypto->load_rs256_key(each.first);
        REQUIRE_FALSE(key);
        CHECK(key.error().code == cariosan::ErrorCode::validation_error);
        CHECK(key.error().message.find(each.second) != std::string::npos);
        CHECK(key.error().message.find("secret") == std::string::npos);
    }
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("one key serves many threads, and outlives its creator") {
    auto crypto = cariosan::openssl_crypto();
    const auto key = crypto->load_rs256_key(kRsaTestKey);
    REQUIRE(key);
    crypto.reset();
    const std::string expected = from_hex(kRsaTestSignature);
    std::array<bool, 4> right{};
    std::vector<std::thread> threads;
    for (bool& result : right) {
        threads.emplace_back([&key, &expected, &result] {
            result = true;
            for (int i = 0; i < 20; ++i)
                result = result && (*key)->sign("signed by a test").value() == expected;
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(std::ranges::all_of(right, [](bool result) { return result; }));
}

TEST_CASE("a Crypto that cannot sign says so") {
    class HashesOnly : public cariosan::Crypto {
      public:
        cariosan::Digest sha256(std::string_view) override { return {}; }
        cariosan::Digest hmac_sha256(std::string_view, std::string_view) override { return {}; }
        bool equal(std::string_view, std::string_view) override { return false; }
        void random(std::span<std::uint8_t>) override {}
    };
    HashesOnly crypto;
    const auto key = crypto.load_rs256_key(kRsaTestKey);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == cariosan::ErrorCode::unavailable);
}

TEST_CASE("RS256 agrees with Wycheproof") {
    const auto path = cariosan::test::test_data("vectors/wycheproof-json_web_signature_test.json");
    if (!path) return;
    std::ifstream file(*path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const boost::json::value vectors = boost::json::parse(text);
    const auto crypto = cariosan::openssl_crypto();

    int valid = 0;
    int invalid = 0;
    for (const auto& group : vectors.at("testGroups").as_array()) {
        const auto& jwk = group.at("private").as_object();
        const auto* algorithm = jwk.if_contains("alg");
        if (algorithm == nullptr || algorithm->as_string() != "RS256") continue;
        const auto key = crypto->load_rs256_key(pem_of_jwk(group.at("private")));
        REQUIRE(key);
        for (const auto& test : group.at("tests").as_array()) {
            CAPTURE(test.at("tcId").as_int64());
            const bool expected = test.at("result").as_string() == "valid";
            CHECK(is_signed_by(**key, std::string_view(test.at("jws").as_string())) == expected);
            ++(expected ? valid : invalid);
        }
    }
    CHECK(valid == 8);
    CHECK(invalid == 225);
}
