#include "transport/tls/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace cariosan::transport {

namespace {

constexpr std::size_t kRecord = 16 * 1024;       // the most that one carries
constexpr std::size_t kMostEncrypted = 64 * 1024;  // passed to the socket at a time
constexpr std::size_t kMostOwed = 256 * 1024;  // beyond, a peer makes us answer without reading
constexpr std::size_t kLargeRecord = 4 * 1024;   // more is likely to follow such a one at once

constexpr std::string_view kPlainAnswer =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 34\r\nConnection: close\r\n\r\n"
    "This port speaks HTTPS, not HTTP.\n";

/// Goes through the parts a record at a time.
class Records {
  public:
    explicit Records(std::span<const iovec> parts) noexcept : parts_(parts) {}

    /// At most `kRecord` bytes, gathered if need be; empty at the end. Valid until the next call.
    std::span<const char> next() noexcept {
        skip_done();
        if (parts_.empty()) return {};
        if (parts_.size() == 1 || left() >= kRecord) return take(std::min(left(), kRecord));
        std::size_t size = 0;
        while (!parts_.empty() && size < kRecord) {
            const std::span<const char> piece = take(std::min(left(), kRecord - size));
            std::memcpy(record_.data() + size, piece.data(), piece.size());
            size += piece.size();
            skip_done();
        }
        return std::span<const char>(record_).first(size);
    }

  private:
    std::size_t left() const noexcept { return parts_.front().iov_len - offset_; }
    std::span<const char> take(std::size_t count) noexcept {
        const char* const from = static_cast<const char*>(parts_.front().iov_base) + offset_;
        offset_ += count;
        return {from, count};
    }
    void skip_done() noexcept {
        while (!parts_.empty() && left() == 0) {
            parts_ = parts_.subspan(1);
            offset_ = 0;
        }
    }

    std::span<const iovec> parts_;
    std::size_t offset_ = 0;
    std::array<char, kRecord> record_;
};

}  // namespace

/// What OpenSSL calls for bytes: reads come from the socket, writes are collected.
struct TlsStream::Wire {
    static int read(BIO* bio, char* into, int size) {
        const auto& stream = *static_cast<const TlsStream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        const IoResult got = receive_some(stream.descriptor_, {into, static_cast<std::size_t>(size)});
        if (got.blocked) BIO_set_retry_read(bio);
        return got.blocked || got.failed ? -1 : static_cast<int>(got.bytes);
    }
    static int write(BIO* bio, const char* from, int size) {
        auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        if (stream.out_.size() > kMostOwed) return -1;
        stream.out_.append(from, static_cast<std::size_t>(size));
        return size;
    }
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
};

bio_method_st* TlsStream::make_wire() {
    BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cariosan socket");
    if (method == nullptr) return nullptr;
    BIO_meth_set_read(method, Wire::read);
    BIO_meth_set_write(method, Wire::write);
    BIO_meth_set_ctrl(method, Wire::control);
    return method;
}

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, int descriptor)
    : context_(std::move(context)), ssl_(SSL_new(context_->context())), descriptor_(descriptor) {
    BIO* const bio = ssl_ == nullptr ? nullptr : BIO_new(context_->wire());
    if (bio == nullptr) {
        SSL_free(ssl_);
        throw std::bad_alloc();
    }
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_, bio, bio);
    SSL_set_accept_state(ssl_);
}

TlsStream::~TlsStream() { SSL_free(ssl_); }

/// False if the connection is unusable.
bool TlsStream::flush() noexcept {
    if (out_.empty()) return true;
    const IoResult sent = send_some(descriptor_, std::span<const char>(out_).subspan(sent_));
    if (sent.failed) return false;
    sent_ += sent.bytes;
    if (sent_ == out_.size()) {
        std::string().swap(out_);
        sent_ = 0;
    }
    return true;
}

/// After a call of OpenSSL that gave nothing.
IoResult TlsStream::refused(int result, IoResult total) noexcept {
    const int reason = SSL_get_error(ssl_, result);
    const bool usable = flush();
    if (total.bytes != 0) return total;  // the next call fails again
    if (!usable) return {.failed = true};
    if (reason == SSL_ERROR_WANT_READ) return {.blocked = true};
    return {.failed = reason != SSL_ERROR_ZERO_RETURN};
}

/// Answers such a client in its own language. False if the peer begins like one of TLS, or has not begun.
bool TlsStream::speaks_plain_http(Peek first, char byte) noexcept {
    greeted_ = first == Peek::bytes;
    if (first != Peek::bytes || byte < 'A' || byte > 'Z') return false;
    send_some(descriptor_, std::span<const char>(kPlainAnswer));
    ::shutdown(descriptor_, SHUT_WR);
    // Closing with bytes unread would reset the connection, and the client might not see the answer.
    std::array<char, kRecord> discarded;
    receive_some(descriptor_, discarded);
    return true;
}

IoResult TlsStream::receive(std::span<char> into) noexcept {
    if (!greeted_) {
        char first = 0;
        const Peek found = transport::peek(descriptor_, &first);
        if (found == Peek::nothing) return {.blocked = true};
        if (speaks_plain_http(found, first)) return {.failed = true};
    }
    IoResult total;
    std::size_t got = 0;
    do {
        ERR_clear_error();
        const int result = SSL_read_ex(ssl_, into.data() + total.bytes, into.size() - total.bytes, &got);
        if (result != 1) return refused(result, total);
        total.bytes += got;
    } while (got >= kLargeRecord && into.size() - total.bytes >= kRecord);
    if (!flush()) return {.failed = true};
    return total;
}

IoResult TlsStream::send(std::span<const iovec> parts) noexcept {
    if (SSL_is_init_finished(ssl_) != 1 || !flush()) return {.failed = true};
    IoResult total;
    Records records(parts);
    while (out_.empty()) {
        std::span<const char> record;
        while (out_.size() < kMostEncrypted && !(record = records.next()).empty()) {
            std::size_t written = 0;
            ERR_clear_error();
            if (SSL_write_ex(ssl_, record.data(), record.size(), &written) != 1 || written != record.size()) return {.failed = true};
            total.bytes += written;
        }
        if (out_.empty()) return total;
        if (!flush()) return {.failed = true};
    }
    total.blocked = true;
    return total;
}

Peek TlsStream::peek(std::string& early) {
    std::array<char, kRecord> record;
    const IoResult got = receive(record);
    if (got.failed) return Peek::failed;
    if (got.bytes == 0) return got.blocked ? Peek::nothing : Peek::end;
    early.append(record.data(), got.bytes);
    return Peek::bytes;
}

void TlsStream::end() noexcept {
    if (SSL_is_init_finished(ssl_) != 1 || !out_.empty()) return;
    ERR_clear_error();
    static_cast<void>(SSL_shutdown(ssl_));
    static_cast<void>(flush());
}

}  // namespace cariosan::transport
