/// Events as bytes, for the bus: what one node sends and another reads.
#pragma once

#include <cariosan/events.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan::core {

/// An event on its way between nodes.
struct SentEvent {
    Uuid node;                 ///< which node published it
    std::uint64_t number = 0;  ///< 1, 2, 3 … of what this node published since it started: who sees one twice knows
    Event event;
};

/// What `encode_event` writes first. Any change of what an event holds, or of how it is written, makes the next one.
inline constexpr std::uint8_t kEventEncoding = 2;
/// A longer message is not read.
inline constexpr std::size_t kMaxEventBytes = std::size_t{4} * 1024 * 1024;

std::string encode_event(const Uuid& node, std::uint64_t number, const Event& event);

/// Nothing if it is not what `encode_event` of this version writes: a node of another version, or damage. Takes memory in
/// proportion to `bytes`, whatever they say.
std::optional<SentEvent> decode_event(std::string_view bytes);

}  // namespace cariosan::core
