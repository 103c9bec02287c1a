/// TLS for `HttpStandIn`, with valid and invalid certificates made by the test.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/http_stand_in.hpp"

namespace cariosan::test {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* owned) const {
        Free(owned);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

inline void must(bool done) {
    if (!done) throw std::runtime_error("OpenSSL refused");
}

/// A server's certificate and its key.
struct Identity {
    Certificate certificate{};
    Key key{};
};

/// Whom a certificate is for, and its validity relative to now.
struct CertificateTerms {
    std::string address = "127.0.0.1";
    std::chrono::seconds from{std::chrono::hours(-1)};
    std::chrono::seconds until{std::chrono::hours(1)};
};

/// Signs certificates. Two with the same name would be confused.
class CertificateAuthority {
  public:
    explicit CertificateAuthority(const std::string& name) : root_(make(name, {})) {
        extend(*root_.certificate, NID_basic_constraints, "critical,CA:TRUE");
        must(X509_set_issuer_name(root_.certificate.get(), X509_get_subject_name(root_.certificate.get())) == 1);
        sign(*root_.certificate);
    }

    Identity issue(const CertificateTerms& terms) const {
        Identity made = make("a server", terms);
        extend(*made.certificate, NID_subject_alt_name, "IP:" + terms.address);
        must(X509_set_issuer_name(made.certificate.get(), X509_get_subject_name(root_.certificate.get())) == 1);
        sign(*made.certificate);
        return made;
    }

    /// Writes the certificate that a client must trust, as PEM.
    void write(const std::string& path) const {
        const std::unique_ptr<FILE, Freed<std::fclose>> file(std::fopen(path.c_str(), "w"));
        must(file && PEM_write_X509(file.get(), root_.certificate.get()) == 1);
    }

  private:
    static Identity make(const std::string& name, const CertificateTerms& terms) {
        Identity made{Certificate(X509_new()), Key(EVP_EC_gen("P-256"))};
        X509* certificate = made.certificate.get();
        must(certificate != nullptr && made.key && X509_set_version(certificate, 2) == 1);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), terms.from.count());
        X509_gmtime_adj(X509_getm_notAfter(certificate), terms.until.count());
        const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
        must(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, text, -1, -1, 0) == 1);
        must(X509_set_pubkey(certificate, made.key.get()) == 1);
        return made;
    }

    static void extend(X509& certificate, int kind, const std::string& value) {
        const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
            X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
        must(extension && X509_add_ext(&certificate, extension.get(), -1) == 1);
    }

    void sign(X509& certificate) const { must(X509_sign(&certificate, root_.key.get(), EVP_sha256()) > 0); }

    Identity root_;
};

class TlsWire : public Wire {
  public:
    TlsWire(SSL_CTX& context, int socket) : ssl_(SSL_new(&context)) {
        is_open_ = ssl_ && SSL_set_fd(ssl_.get(), socket) == 1 && SSL_accept(ssl_.get()) == 1;
    }
    bool is_open() const { return is_open_; }
    long read(char* bytes, std::size_t size) override { return SSL_read(ssl_.get(), bytes, static_cast<int>(size)); }
    void write(const std::string& bytes) override {
        if (!bytes.empty()) static_cast<void>(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())));
    }

  private:
    std::unique_ptr<SSL, Freed<SSL_free>> ssl_;
    bool is_open_ = false;
};

/// For an `HttpStandIn` with the certificate `identity`; with `http2` it accepts a client's offer of HTTP/2. OpenSSL writes
/// to sockets without MSG_NOSIGNAL, so SIGPIPE is ignored from now on.
inline StandInOptions tls(Identity identity, bool http2 = false) {
    std::signal(SIGPIPE, SIG_IGN);
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    must(context && SSL_CTX_use_certificate(context.get(), identity.certificate.get()) == 1 &&
         SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) == 1);
    if (http2) {
        SSL_CTX_set_alpn_select_cb(
            context.get(),
            [](SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned int length, void*) {
                static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
                return SSL_select_next_proto(const_cast<unsigned char**>(chosen), size, kHttp2, sizeof kHttp2, offered, length) ==
                               OPENSSL_NPN_NEGOTIATED
                           ? SSL_TLSEXT_ERR_OK
                           : SSL_TLSEXT_ERR_NOACK;
            },
            nullptr);
    }
    StandInOptions options{.scheme = "https"};
    options.wire = [context](int socket) -> std::unique_ptr<Wire> {
        auto wire = std::make_unique<TlsWire>(*context, socket);
        if (!wire->is_open()) return nullptr;
        return wire;
    };
    return options;
}

}  // namespace cariosan::test
