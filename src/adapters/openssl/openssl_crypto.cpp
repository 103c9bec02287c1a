#include <cariosan/adapters/openssl.hpp>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <new>
#include <utility>

#include "adapters/openssl/aes_gcm.hpp"
#include "adapters/openssl/bytes_of.hpp"
#include "adapters/openssl/p256_key.hpp"
#include "adapters/openssl/rs256_key.hpp"

namespace cariosan {

namespace {

using openssl::bytes_of;

struct Free {
    void operator()(EVP_MD* digest) const noexcept { EVP_MD_free(digest); }
    void operator()(EVP_MAC* mac) const noexcept { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

/// The kernel's own source, in case OpenSSL's generator cannot be seeded. Without randomness there are no secrets, so the
/// process cannot continue.
void kernel_random(std::span<std::uint8_t> out) {
    std::size_t filled = 0;
    while (filled < out.size()) {
        const ssize_t count = getrandom(out.data() + filled, out.size() - filled, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) std::abort();
        filled += static_cast<std::size_t>(count);
    }
}

/// Algorithms are fetched once: a fetch by name costs more than the hash of a short text. The template
/// context is only ever copied, which OpenSSL allows from any thread.
class OpensslCrypto final : public Crypto {
  public:
    OpensslCrypto(Owned<EVP_MD> digest, Owned<EVP_MAC_CTX> mac_template)
        : digest_(std::move(digest)), mac_template_(std::move(mac_template)) {}

    Digest sha256(std::string_view data) override {
        Digest digest{};
        unsigned int size = 0;
        // Fails for lack of memory only.
        if (EVP_Digest(bytes_of(data), data.size(), digest.data(), &size, digest_.get(), nullptr) != 1 ||
            size != digest.size()) {
            throw std::bad_alloc();
        }
        return digest;
    }

    Digest hmac_sha256(std::string_view key, std::string_view data) override {
        Digest digest{};
        std::size_t size = 0;
        const Owned<EVP_MAC_CTX> context(EVP_MAC_CTX_dup(mac_template_.get()));
        if (!context || EVP_MAC_init(context.get(), bytes_of(key), key.size(), nullptr) != 1 ||
            EVP_MAC_update(context.get(), bytes_of(data), data.size()) != 1 ||
            EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) != 1 || size != digest.size()) {
            throw std::bad_alloc();
        }
        return digest;
    }

    bool equal(std::string_view left, std::string_view right) override {
        return left.size() == right.size() &&
               CRYPTO_memcmp(bytes_of(left), bytes_of(right), left.size()) == 0;
    }

    void random(std::span<std::uint8_t> out) override {
        while (!out.empty()) {
            const auto part = out.first(std::min<std::size_t>(out.size(), INT_MAX));
            if (RAND_bytes(part.data(), static_cast<int>(part.size())) != 1) kernel_random(part);
            out = out.subspan(part.size());
        }
    }

    Result<std::shared_ptr<Rs256Key>> load_rs256_key(std::string_view pem) override {
        return openssl::load_rs256_key(pem);
    }

    Result<std::shared_ptr<P256Key>> load_p256_key(std::string_view key) override { return openssl::load_p256_key(key); }

    Result<std::string> seal_aes_128_gcm(std::string_view key, std::string_view nonce, std::string_view plain) override {
        return openssl::seal_aes_128_gcm(key, nonce, plain);
    }

  private:
    Owned<EVP_MD> digest_;
    Owned<EVP_MAC_CTX> mac_template_;
};

}  // namespace

std::shared_ptr<Crypto> openssl_crypto() {
    Owned<EVP_MD> digest(EVP_MD_fetch(nullptr, OSSL_DIGEST_NAME_SHA2_256, nullptr));
    const Owned<EVP_MAC> mac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
    if (!digest || !mac) return nullptr;
    Owned<EVP_MAC_CTX> mac_template(EVP_MAC_CTX_new(mac.get()));
    char name[] = OSSL_DIGEST_NAME_SHA2_256;
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                     OSSL_PARAM_construct_end()};
    if (!mac_template || EVP_MAC_CTX_set_params(mac_template.get(), parameters) != 1) return nullptr;
    return std::make_shared<OpensslCrypto>(std::move(digest), std::move(mac_template));
}

}  // namespace cariosan
