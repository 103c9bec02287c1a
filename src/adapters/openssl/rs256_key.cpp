#include "adapters/openssl/rs256_key.hpp"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <string>
#include <utility>

#include "adapters/openssl/bytes_of.hpp"
#include "adapters/openssl/private_key.hpp"

namespace cariosan::openssl {
namespace {

/// The least RFC 7518 allows.
constexpr int kMinKeyBits = 2048;

class OpensslRs256Key final : public Rs256Key {
  public:
    explicit OpensslRs256Key(OwnedKeyPart<EVP_PKEY> key) : key_(std::move(key)) {}

    Result<std::string> sign(std::string_view data) override {
        const ClearErrors clear;
        const OwnedKeyPart<EVP_MD_CTX> context(EVP_MD_CTX_new());
        EVP_PKEY_CTX* padding = nullptr;  // belongs to the context
        std::size_t size = 0;
        const auto* bytes = bytes_of(data);
        if (!context ||
            EVP_DigestSignInit_ex(context.get(), &padding, "SHA256", nullptr, nullptr, key_.get(), nullptr) !=
                1 ||
            EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PADDING) != 1 ||
            EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()) != 1) {
            return failed();
        }
        std::string signature(size, '\0');
        if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                           data.size()) != 1) {
            return failed();
        }
        signature.resize(size);
        return signature;
    }

  private:
    static Error failed() { return {ErrorCode::internal, "OpenSSL could not sign with the RSA key"}; }

    OwnedKeyPart<EVP_PKEY> key_;
};

}  // namespace

Result<std::shared_ptr<Rs256Key>> load_rs256_key(std::string_view pem) {
    const ClearErrors clear;
    auto read = read_private_key(pem);
    if (!read) return std::move(read).error();
    OwnedKeyPart<EVP_PKEY> key = std::move(read).value();
    if (EVP_PKEY_is_a(key.get(), "RSA") != 1) return refused_key("the private key is not an RSA key");
    if (EVP_PKEY_get_bits(key.get()) < kMinKeyBits)
        return refused_key("the RSA key has less than 2,048 bits");
    return std::shared_ptr<Rs256Key>(std::make_shared<OpensslRs256Key>(std::move(key)));
}

}  // namespace cariosan::openssl
