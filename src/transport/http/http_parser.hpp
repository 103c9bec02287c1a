/// Parses HTTP/1.1 requests (RFC 9112): no sockets, no clock. llhttp does the parsing; the code around it enforces limits and
/// refuses what two parsers could understand differently.
#pragma once

#include <llhttp.h>

#include <cariosan/error.hpp>
#include <cariosan/http.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cariosan::transport {

/// The memory that a text has allocated.
inline std::size_t heap_bytes(const std::string& text) noexcept {
    return text.capacity() > std::string().capacity() ? text.capacity() : 0;
}
/// Empties a text and frees its memory, which assigning an empty one does not.
inline void release(std::string& text) noexcept { std::string().swap(text); }

struct HttpLimits {
    std::size_t head_bytes = 16 * 1024;  ///< request line, fields and line ends
    std::size_t head_fields = 64;
    std::size_t body_bytes = 1 << 20;  ///< unless `allow_body` says otherwise
};

/// A request, and what the connection needs to know about it.
struct ParsedRequest {
    HttpRequest request;  ///< without `remote_address` and `secure`
    bool http_1_1 = false;
    bool keep_alive = false;
    bool has_body = false;         ///< framed with a body, even an incomplete one
    std::uint64_t body_length = 0;  ///< as announced, whatever is allowed; 0 in the chunked coding too
    bool expect_continue = false;  ///< the client waits for "100 Continue" before it sends the body
};

enum class HttpEvent : std::uint8_t {
    need_more,  ///< all input was consumed
    head,       ///< the head is complete, a body follows; reported once, before any of the body is consumed
    complete,   ///< `take` the request; the rest of the input belongs to the next one
    refused,    ///< answer `error()` and close, since it is unknown where the next request starts
};

/// Parses a stream of requests. Strict: no bare CR or LF, no folded lines, no control characters, one Host, one
/// framing (Content-Length together with Transfer-Encoding is refused, as is any coding other than chunked). Memory grows
/// with the bytes received, never with what a header announces.
class HttpParser {
  public:
    explicit HttpParser(const HttpLimits& limits);
    HttpParser(const HttpParser&) = delete;
    HttpParser& operator=(const HttpParser&) = delete;

    /// Consumes bytes from the front of `input` up to the next event.
    HttpEvent next(std::string_view& input);

    /// Returns the complete request; the parser is then ready for the next one.
    ParsedRequest take();
    /// After `head`: returns the request without its body; call `take` for the body once it is complete.
    ParsedRequest take_head();
    /// After `head`: how large this body may be.
    void allow_body(std::uint64_t bytes) noexcept { most_body_bytes_ = bytes; }
    /// The body received since the last call; `take` then returns the rest.
    std::string take_part() { return std::exchange(parsed_.request.body, {}); }
    /// After `head`: discards the body, so that `take` returns an empty one.
    void skip_body() noexcept;
    /// What is known of an incomplete or refused request, without its body: its head or, if that could not be parsed, those fields
    /// of its complete lines that the answer depends on (`Origin`, `X-Request-Id`).
    HttpRequest known() const;
    /// The memory used for the request so far.
    std::size_t held_bytes() const noexcept { return head_bytes_ + heap_bytes(parsed_.request.body); }
    /// Valid after `refused`.
    const Error& error() const noexcept { return error_; }

    /// Whether any bytes of a request have arrived.
    bool started() const noexcept { return head_bytes_ != 0; }

  private:
    enum class State : std::uint8_t { head, body_announced, body, complete, refused };
    enum class Line : std::uint8_t { start, within, line_feed };

    HttpEvent refuse(Error error);
    HttpEvent bad(std::string_view message);
    HttpEvent read_head(std::string_view& input);
    HttpEvent scan_head(std::string_view& input, bool& complete);
    HttpEvent scan_byte(std::uint8_t byte, bool& complete);
    HttpEvent end_line(bool& complete);
    void take_foreign_method();
    HttpEvent parse_head();
    HttpEvent check_head();
    HttpEvent check_framing();
    HttpEvent check_target();
    HttpEvent read_body(std::string_view& input);
    HttpEvent run_body(std::string_view bytes, std::size_t& taken);
    void check_line_ends(const char* until) noexcept;
    void keep(std::string_view bytes);
    void reset();

    static int on_url(llhttp_t* parser, const char* at, std::size_t length);
    static int on_field(llhttp_t* parser, const char* at, std::size_t length);
    static int on_value(llhttp_t* parser, const char* at, std::size_t length);
    static int on_value_complete(llhttp_t* parser);
    static int on_headers_complete(llhttp_t* parser);
    static int on_chunk_header(llhttp_t* parser);
    static int on_body(llhttp_t* parser, const char* at, std::size_t length);
    static int on_message_complete(llhttp_t* parser);
    static const llhttp_settings_t& settings();

    HttpLimits limits_;
    llhttp_t llhttp_{};
    ParsedRequest parsed_;
    Error error_;
    std::string head_;            ///< the head so far
    std::string foreign_method_;  ///< the method, if llhttp does not know it
    std::string name_, value_;    ///< the field being read
    std::size_t head_bytes_ = 0;  ///< includes empty lines before the request, which are not kept
    std::size_t lines_ = 0;
    std::uint64_t body_length_ = 0;      ///< as announced; 0: chunked
    std::uint64_t body_bytes_ = 0;       ///< so far, kept or skipped
    std::uint64_t most_body_bytes_ = 0;  ///< for the current request
    std::uint64_t framing_bytes_ = 0;    ///< the body's framing: chunk sizes, extensions, trailers
    std::uint64_t chunk_left_ = 0;     ///< data bytes of the current chunk still to come
    const char* unchecked_ = nullptr;  ///< within `run_body`: framing from here on has not been checked yet
    State state_ = State::head;
    Line line_ = Line::start;
    bool line_empty_ = true;
    bool headers_complete_ = false;
    bool message_complete_ = false;
    bool body_too_large_ = false;
    bool skipping_ = false;
    bool after_cr_ = false;      ///< the last byte of framing was a CR
    bool line_end_due_ = false;  ///< a chunk is complete: CRLF must follow
    bool bad_line_end_ = false;
};

/// Whether a comma-separated header contains this token, ignoring case.
bool has_token(const std::vector<HttpHeader>& headers, std::string_view name,
               std::string_view token) noexcept;
/// The value if there is exactly one such header, else empty.
std::string_view only_header(const std::vector<HttpHeader>& headers, std::string_view name) noexcept;
std::size_t count_headers(const std::vector<HttpHeader>& headers, std::string_view name) noexcept;
/// The error for what is larger than allowed, with the limit.
Error limit_error(ErrorCode code, std::string message, std::uint64_t limit, std::string_view unit);
Error body_limit_error(std::uint64_t limit);
/// Whether the name is a token (RFC 9110, section 5.6.2), as field names must be.
bool is_token(std::string_view name) noexcept;
/// Whether the text may be a field value: no CR, LF, NUL or other control characters except tab.
bool is_field_value(std::string_view value) noexcept;

}  // namespace cariosan::transport
