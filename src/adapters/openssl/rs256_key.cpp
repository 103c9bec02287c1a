#include "adapters/openssl/rs256_key.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>
#include <utility>

namespace cariosan::openssl {
namespace {

/// The least RFC 7518 allows.
constexpr int kMinKeyBits = 2048;
/// Far above any key; anything longer is not one.
constexpr std::size_t kMaxPemBytes = 64 * 1024;

struct FreeKeyPart {
    void operator()(BIO* source) const noexcept { BIO_free(source); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
template <class T>
using OwnedKeyPart = std::unique_ptr<T, FreeKeyPart>;

/// Without it OpenSSL would ask on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

/// OpenSSL keeps errors per thread; clear ours so that no later call finds them.
struct ClearErrors {
    ~ClearErrors() { ERR_clear_error(); }
};

class OpensslRs256Key final : public Rs256Key {
  public:
    explicit OpensslRs256Key(OwnedKeyPart<EVP_PKEY> key) : key_(std::move(key)) {}

    Result<std::string> sign(std::string_view data) override {
        const ClearErrors clear;
        const OwnedKeyPart<EVP_MD_CTX> context(EVP_MD_CTX_new());
        EVP_PKEY_CTX* padding = nullptr;  // belongs to the context
        std::size_t size = 0;
        const auto* bytes = reinterpret_cast<const unsigned char*>(data.empty() ? "" : data.data());
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

Error refused_key(std::string message) { return {ErrorCode::validation_error, std::move(message)}; }

}  // namespace

Result<std::shared_ptr<Rs256Key>> load_rs256_key(std::string_view pem) {
    const ClearErrors clear;
    if (pem.size() > kMaxPemBytes) return refused_key("the text is too long for a private key");
    const OwnedKeyPart<BIO> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    OwnedKeyPart<EVP_PKEY> key(source ? PEM_read_bio_PrivateKey(source.get(), nullptr, no_passphrase, nullptr)
                                      : nullptr);
    if (!key) return refused_key("the text is not a private key in PEM, or it is encrypted");
    if (EVP_PKEY_is_a(key.get(), "RSA") != 1) return refused_key("the private key is not an RSA key");
    if (EVP_PKEY_get_bits(key.get()) < kMinKeyBits)
        return refused_key("the RSA key has less than 2,048 bits");
    return std::shared_ptr<Rs256Key>(std::make_shared<OpensslRs256Key>(std::move(key)));
}

}  // namespace cariosan::openssl
