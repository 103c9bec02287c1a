#include "adapters/openssl/private_key.hpp"

#include <openssl/pem.h>

#include <cstddef>
#include <utility>

namespace cariosan::openssl {
namespace {

/// Far above any key; anything longer is not one.
constexpr std::size_t kMaxPemBytes = 64 * 1024;

/// Without it OpenSSL would ask on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

Error refused_key(std::string message) { return {ErrorCode::validation_error, std::move(message)}; }

Result<OwnedKeyPart<EVP_PKEY>> read_private_key(std::string_view pem) {
    const ClearErrors clear;
    if (pem.size() > kMaxPemBytes) return refused_key("the text is too long for a private key");
    const OwnedKeyPart<BIO> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    OwnedKeyPart<EVP_PKEY> key(source ? PEM_read_bio_PrivateKey(source.get(), nullptr, no_passphrase, nullptr)
                                      : nullptr);
    if (!key) return refused_key("the text is not a private key in PEM, or it is encrypted");
    return key;
}

}  // namespace cariosan::openssl
