#include "core/text/traceparent.hpp"

#include <cariosan/caller.hpp>
#include <utility>

namespace cariosan {
namespace core {
namespace {

// version "-" trace-id "-" parent-id "-" flags, in lower-case hexadecimal digits.
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kParentAt = 36;
constexpr std::size_t kParentDigits = 16;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kLength = 55;
/// More than any version needs.
constexpr std::size_t kMostLength = 512;

bool is_lower_hex(std::string_view digits) { return digits.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

bool is_trace_id(std::string_view digits) { return is_lower_hex(digits) && digits.find_first_not_of('0') != std::string_view::npos; }

}  // namespace

std::string read_traceparent(std::string_view value) {
    if (value.size() < kLength || value.size() > kMostLength) return {};
    const std::string_view version = value.substr(0, 2);
    if (!is_lower_hex(version) || version == "ff") return {};
    // Only later versions may have more fields.
    if (value.size() > kLength && (version == "00" || value[kLength] != '-')) return {};
    if (value[kTraceAt - 1] != '-' || value[kParentAt - 1] != '-' || value[kFlagsAt - 1] != '-') return {};
    if (!is_trace_id(value.substr(kTraceAt, kTraceDigits)) || !is_trace_id(value.substr(kParentAt, kParentDigits)) ||
        !is_lower_hex(value.substr(kFlagsAt, 2))) {
        return {};
    }
    return "00" + std::string(value.substr(2, kLength - 2));
}

}  // namespace core

Caller Caller::traced(std::string_view traceparent) const {
    Caller caller = *this;
    if (auto read = core::read_traceparent(traceparent); !read.empty()) caller.traceparent_ = std::move(read);
    return caller;
}

}  // namespace cariosan
