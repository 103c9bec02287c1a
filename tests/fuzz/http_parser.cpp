/// Input: the size of the pieces, then bytes from a client. However they are split, the parser must give the same result,
/// and whatever it accepts must fulfil its promises.
#include "transport/http/http_parser.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "transport/http/http_writer.hpp"
#include "transport/websocket/websocket_handshake.hpp"

using namespace cariosan;
using namespace cariosan::transport;

namespace {

const HttpLimits kLimits{.head_bytes = 1024, .head_fields = 8, .body_bytes = 256};

void require(bool holds) {
    if (!holds) std::abort();
}

std::string describe(const ParsedRequest& parsed) {
    const HttpRequest& request = parsed.request;
    require(request.target.starts_with('/') && request.target.find_first_of(" \r\n#") == std::string::npos);
    require(request.headers.size() <= kLimits.head_fields && request.body.size() <= kLimits.body_bytes);
    std::string text = request.method + " " + request.target + "\n";
    for (const HttpHeader& header : request.headers) {
        require(is_token(header.name) && is_field_value(header.value));
        text.append(header.name).append("=").append(header.value).append("\n");
    }
    // Data from a request must not break the response.
    if (is_websocket_target(request) && !check_handshake(parsed)) {
        const std::string answer =
            switching_protocols(request, only_header(request.headers, "Sec-WebSocket-Protocol"));
        require(answer.find("\r\n\r\n") == answer.size() - 4);
    }
    HttpResponse response{.status = 200, .headers = request.headers, .body = request.body};
    const std::string head = response_head(response, {}, "now");
    require(head.find("\r\n\r\n") == head.size() - 4);
    return text.append(parsed.keep_alive ? "keep\n" : "close\n").append(request.body).append("\n");
}

std::string parse(std::string_view bytes, std::size_t piece) {
    HttpParser parser(kLimits);
    std::string found;
    while (!bytes.empty()) {
        std::string_view input = bytes.substr(0, piece);
        bytes.remove_prefix(input.size());
        while (true) {
            const HttpEvent event = parser.next(input);
            if (event == HttpEvent::need_more) break;
            if (event == HttpEvent::refused) return found.append(to_string(parser.error().code));
            if (event == HttpEvent::complete) found += describe(parser.take());
        }
        require(input.empty());
    }
    return found + (parser.started() ? "incomplete" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    require(parse(bytes, std::max<std::size_t>(bytes.size(), 1)) == parse(bytes, 1 + data[0] % 64));
    return 0;
}
