#include "transport/websocket/websocket_handshake.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "transport/websocket/deflate_offer.hpp"

namespace cariosan::transport {

namespace {

constexpr std::string_view kAcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, section 1.3

bool base64_character(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/// Sixteen bytes in base64: 22 characters and two of padding; the last character carries only two bits.
bool valid_key(std::string_view key) noexcept {
    if (key.size() != 24 || key.substr(22) != "==") return false;
    const std::string_view data = key.substr(0, 22);
    return std::all_of(data.begin(), data.end(), base64_character) &&
           std::string_view("AQgw").find(data.back()) != std::string_view::npos;
}

}  // namespace

bool is_websocket_target(const HttpRequest& request) noexcept {
    const std::string_view target = request.target;
    return request.method == "GET" && target.substr(0, target.find('?')) == kWebSocketPath;
}

std::optional<HandshakeFault> check_handshake(const ParsedRequest& parsed) {
    const std::vector<HttpHeader>& headers = parsed.request.headers;
    if (!has_token(headers, "Upgrade", "websocket") || !has_token(headers, "Connection", "upgrade")) {
        return HandshakeFault{426, "this address takes WebSocket upgrades only"};
    }
    if (!parsed.http_1_1) return HandshakeFault{400, "an upgrade needs HTTP/1.1"};
    if (parsed.has_body) return HandshakeFault{400, "an upgrade request has no body"};
    if (only_header(headers, "Sec-WebSocket-Version") != "13") {
        return HandshakeFault{426, "Sec-WebSocket-Version must be 13"};
    }
    if (!valid_key(only_header(headers, "Sec-WebSocket-Key"))) {
        return HandshakeFault{400, "Sec-WebSocket-Key must be 16 bytes in base64"};
    }
    if (read_extension_offers(headers).malformed) return HandshakeFault{400, "Sec-WebSocket-Extensions is malformed"};
    return std::nullopt;
}

std::string websocket_accept(std::string_view key) {
    const std::string text = std::string(key).append(kAcceptSuffix);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) return {};
    std::array<unsigned char, 64> encoded{};
    const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

std::string switching_protocols(const HttpRequest& request, std::string_view subprotocol, std::string_view extensions) {
    std::string head =
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Accept: ";
    head += websocket_accept(only_header(request.headers, "Sec-WebSocket-Key"));
    if (!subprotocol.empty() && is_field_value(subprotocol)) {
        head += "\r\nSec-WebSocket-Protocol: ";
        head += subprotocol;
    }
    if (!extensions.empty()) head.append("\r\nSec-WebSocket-Extensions: ").append(extensions);
    head += "\r\n\r\n";
    return head;
}

}  // namespace cariosan::transport
