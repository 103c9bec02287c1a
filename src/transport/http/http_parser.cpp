#include "transport/http/http_parser.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::transport {

namespace {

/// Bounds the bytes of chunk framing relative to the body: enough for any honest sender, even of very small chunks.
constexpr std::size_t kFramingBytesPerBodyByte = 16;

HttpParser& parser_of(llhttp_t* parser) noexcept { return *static_cast<HttpParser*>(parser->data); }

}  // namespace

Error limit_error(ErrorCode code, std::string message, std::uint64_t limit, std::string_view unit) {
    message.append(": at most ").append(std::to_string(limit)).append(" ").append(unit);
    return Error(code, std::move(message)).with("limit", static_cast<std::int64_t>(limit));
}

Error body_limit_error(std::uint64_t limit) {
    return limit_error(ErrorCode::payload_too_large, "the request body is too large", limit, "bytes");
}

HttpParser::HttpParser(const HttpLimits& limits) : limits_(limits) { reset(); }

void HttpParser::reset() {
    llhttp_init(&llhttp_, HTTP_REQUEST, &settings());
    llhttp_.data = this;
    parsed_ = {};
    release(head_);
    foreign_method_ = {};
    name_ = {};
    value_ = {};
    head_bytes_ = lines_ = body_bytes_ = framing_bytes_ = 0;
    state_ = State::head;
    line_ = Line::start;
    line_empty_ = true;
    headers_complete_ = message_complete_ = body_too_large_ = skipping_ = false;
    after_cr_ = line_end_due_ = bad_line_end_ = false;
    chunk_left_ = 0;
    body_length_ = 0;
    most_body_bytes_ = limits_.body_bytes;
}

const llhttp_settings_t& HttpParser::settings() {
    static const llhttp_settings_t made = [] {
        llhttp_settings_t s;
        llhttp_settings_init(&s);
        s.on_url = on_url;
        s.on_header_field = on_field;
        s.on_header_value = on_value;
        s.on_header_value_complete = on_value_complete;
        s.on_headers_complete = on_headers_complete;
        s.on_chunk_header = on_chunk_header;
        s.on_body = on_body;
        s.on_message_complete = on_message_complete;
        return s;
    }();
    return made;
}

int HttpParser::on_url(llhttp_t* parser, const char* at, std::size_t length) {
    parser_of(parser).parsed_.request.target.append(at, length);
    return 0;
}

int HttpParser::on_field(llhttp_t* parser, const char* at, std::size_t length) {
    parser_of(parser).name_.append(at, length);
    return 0;
}

int HttpParser::on_value(llhttp_t* parser, const char* at, std::size_t length) {
    parser_of(parser).value_.append(at, length);
    return 0;
}

int HttpParser::on_value_complete(llhttp_t* parser) {
    HttpParser& self = parser_of(parser);
    std::string name = std::exchange(self.name_, {});
    std::string value = std::exchange(self.value_, {});
    if (!is_token(name)) return HPE_USER;
    if (self.headers_complete_) return 0;  // a trailer, which is ignored
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.pop_back();
    self.parsed_.request.headers.push_back({std::move(name), std::move(value)});
    return 0;
}

int HttpParser::on_headers_complete(llhttp_t* parser) {
    parser_of(parser).headers_complete_ = true;
    return HPE_PAUSED;
}

int HttpParser::on_chunk_header(llhttp_t* parser) {
    parser_of(parser).chunk_left_ = parser->content_length;
    return 0;
}

int HttpParser::on_body(llhttp_t* parser, const char* at, std::size_t length) {
    HttpParser& self = parser_of(parser);
    self.check_line_ends(at);
    self.unchecked_ = at + length;
    if (self.chunk_left_ != 0) {
        self.chunk_left_ -= std::min<std::uint64_t>(self.chunk_left_, length);
        self.line_end_due_ = self.chunk_left_ == 0;
    }
    if (length > self.most_body_bytes_ - self.body_bytes_) {
        self.body_too_large_ = true;
        return HPE_USER;
    }
    self.body_bytes_ += length;
    if (!self.skipping_) self.keep({at, length});
    return 0;
}

