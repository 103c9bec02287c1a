/// What private keys of every kind have in common.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <cariosan/error.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace cariosan::openssl {

struct FreeKeyPart {
    void operator()(BIO* source) const noexcept { BIO_free(source); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
template <class T>
using OwnedKeyPart = std::unique_ptr<T, FreeKeyPart>;

/// OpenSSL keeps errors per thread; clear ours so that no later call finds them.
struct ClearErrors {
    ClearErrors() = default;
    ~ClearErrors() { ERR_clear_error(); }
    ClearErrors(const ClearErrors&) = delete;
    ClearErrors& operator=(const ClearErrors&) = delete;
};

/// `validation_error` with this message.
Error refused_key(std::string message);

/// Reads a private key of any kind in PEM, not encrypted. Never asks for a passphrase.
Result<OwnedKeyPart<EVP_PKEY>> read_private_key(std::string_view pem);

}  // namespace cariosan::openssl
