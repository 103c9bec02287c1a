#include "core/moderation/masking.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/text/text.hpp"

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

std::vector<Span> merged(std::span<const Span> spans) {
    std::vector<Span> out;
    for (const Span span : spans) {
        if (!out.empty() && span.begin < out.back().end) {
            out.back().end = std::max(out.back().end, span.end);
        } else {
            out.push_back(span);
        }
    }
    return out;
}

std::string mask(std::string_view text, std::span<const Span> spans) {
    std::string out;
    out.reserve(text.size());
    std::size_t copied = 0;
    for (const Span span : merged(spans)) {
        out += text.substr(copied, span.begin - copied);
        out += kMask;
        copied = span.end;
    }
    out += text.substr(copied);
    return out;
}

void move_spans(std::vector<TextSpan>& spans, std::string_view text, std::span<const Span> masked) {
    if (masked.empty()) return;
    std::vector<TextSpan> moved;
    for (const TextSpan& span : spans) {
        std::int64_t shift = 0;
        bool hidden = false;
        std::size_t begin = 0;
        std::int64_t before = 0;  // code points in front of `begin`
        for (const Span mask : masked) {
            before += static_cast<std::int64_t>(count_code_points(text.substr(begin, mask.begin - begin)));
            const auto length = static_cast<std::int64_t>(count_code_points(text.substr(mask.begin, mask.end - mask.begin)));
            if (span.end() <= before) break;
            hidden = hidden || span.start < before + length;
            shift += static_cast<std::int64_t>(kMask.size()) - length;
            before += length;
            begin = mask.end;
        }
        if (!hidden) moved.push_back({span.start + shift, span.length});
    }
    spans = std::move(moved);
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
