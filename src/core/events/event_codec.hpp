/// Events as bytes, for the bus between nodes.
#pragma once

#include <cariosan/events.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan::core {

/// An event as sent between nodes.
struct SentEvent {
    Uuid node;                 ///< which node published it
    std::uint64_t number = 0;  ///< 1, 2, 3 … of the events this node has published since it started: shows repeats
    Event event;
};

/// The first thing `encode_event` writes. Raise it with any change of an event's content or encoding.
inline constexpr std::uint8_t kEventEncoding = 7;
/// Longer messages are not read.
inline constexpr std::size_t kMaxEventBytes = std::size_t{4} * 1024 * 1024;

std::string encode_event(const Uuid& node, std::uint64_t number, const Event& event);

/// Absent if `encode_event` of this version did not write it: another version, or damage. Allocates in proportion to `bytes`,
/// whatever they contain.
std::optional<SentEvent> decode_event(std::string_view bytes);

}  // namespace cariosan::core
