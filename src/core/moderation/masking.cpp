#include "core/moderation/masking.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cariosan::core::moderation {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::string_view kEllipsis = "…";
constexpr int kBefore = 40;
constexpr int kShown = 100;

bool continues_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// `at` moved by `count` code points to the left, or to the beginning.
std::size_t code_points_before(std::string_view text, std::size_t at, int count) {
    for (; count > 0 && at > 0; --count) {
        --at;
        while (at > 0 && continues_code_point(text[at])) --at;
    }
    return at;
}

std::size_t code_points_after(std::string_view text, std::size_t at, int count) {
    for (; count > 0 && at < text.size(); --count) {
        ++at;
        while (at < text.size() && continues_code_point(text[at])) ++at;
    }
    return at;
}

}  // namespace

std::string mask(std::string_view text, std::span<const Span> spans) {
    std::string out;
    out.reserve(text.size());
    std::size_t copied = 0;
    for (std::size_t i = 0; i < spans.size();) {
        std::size_t end = spans[i].end;
        out += text.substr(copied, spans[i].begin - copied);
        out += kMask;
        for (++i; i < spans.size() && spans[i].begin < end; ++i) end = std::max<std::size_t>(end, spans[i].end);
        copied = end;
    }
    out += text.substr(copied);
    return out;
}

std::string masked_excerpt(std::string_view text, std::span<const Span> spans, Span center) {
    std::size_t begin = code_points_before(text, center.begin, kBefore);
    std::size_t end = code_points_after(text, begin, kShown);
    // A span is shown as a whole or not at all, so that no part of it stays legible.
    std::vector<Span> shown;
    for (const Span span : spans) {
        if (span.begin < begin && span.end > begin) begin = span.begin;
        if (span.begin < end && span.end > end) end = span.end;
    }
    for (const Span span : spans) {
        if (span.begin < begin || span.end > end) continue;
        const auto shift = static_cast<std::uint32_t>(begin);
        shown.push_back({span.begin - shift, span.end - shift});
    }
    std::string out;
    if (begin > 0) out += kEllipsis;
    out += mask(text.substr(begin, end - begin), shown);
    if (end < text.size()) out += kEllipsis;
    return out;
}

}  // namespace cariosan::core::moderation
