#include "adapters/openssl/p256_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>

#include <cstddef>
#include <string>
#include <utility>

#include "adapters/openssl/bytes_of.hpp"
#include "adapters/openssl/private_key.hpp"

namespace cariosan::openssl {
namespace {

constexpr std::size_t kScalarBytes = 32;
constexpr std::size_t kPointBytes = 1 + 2 * kScalarBytes;
constexpr char kUncompressed = 4;
constexpr std::string_view kCurveName = "prime256v1";

struct FreeCurvePart {
    void operator()(BIGNUM* number) const noexcept { BN_clear_free(number); }
    void operator()(EC_GROUP* group) const noexcept { EC_GROUP_free(group); }
    void operator()(EC_POINT* point) const noexcept { EC_POINT_clear_free(point); }
    void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
    void operator()(OSSL_PARAM_BLD* builder) const noexcept { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* parameters) const noexcept { OSSL_PARAM_free(parameters); }
};
template <class T>
using OwnedCurvePart = std::unique_ptr<T, FreeCurvePart>;

unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// Makes a key from the public point and, if there is one, the private number. Null if the point is not on the curve.
OwnedKeyPart<EVP_PKEY> key_of(std::string_view point, const BIGNUM* scalar) {
    const OwnedCurvePart<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kCurveName.data(), kCurveName.size()) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1 ||
        (scalar != nullptr && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar) != 1)) {
        return nullptr;
    }
    const OwnedCurvePart<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const OwnedKeyPart<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, scalar != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return nullptr;
    }
    return OwnedKeyPart<EVP_PKEY>(key);
}

/// The public key; empty unless the key is on this curve.
std::string point_of(const EVP_PKEY* key) {
    std::string name(kCurveName.size() + 1, '\0');
    std::size_t size = 0;
    if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1 ||
        name.substr(0, size) != kCurveName) {
        return {};
    }
    const auto coordinate = [key](const char* parameter) {
        BIGNUM* number = nullptr;
        std::string bytes;
        if (EVP_PKEY_get_bn_param(key, parameter, &number) == 1) {
            bytes.resize(kScalarBytes);
            if (BN_bn2binpad(number, octets(bytes), kScalarBytes) != kScalarBytes) bytes.clear();
        }
        BN_free(number);
        return bytes;
    };
    const std::string x = coordinate(OSSL_PKEY_PARAM_EC_PUB_X);
    const std::string y = coordinate(OSSL_PKEY_PARAM_EC_PUB_Y);
    return x.empty() || y.empty() ? std::string() : kUncompressed + x + y;
}

/// The point of a private number; empty if the number is out of range.
std::string point_of(const BIGNUM* scalar) {
    const OwnedCurvePart<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    if (!group || BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group.get())) >= 0) return {};
    const OwnedCurvePart<EC_POINT> point(EC_POINT_new(group.get()));
    std::string bytes(kPointBytes, '\0');
    if (!point || EC_POINT_mul(group.get(), point.get(), scalar, nullptr, nullptr, nullptr) != 1 ||
        EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, octets(bytes), bytes.size(), nullptr) != bytes.size()) {
        return {};
    }
    return bytes;
}

Error library_failed() { return {ErrorCode::internal, "OpenSSL could not use the key on P-256"}; }

class OpensslP256Key final : public P256Key {
  public:
    OpensslP256Key(OwnedKeyPart<EVP_PKEY> key, std::string point) : key_(std::move(key)), point_(std::move(point)) {}

    std::string public_key() const override { return point_; }

    Result<std::string> sign(std::string_view data) override {
        const ClearErrors clear;
        const OwnedKeyPart<EVP_MD_CTX> context(EVP_MD_CTX_new());
        std::size_t size = 0;
        if (!context || EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key_.get(), nullptr) != 1 ||
            EVP_DigestSign(context.get(), nullptr, &size, bytes_of(data), data.size()) != 1) {
            return library_failed();
        }
        std::string der(size, '\0');
        if (EVP_DigestSign(context.get(), octets(der), &size, bytes_of(data), data.size()) != 1) return library_failed();
        const unsigned char* at = bytes_of(der);
        const OwnedCurvePart<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
        std::string raw(2 * kScalarBytes, '\0');
        if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), octets(raw), kScalarBytes) != kScalarBytes ||
            BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), octets(raw) + kScalarBytes, kScalarBytes) != kScalarBytes) {
            return library_failed();
        }
        return raw;
    }

    Result<std::string> agree(std::string_view peer) override {
        const ClearErrors clear;
        if (peer.size() != kPointBytes || peer[0] != kUncompressed) return refused_key("the peer's key is not an uncompressed point of P-256");
        const OwnedKeyPart<EVP_PKEY> other = key_of(peer, nullptr);
        if (!other) return refused_key("the peer's key is not a point of P-256");
        const OwnedKeyPart<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
        std::string secret(kScalarBytes, '\0');
        std::size_t size = secret.size();
        if (!context || EVP_PKEY_derive_init(context.get()) != 1) return library_failed();
        if (EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1) return refused_key("the peer's key is not a point of P-256");
        if (EVP_PKEY_derive(context.get(), octets(secret), &size) != 1 || size != secret.size()) return library_failed();
        return secret;
    }

  private:
    OwnedKeyPart<EVP_PKEY> key_;
    const std::string point_;
};

/// From the private number's bytes; null if they are out of range.
OwnedKeyPart<EVP_PKEY> key_of_scalar(std::string_view bytes) {
    const OwnedCurvePart<BIGNUM> scalar(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
    if (!scalar) return nullptr;
    BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
    const std::string point = point_of(scalar.get());
    return point.empty() ? nullptr : key_of(point, scalar.get());
}

}  // namespace

Result<std::shared_ptr<P256Key>> load_p256_key(std::string_view key) {
    const ClearErrors clear;
    OwnedKeyPart<EVP_PKEY> loaded;
    if (key.size() == kScalarBytes) {
        loaded = key_of_scalar(key);
        if (!loaded) return refused_key("the bytes are not a private key on P-256");
    } else {
        auto read = read_private_key(key);
        if (!read) return std::move(read).error();
        loaded = std::move(read).value();
    }
    std::string point = point_of(loaded.get());
    if (point.empty()) return refused_key("the private key is not on P-256");
    return std::shared_ptr<P256Key>(std::make_shared<OpensslP256Key>(std::move(loaded), std::move(point)));
}

}  // namespace cariosan::openssl
