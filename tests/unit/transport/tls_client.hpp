/// A client that speaks TLS, and the files of a server that does.
#pragma once

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <csignal>
#include <memory>
#include <string>
#include <string_view>

#include "support/temporary_folder.hpp"
#include "support/tls_stand_in.hpp"
#include "unit/transport/client.hpp"

namespace cariosan::test {

/// A certificate and its key in files, which can be replaced.
class TlsFiles {
  public:
    TlsFiles() {
        // OpenSSL, as a client, writes to sockets without MSG_NOSIGNAL.
        std::signal(SIGPIPE, SIG_IGN);
        issue();
    }
    /// Replaces both by new ones.
    void issue() {
        const Identity identity = authority_.issue({});
        write(certificate(), identity.certificate.get());
        write_key(identity);
    }
    /// Replaces only the key.
    void issue_key() { write_key(authority_.issue({})); }

    std::string certificate() const { return folder_ / "server.pem"; }
    std::string key() const { return folder_ / "server.key"; }
    const TemporaryFolder& folder() const { return folder_; }

  private:
    using File = std::unique_ptr<FILE, Freed<std::fclose>>;
    static void write(const std::string& path, X509* certificate) {
        const File file(std::fopen(path.c_str(), "w"));
        must(file && PEM_write_X509(file.get(), certificate) == 1);
    }
    void write_key(const Identity& identity) const {
        const File file(std::fopen(key().c_str(), "w"));
        must(file && PEM_write_PrivateKey(file.get(), identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    }

    TemporaryFolder folder_;
    CertificateAuthority authority_{"a test of the transport"};
};

class TlsClient final : public Client {
  public:
    struct Terms {
        int most = TLS1_3_VERSION;   ///< the latest version it speaks
        std::string protocols = {};  ///< offered by ALPN, on the wire's form
        int receive_buffer = 0;
    };

    explicit TlsClient(std::uint16_t port) : TlsClient(port, Terms{}) {}
    TlsClient(std::uint16_t port, const Terms& terms) : Client(port, terms.receive_buffer), context_(SSL_CTX_new(TLS_client_method())) {
        SSL_CTX_set_security_level(context_.get(), 0);
        SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context_.get(), terms.most);
        ssl_.reset(SSL_new(context_.get()));
        if (!terms.protocols.empty()) {
            SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(terms.protocols.data()), static_cast<unsigned>(terms.protocols.size()));
        }
        SSL_set_fd(ssl_.get(), descriptor());
        connected_ = SSL_connect(ssl_.get()) == 1;
        ERR_clear_error();
    }

    bool connected() const { return connected_; }
    std::string version() const { return SSL_get_version(ssl_.get()); }
    /// What the server chose by ALPN.
    std::string protocol() const {
        const unsigned char* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(ssl_.get(), &name, &size);
        return {reinterpret_cast<const char*>(name), size};
    }
    /// Tells two certificates apart.
    std::string fingerprint() const {
        const Certificate certificate(SSL_get1_peer_certificate(ssl_.get()));
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        must(X509_digest(certificate.get(), EVP_sha256(), digest, &size) == 1);
        return {reinterpret_cast<const char*>(digest), size};
    }
    /// Whether the server has said that nothing more follows, rather than only closing the connection.
    bool told_the_end() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
    void end_sending() override {
        SSL_shutdown(ssl_.get());
        Client::end_sending();
    }
    /// New keys for both directions, in TLS 1.3.
    void update_keys() { must(SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) == 1); }

  private:
    ssize_t write_some(std::string_view bytes) override {
        const int sent = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
        ERR_clear_error();
        return sent;
    }
    ssize_t read_some(char* into, std::size_t size) override {
        const int got = SSL_read(ssl_.get(), into, static_cast<int>(size));
        ERR_clear_error();
        return got;
    }

    std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context_;
    std::unique_ptr<SSL, Freed<SSL_free>> ssl_;
    bool connected_ = false;
};

}  // namespace cariosan::test
