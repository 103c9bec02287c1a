#include "encoding/percent.hpp"

#include <cstddef>

namespace cariosan::encoding {
namespace {

constexpr std::string_view kPercentDigits = "0123456789ABCDEF";

constexpr bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::string percent_encode_but(std::string_view bytes, std::string_view kept) {
    std::string text;
    text.reserve(bytes.size());
    for (const char c : bytes) {
        if (is_unreserved(c) || kept.find(c) != std::string_view::npos) {
            text += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        text += '%';
        text += kPercentDigits[byte >> 4U];
        text += kPercentDigits[byte & 15U];
    }
    return text;
}

}  // namespace

std::string percent_encode(std::string_view bytes) { return percent_encode_but(bytes, ""); }

std::string percent_encode_path(std::string_view path) { return percent_encode_but(path, "/"); }

std::optional<std::string> percent_decode(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_unreserved(text[i])) {
            bytes += text[i];
            continue;
        }
        if (text[i] != '%' || text.size() - i < 3) return std::nullopt;
        const std::size_t high = kPercentDigits.find(text[i + 1]);
        const std::size_t low = kPercentDigits.find(text[i + 2]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        const char byte = static_cast<char>(high * 16 + low);
        if (is_unreserved(byte)) return std::nullopt;
        bytes += byte;
        i += 2;
    }
    return bytes;
}

}  // namespace cariosan::encoding
