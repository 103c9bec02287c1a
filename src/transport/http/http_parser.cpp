#include "transport/http/http_parser.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "encoding/ascii.hpp"

namespace cariosan::transport {

namespace {

/// Bounds the bytes of chunk framing relative to the body: enough for any honest sender, even of very small chunks.
constexpr std::size_t kFramingBytesPerBodyByte = 16;

/// The methods that llhttp knows.
#define CARIOSAN_METHOD_NAME(number, name, text) std::string_view(#text),
constexpr std::array kMethods = {HTTP_METHOD_MAP(CARIOSAN_METHOD_NAME)};
#undef CARIOSAN_METHOD_NAME

HttpParser& parser_of(llhttp_t* parser) noexcept { return *static_cast<HttpParser*>(parser->data); }

bool all_of_range(std::string_view text, char low, char high) noexcept {
    return std::all_of(text.begin(), text.end(), [=](char c) { return c >= low && c <= high; });
}

/// The value after the colon, without surrounding white space.
std::string_view trimmed(std::string_view after) noexcept {
    const std::size_t first = after.find_first_not_of(": \t");
    if (first == std::string_view::npos) return {};
    return after.substr(first, after.find_last_not_of(" \t") + 1 - first);
}

Error limit_error(ErrorCode code, std::string message, std::size_t limit, std::string_view unit) {
    message.append(": at most ").append(std::to_string(limit)).append(" ").append(unit);
    return Error(code, std::move(message)).with("limit", static_cast<std::int64_t>(limit));
}

}  // namespace

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
    if (length > self.limits_.body_bytes - self.body_bytes_) {
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
        const std::size_t most = body_length_ > 0 ? body_length_ : limits_.body_bytes;
        std::string grown;  // `reserve` in place would always double the capacity
        grown.reserve(std::max(needed, std::min(2 * body.capacity(), most)));
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
        case State::body_announced: state_ = State::body; return read_body(input);
        case State::body: return read_body(input);
        case State::complete: return HttpEvent::complete;
        case State::refused: break;
    }
    return HttpEvent::refused;
}

/// Called at the end of a line of the head. An empty line ends the head; empty lines before a request are skipped (RFC 9112,
/// section 2.2).
HttpEvent HttpParser::end_line(bool& complete) {
    if (line_empty_) {
        complete = lines_ > 0;
        return HttpEvent::need_more;
    }
    ++lines_;
    line_empty_ = true;
    if (lines_ > limits_.head_fields + 1) {
        return refuse(limit_error(ErrorCode::headers_too_large, "the request has too many header fields",
                                  limits_.head_fields, "fields"));
    }
    return HttpEvent::need_more;
}

/// Looks for the end of the head and moves the head's bytes into `head_`. If the head is refused, also keeps the rest of the
/// input, for `known`.
HttpEvent HttpParser::scan_head(std::string_view& input, bool& complete) {
    std::size_t taken = 0;
    while (taken < input.size() && !complete) {
        if (scan_byte(static_cast<std::uint8_t>(input[taken++]), complete) == HttpEvent::refused) {
            head_.append(input.substr(taken, limits_.head_bytes));
            return HttpEvent::refused;
        }
    }
    input.remove_prefix(taken);
    return HttpEvent::need_more;
}

HttpEvent HttpParser::scan_byte(std::uint8_t byte, bool& complete) {
    const bool skipped = lines_ == 0 && line_empty_ && (byte == '\r' || byte == '\n');
    if (!skipped) head_.push_back(static_cast<char>(byte));
    if (++head_bytes_ > limits_.head_bytes) {
        return refuse(limit_error(ErrorCode::headers_too_large, "the request head is too large", limits_.head_bytes, "bytes"));
    }
    if (line_ == Line::line_feed) {
        if (byte != '\n') return bad("a CR without LF in the request head");
        line_ = Line::start;
        return end_line(complete);
    }
    if (byte == '\r') {
        line_ = Line::line_feed;
        return HttpEvent::need_more;
    }
    const bool at_start = std::exchange(line_, Line::within) == Line::start;
    if (byte == '\n') return bad("an LF without CR in the request head");
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return bad("a control character in the request head");
    if (at_start && (byte == ' ' || byte == '\t')) return bad("a request line or field begins with a space");
    line_empty_ = false;
    return HttpEvent::need_more;
}

