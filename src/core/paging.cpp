#include "core/paging.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "encoding/hex.hpp"

namespace cariosan::core {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kUuidBytes = 16;
using ActivityBytes = std::array<std::uint8_t, kTimeBytes + kUuidBytes>;
using MuteBytes = std::array<std::uint8_t, 2 * kUuidBytes>;

std::string encode(ListOf list, std::span<const std::uint8_t> key) {
    return static_cast<char>(list) + encoding::to_hex(key);
}

bool decode(ListOf list, std::string_view cursor, std::span<std::uint8_t> key) {
    return !cursor.empty() && cursor.front() == static_cast<char>(list) && encoding::from_hex(cursor.substr(1), key);
}

Error bad_cursor() { return invalid_field("cursor", "cursor is not one that this list has given"); }

}  // namespace

std::string encode_cursor(ListOf list, const Uuid& key) { return encode(list, key.bytes); }

std::string encode_cursor(const ChannelReader::ActivityKey& key) {
    ActivityBytes bytes{};
    auto time = static_cast<std::uint64_t>(key.last_activity.milliseconds);
    for (std::size_t i = kTimeBytes; i-- > 0; time >>= 8U) bytes[i] = static_cast<std::uint8_t>(time);
    std::ranges::copy(key.channel.uuid.bytes, bytes.begin() + kTimeBytes);
    return encode(ListOf::my_channels, bytes);
}

std::string encode_cursor(const MuteReader::Key& key) {
    MuteBytes bytes{};
    std::ranges::copy(key.user.uuid.bytes, bytes.begin());
    std::ranges::copy(key.channel.uuid.bytes, bytes.begin() + kUuidBytes);
    return encode(ListOf::mutes, bytes);
}

Result<std::optional<Uuid>> decode_cursor(ListOf list, std::string_view cursor) {
    if (cursor.empty()) return std::optional<Uuid>();
    Uuid key;
    if (!decode(list, cursor, key.bytes)) return bad_cursor();
    return std::optional(key);
}

Result<std::optional<ChannelReader::ActivityKey>> decode_activity_cursor(std::string_view cursor) {
    if (cursor.empty()) return std::optional<ChannelReader::ActivityKey>();
    ActivityBytes bytes{};
    if (!decode(ListOf::my_channels, cursor, bytes)) return bad_cursor();
    std::uint64_t time = 0;
    for (std::size_t i = 0; i < kTimeBytes; ++i) time = (time << 8U) | bytes[i];
    ChannelReader::ActivityKey key{.last_activity = {static_cast<std::int64_t>(time)}, .channel = {}};
    std::ranges::copy(std::span(bytes).subspan(kTimeBytes), key.channel.uuid.bytes.begin());
    return std::optional(key);
}

Result<std::optional<MuteReader::Key>> decode_mute_cursor(std::string_view cursor) {
    if (cursor.empty()) return std::optional<MuteReader::Key>();
    MuteBytes bytes{};
    if (!decode(ListOf::mutes, cursor, bytes)) return bad_cursor();
    MuteReader::Key key;
    std::ranges::copy(std::span(bytes).first(kUuidBytes), key.user.uuid.bytes.begin());
    std::ranges::copy(std::span(bytes).subspan(kUuidBytes), key.channel.uuid.bytes.begin());
    return std::optional(key);
}

}  // namespace cariosan::core
