#include "transport/tls/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>

#include "transport/tls/tls_stream.hpp"

namespace cariosan::transport {

namespace {

/// Of TLS 1.2; all of TLS 1.3 are like these.
constexpr const char* kSuites = "ECDHE+AESGCM:ECDHE+CHACHA20";

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned length, void*) {
    static constexpr unsigned char kHttp[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, size, kHttp, sizeof kHttp, offered, length) != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

/// A key with a passphrase is refused rather than asking for it on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

std::string last_reason() {
    const unsigned long error = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(error);
    return reason != nullptr ? reason : "OpenSSL refuses it";
}

Error unusable(const std::string& what, const std::string& file) {
    std::string reason = last_reason();
    // OpenSSL's words for a missing file name its own functions.
    if (!std::ifstream(file).is_open()) reason = std::strerror(errno);
    ERR_clear_error();
    return Error(ErrorCode::misuse, "cannot use " + file + " as the " + what + ": " + reason);
}

}  // namespace

TlsContext::TlsContext() : context_(SSL_CTX_new(TLS_server_method())), wire_(TlsStream::make_wire()) {
    if (context_ == nullptr || wire_ == nullptr || SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(context_, kSuites) != 1) {
        SSL_CTX_free(context_);
        BIO_meth_free(wire_);
        throw std::bad_alloc();
    }
    SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // An idle connection holds no buffers.
    SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
    // Clients keep their sessions as tickets; a cache here would be shared by all threads.
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context_, 1);
    SSL_CTX_set_alpn_select_cb(context_, choose_protocol, nullptr);
    SSL_CTX_set_default_passwd_cb(context_, no_passphrase);
}

TlsContext::~TlsContext() {
    SSL_CTX_free(context_);
    BIO_meth_free(wire_);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const std::string& certificate_file, const std::string& key_file) {
    ERR_clear_error();
    const std::shared_ptr<TlsContext> made(new TlsContext);
    if (SSL_CTX_use_certificate_chain_file(made->context_, certificate_file.c_str()) != 1) return unusable("TLS certificate", certificate_file);
    if (SSL_CTX_use_PrivateKey_file(made->context_, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
        const unsigned long error = ERR_peek_last_error();
        const bool foreign = ERR_GET_LIB(error) == ERR_LIB_X509 &&
                             (ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH || ERR_GET_REASON(error) == X509_R_KEY_TYPE_MISMATCH);
        if (!foreign) return unusable("TLS key", key_file);
        ERR_clear_error();
        return Error(ErrorCode::misuse, "the TLS key " + key_file + " does not belong to the certificate " + certificate_file);
    }
    return std::shared_ptr<const TlsContext>(made);
}

}  // namespace cariosan::transport