HttpRequest HttpParser::known() const {
    HttpRequest request;
    if (headers_complete_) {
        request.method = parsed_.request.method;
        request.target = parsed_.request.target;
        request.headers = parsed_.request.headers;
        return request;
    }
    std::string_view lines = head_;
    lines.remove_prefix(std::min(lines.find('\n'), lines.size()));  // the request line
    if (!lines.empty()) lines.remove_prefix(1);
    for (std::size_t end = lines.find('\n'); end != std::string_view::npos; end = lines.find('\n')) {
        std::string_view line = lines.substr(0, end);
        lines.remove_prefix(end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) break;
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view name = line.substr(0, colon);
        if (!encoding::equal_ignoring_case(name, "Origin") && !encoding::equal_ignoring_case(name, "X-Request-Id")) continue;
        request.headers.push_back({std::string(name), std::string(trimmed(line.substr(colon)))});
    }
    return request;
}

HttpEvent HttpParser::read_head(std::string_view& input) {
    bool complete = false;
    if (scan_head(input, complete) == HttpEvent::refused) return HttpEvent::refused;
    if (!complete) return HttpEvent::need_more;
    return parse_head();
}

/// llhttp knows only a list of methods, but any other token is a method too, and refusing it is not the parser's task. Keeps it
/// aside and lets llhttp read the head as that of a POST.
void HttpParser::take_foreign_method() {
    const std::string_view method = std::string_view(head_).substr(0, head_.find(' '));
    if (method.size() == head_.size() || !is_token(method) || std::ranges::find(kMethods, method) != kMethods.end()) return;
    foreign_method_ = method;
    head_.replace(0, method.size(), "POST");
}

HttpEvent HttpParser::parse_head() {
    take_foreign_method();
    const llhttp_errno_t code = llhttp_execute(&llhttp_, head_.data(), head_.size());
    // Both parsers must agree on where the head ends.
    if (code != HPE_PAUSED || !headers_complete_ ||
        llhttp_get_error_pos(&llhttp_) + 1 < head_.data() + head_.size()) {
        const char* reason = llhttp_get_error_reason(&llhttp_);
        if (code == HPE_PAUSED || code == HPE_OK || reason == nullptr) reason = "";
        return bad(std::string("malformed request head: ")
                       .append(llhttp_errno_name(code))
                       .append(" ")
                       .append(reason));
    }
    const HttpEvent checked = check_head();
    if (checked == HttpEvent::refused) return checked;
    if (!parsed_.has_body) {
        state_ = State::complete;
        return HttpEvent::complete;
    }
    // Lets llhttp go on from the head to the body. An `Upgrade` that we do not support is ignored.
    llhttp_.upgrade = 0;
    const char* rest = llhttp_get_error_pos(&llhttp_);
    llhttp_resume(&llhttp_);
    const auto length = static_cast<std::size_t>(head_.data() + head_.size() - rest);
    if (llhttp_execute(&llhttp_, rest, length) != HPE_OK) return bad("malformed request head");
    release(head_);
    body_length_ = static_cast<std::size_t>(parsed_.body_length);
    state_ = State::body_announced;
    return HttpEvent::head;
}

HttpEvent HttpParser::check_head() {
    const std::string_view line = std::string_view(head_).substr(0, head_.find('\r'));
    if (std::count(line.begin(), line.end(), ' ') != 2) return bad("a request line has two single spaces");
    parsed_.http_1_1 = line.ends_with(" HTTP/1.1");
    if (!parsed_.http_1_1 && !line.ends_with(" HTTP/1.0")) return bad("the HTTP version must be 1.0 or 1.1");
    HttpRequest& request = parsed_.request;
    request.method = llhttp_method_name(static_cast<llhttp_method_t>(llhttp_.method));
    if (!foreign_method_.empty()) request.method = std::exchange(foreign_method_, {});
    const std::size_t hosts = count_headers(request.headers, "Host");
    if (hosts > 1 || (hosts == 0 && parsed_.http_1_1)) return bad("a request has exactly one Host");
    const bool close = has_token(request.headers, "Connection", "close");
    parsed_.keep_alive =
        !close && (parsed_.http_1_1 || has_token(request.headers, "Connection", "keep-alive"));
    if (check_framing() == HttpEvent::refused) return HttpEvent::refused;
    return check_target();
}

