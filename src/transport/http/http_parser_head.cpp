// The head of a request: where it ends, and what is refused in it.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "encoding/ascii.hpp"
#include "transport/http/http_parser.hpp"

namespace cariosan::transport {

namespace {

/// The methods that llhttp knows.
#define CARIOSAN_METHOD_NAME(number, name, text) std::string_view(#text),
constexpr std::array kMethods = {HTTP_METHOD_MAP(CARIOSAN_METHOD_NAME)};
#undef CARIOSAN_METHOD_NAME

bool all_of_range(std::string_view text, char low, char high) noexcept {
    return std::all_of(text.begin(), text.end(), [=](char c) { return c >= low && c <= high; });
}

/// The value after the colon, without surrounding white space.
std::string_view trimmed(std::string_view after) noexcept {
    const std::size_t first = after.find_first_not_of(": \t");
    if (first == std::string_view::npos) return {};
    return after.substr(first, after.find_last_not_of(" \t") + 1 - first);
}

}  // namespace

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
    body_length_ = parsed_.body_length;
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

}  // namespace cariosan::transport
