#include <cariosan/adapters/openssl.hpp>

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>
#include <vector>

#include "encoding/base64.hpp"
#include "hex.hpp"
#include "support/p256_verify.hpp"
#include "support/rsa_test_key.hpp"
#include "support/web_push_examples.hpp"

namespace {

using namespace cariosan;
using namespace cariosan::test;

std::string raw(std::string_view text) { return *encoding::decode_base64url(text); }

std::string pem_on(const char* curve) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen(curve), EVP_PKEY_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    REQUIRE(PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

TEST_CASE("a key on P-256 has the public key and agrees on the secret that RFC 8291 names") {
    const auto crypto = openssl_crypto();
    const auto server = crypto->load_p256_key(raw(kServerPrivate));
    const auto browser = crypto->load_p256_key(raw(kBrowserPrivate));
    REQUIRE(server);
    REQUIRE(browser);
    CHECK((*server)->public_key() == raw(kServerPublic));
    CHECK((*browser)->public_key() == raw(kBrowserPublic));
    CHECK(*(*server)->agree(raw(kBrowserPublic)) == raw(kAgreedSecret));
    CHECK(*(*browser)->agree(raw(kServerPublic)) == raw(kAgreedSecret));
}

TEST_CASE("signatures on P-256 have 64 bytes and verify, as that of RFC 8292 does") {
    CHECK(verifies_es256(raw(kVapidPublic), kVapidSigned, raw(kVapidSignature)));
    const auto key = openssl_crypto()->load_p256_key(raw(kServerPrivate));
    REQUIRE(key);
    // A number shorter than 32 bytes, which one signature in 128 has, is padded.
    for (int i = 0; i < 600; ++i) {
        const std::string data = "text " + std::to_string(i);
        const auto signature = (*key)->sign(data);
        REQUIRE(signature);
        REQUIRE(signature->size() == 64);
        REQUIRE(verifies_es256((*key)->public_key(), data, *signature));
    }
    CHECK_FALSE(verifies_es256((*key)->public_key(), "another text", *(*key)->sign("text")));
}

TEST_CASE("a private key on P-256 is 32 bytes in range, or PEM") {
    const auto crypto = openssl_crypto();
    const auto from_pem = crypto->load_p256_key(pem_on("P-256"));
    REQUIRE(from_pem);
    CHECK((*from_pem)->public_key().size() == 65);
    CHECK(verifies_es256((*from_pem)->public_key(), "text", *(*from_pem)->sign("text")));
    const std::string order = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    std::string below = order;
    below.back() = static_cast<char>(below.back() - 1);
    CHECK(crypto->load_p256_key(below));
    for (const std::string& bad : {std::string(), std::string(32, '\0'), order, std::string(32, '\xff'), std::string(31, 'a'),
                                   std::string("-----BEGIN PRIVATE KEY-----\nswordfish\n-----END PRIVATE KEY-----\n"),
                                   pem_on("P-384"), std::string(kRsaTestKey)}) {
        const auto key = crypto->load_p256_key(bad);
        REQUIRE_FALSE(key);
        CHECK(key.error().code == ErrorCode::validation_error);
        CHECK(key.error().message.find("swordfish") == std::string::npos);
    }
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a peer's key is an uncompressed point of the curve") {
    const auto key = openssl_crypto()->load_p256_key(raw(kServerPrivate));
    REQUIRE(key);
    const std::string good = raw(kBrowserPublic);
    std::string beside = good;
    beside[64] = static_cast<char>(beside[64] ^ 1);
    std::string compressed = good.substr(0, 33);
    compressed[0] = static_cast<char>(2 + (good[64] & 1));
    std::string hybrid = good;
    hybrid[0] = static_cast<char>(6 + (good[64] & 1));
    for (const std::string& bad : {std::string(), std::string(1, '\0'), std::string(65, '\0'), "\4" + std::string(64, '\0'),
                                   "\4" + std::string(64, '\xff'), beside, compressed, hybrid, good + "a", good.substr(0, 64)}) {
        const auto secret = (*key)->agree(bad);
        REQUIRE_FALSE(secret);
        CHECK(secret.error().code == ErrorCode::validation_error);
    }
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("AES-128-GCM gives the known answers of its specification") {
    const auto crypto = openssl_crypto();
    const std::string zero(16, '\0');
    CHECK(*crypto->seal_aes_128_gcm(zero, zero.substr(0, 12), "") == from_hex("58e2fccefa7e3061367f1d57a4e7455a"));
    CHECK(*crypto->seal_aes_128_gcm(zero, zero.substr(0, 12), zero) ==
          from_hex("0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"));
    CHECK(crypto->seal_aes_128_gcm("short", zero.substr(0, 12), "").error().code == ErrorCode::misuse);
    CHECK(crypto->seal_aes_128_gcm(zero, zero, "").error().code == ErrorCode::misuse);
}

}  // namespace
