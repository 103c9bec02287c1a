#include "adapters/openssl/aes_gcm.hpp"

#include <openssl/evp.h>

#include <climits>
#include <cstddef>
#include <memory>

#include "adapters/openssl/bytes_of.hpp"

namespace cariosan::openssl {
namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

struct FreeCipher {
    void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

}  // namespace

Result<std::string> seal_aes_128_gcm(std::string_view key, std::string_view nonce, std::string_view plain) {
    if (key.size() != kKeyBytes || nonce.size() != kNonceBytes || plain.size() > INT_MAX - kTagBytes)
        return Error(ErrorCode::misuse, "AES-128-GCM takes a key of 16 bytes and a nonce of 12");
    const std::unique_ptr<EVP_CIPHER, FreeCipher> cipher(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr));
    const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(EVP_CIPHER_CTX_new());
    std::string sealed(plain.size() + kTagBytes, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(sealed.data());
    int size = 0;
    int more = 0;
    if (!cipher || !context ||
        EVP_EncryptInit_ex2(context.get(), cipher.get(), bytes_of(key), bytes_of(nonce), nullptr) != 1 ||
        EVP_EncryptUpdate(context.get(), out, &size, bytes_of(plain), static_cast<int>(plain.size())) != 1 ||
        EVP_EncryptFinal_ex(context.get(), out + size, &more) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagBytes), out + plain.size()) != 1) {
        return Error(ErrorCode::internal, "OpenSSL could not encrypt with AES-128-GCM");
    }
    return sealed;
}

}  // namespace cariosan::openssl