HttpEvent HttpParser::check_framing() {
    const std::vector<HttpHeader>& headers = parsed_.request.headers;
    const std::size_t lengths = count_headers(headers, "Content-Length");
    const std::size_t codings = count_headers(headers, "Transfer-Encoding");
    if (lengths + codings > 1) return bad("a request has one Content-Length or one Transfer-Encoding");
    if (codings == 1) {
        if (!parsed_.http_1_1 || !encoding::equal_ignoring_case(only_header(headers, "Transfer-Encoding"), "chunked")) {
            return bad("the only Transfer-Encoding understood is chunked");
        }
        parsed_.has_body = true;
    } else if (lengths == 1) {
        const std::string_view length = only_header(headers, "Content-Length");
        if (length.empty() || !all_of_range(length, '0', '9')) return bad("Content-Length is not a number");
        if (llhttp_.content_length > limits_.body_bytes) {
            return refuse(limit_error(ErrorCode::payload_too_large, "the request body is too large",
                                      limits_.body_bytes, "bytes"));
        }
        parsed_.body_length = llhttp_.content_length;
        parsed_.has_body = parsed_.body_length > 0;
    }
    if (count_headers(headers, "Expect") != 0 && parsed_.http_1_1) {
        if (!encoding::equal_ignoring_case(only_header(headers, "Expect"), "100-continue"))
            return bad("the only Expect is 100-continue");
        parsed_.expect_continue = parsed_.has_body;
    }
    return HttpEvent::need_more;
}

/// Converts the target to the form "/path?query". The absolute form is meant for proxies, but every server must accept it (RFC
/// 9112, section 3.2.2); its authority then replaces Host.
HttpEvent HttpParser::check_target() {
    std::string& target = parsed_.request.target;
    if (!all_of_range(target, '\x21', '\x7e') || target.find('#') != std::string::npos) {
        return bad("the request target has characters it may not have");
    }
    if (target.starts_with('/')) return HttpEvent::need_more;
    std::size_t scheme = 0;
    for (const std::string_view name : {"http://", "https://"}) {
        if (encoding::equal_ignoring_case(std::string_view(target).substr(0, name.size()), name)) scheme = name.size();
    }
    const std::size_t end = std::min(target.find_first_of("/?", scheme), target.size());
    const std::string authority = target.substr(scheme, end - scheme);
    if (scheme == 0 || authority.empty() || authority.find('@') != std::string::npos) {
        return bad("the request target must begin with /");
    }
    for (HttpHeader& header : parsed_.request.headers) {
        if (encoding::equal_ignoring_case(header.name, "Host")) header.value = authority;
    }
    target.erase(0, end);
    if (!target.starts_with('/')) target.insert(0, 1, '/');
    return HttpEvent::need_more;
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
    const std::size_t body_before = body_bytes_;
    unchecked_ = bytes.data();
    const llhttp_errno_t code = llhttp_execute(&llhttp_, bytes.data(), bytes.size());
    if (body_too_large_ && !bad_line_end_) {
        return refuse(
            limit_error(ErrorCode::payload_too_large, "the request body is too large", limits_.body_bytes, "bytes"));
    }
    taken = bytes.size();
    if (code == HPE_PAUSED && message_complete_) {
        taken = static_cast<std::size_t>(llhttp_get_error_pos(&llhttp_) - bytes.data());
    } else if (code != HPE_OK) {
        return bad(std::string("malformed request body: ").append(llhttp_errno_name(code)));
    }
    check_line_ends(bytes.data() + taken);
    if (bad_line_end_) return bad("a line of the chunked body does not end with CRLF");
    framing_bytes_ += taken - std::min(taken, body_bytes_ - body_before);
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
