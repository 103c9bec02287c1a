#pragma once

#include <cariosan/error.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

struct bio_method_st;
struct ssl_ctx_st;
struct ssl_st;

namespace cariosan::transport {

/// A certificate with its key, and the terms on which connections use them: TLS 1.2 or later, only suites with forward secrecy and
/// authenticated encryption, HTTP/1.1 by ALPN, sessions resumed by tickets. Immutable, for all threads.
class TlsContext {
  public:
    /// Reads PEM: the server's certificate followed by those between it and its root, and its key. The error says which file is
    /// wrong, and how.
    static Result<std::shared_ptr<const TlsContext>> load(const std::string& certificate_file, const std::string& key_file);

    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    ssl_ctx_st* context() const noexcept { return context_; }
    /// How a connection's bytes come from and go to its `TlsStream`.
    bio_method_st* wire() const noexcept { return wire_; }

  private:
    TlsContext();

    ssl_ctx_st* context_;
    bio_method_st* wire_;
};

/// The context for new connections, which can be replaced while the server runs. For all threads.
class CurrentTls {
  public:
    /// Null if connections are plain.
    std::shared_ptr<const TlsContext> get() const {
        const std::lock_guard lock(mutex_);
        return context_;
    }
    void set(std::shared_ptr<const TlsContext> context) {
        const std::lock_guard lock(mutex_);
        context_ = std::move(context);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const TlsContext> context_;
};

}  // namespace cariosan::transport