/// Appends to the body. Its capacity doubles as needed, but never exceeds what the body may have.
void HttpParser::keep(std::string_view bytes) {
    std::string& body = parsed_.request.body;
    const std::size_t needed = body.size() + bytes.size();
    if (needed > body.capacity()) {
        const std::uint64_t most = body_length_ > 0 ? body_length_ : most_body_bytes_;
        std::string grown;  // `reserve` in place would always double the capacity
        grown.reserve(std::max(needed, static_cast<std::size_t>(std::min<std::uint64_t>(2 * body.capacity(), most))));
        grown = body;
        body.swap(grown);
    }
    body.append(bytes);
}

int HttpParser::on_message_complete(llhttp_t* parser) {
    parser_of(parser).message_complete_ = true;
    return HPE_PAUSED;
}

HttpEvent HttpParser::refuse(Error error) {
    error_ = std::move(error);
    state_ = State::refused;
    return HttpEvent::refused;
}

HttpEvent HttpParser::bad(std::string_view message) {
    return refuse(Error(ErrorCode::validation_error, std::string(message)));
}

ParsedRequest HttpParser::take() {
    ParsedRequest taken = std::move(parsed_);
    reset();
    return taken;
}

ParsedRequest HttpParser::take_head() {
    ParsedRequest head = std::move(parsed_);
    parsed_ = {};
    return head;
}

void HttpParser::skip_body() noexcept {
    skipping_ = true;
    release(parsed_.request.body);
}

HttpEvent HttpParser::next(std::string_view& input) {
    switch (state_) {
        case State::head: return read_head(input);
        case State::body_announced:
            if (body_length_ > most_body_bytes_) return refuse(body_limit_error(most_body_bytes_));
            state_ = State::body;
            return read_body(input);
        case State::body: return read_body(input);
        case State::complete: return HttpEvent::complete;
        case State::refused: break;
    }
    return HttpEvent::refused;
}

/// Checks the line ends of chunk framing. llhttp accepts a bare LF as a line end and, unless built in strict mode, any two bytes
/// as the end of a chunk. A proxy in front might not, and would then see different requests than we do.
void HttpParser::check_line_ends(const char* until) noexcept {
    for (; unchecked_ < until; ++unchecked_) {
        const bool cr = *unchecked_ == '\r';
        if (after_cr_ != (*unchecked_ == '\n') || (line_end_due_ && !cr)) bad_line_end_ = true;
        after_cr_ = cr;
        line_end_due_ = false;
    }
}

HttpEvent HttpParser::run_body(std::string_view bytes, std::size_t& taken) {
    const std::uint64_t body_before = body_bytes_;
    unchecked_ = bytes.data();
    const llhttp_errno_t code = llhttp_execute(&llhttp_, bytes.data(), bytes.size());
    if (body_too_large_ && !bad_line_end_) return refuse(body_limit_error(most_body_bytes_));
    taken = bytes.size();
    if (code == HPE_PAUSED && message_complete_) {
        taken = static_cast<std::size_t>(llhttp_get_error_pos(&llhttp_) - bytes.data());
    } else if (code != HPE_OK) {
        return bad(std::string("malformed request body: ").append(llhttp_errno_name(code)));
    }
    check_line_ends(bytes.data() + taken);
    if (bad_line_end_) return bad("a line of the chunked body does not end with CRLF");
    framing_bytes_ += taken - std::min<std::uint64_t>(taken, body_bytes_ - body_before);
    return HttpEvent::need_more;
}

HttpEvent HttpParser::read_body(std::string_view& input) {
    if (input.empty()) return HttpEvent::need_more;
    std::size_t taken = 0;
    if (run_body(input, taken) == HttpEvent::refused) return HttpEvent::refused;
    input.remove_prefix(taken);
    if (framing_bytes_ > limits_.head_bytes + kFramingBytesPerBodyByte * body_bytes_) {
        return bad("the chunks of the request body cost more than they carry");
    }
    if (!message_complete_) return HttpEvent::need_more;
    state_ = State::complete;
    return HttpEvent::complete;
}

}  // namespace cariosan::transport
