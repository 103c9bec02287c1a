#include "core/paging.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>

#include "encoding/hex.hpp"

namespace cariosan::core {
namespace {

constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kUuidBytes = 16;
using ActivityBytes = std::array<std::uint8_t, kNumberBytes + kUuidBytes>;
using SilenceBytes = std::array<std::uint8_t, 2 * kUuidBytes>;

std::string encode(ListOf list, std::span<const std::uint8_t> key) {
    return static_cast<char>(list) + encoding::to_hex(key);
}

bool decode(ListOf list, std::string_view cursor, std::span<std::uint8_t> key) {
    return !cursor.empty() && cursor.front() == static_cast<char>(list) && encoding::from_hex(cursor.substr(1), key);
}

/// Big endian.
void put_number(std::span<std::uint8_t, kNumberBytes> bytes, std::int64_t number) {
    auto rest = static_cast<std::uint64_t>(number);
    for (std::size_t i = kNumberBytes; i-- > 0; rest >>= 8U) bytes[i] = static_cast<std::uint8_t>(rest);
}

std::int64_t take_number(std::span<const std::uint8_t, kNumberBytes> bytes) {
    std::uint64_t number = 0;
    for (const std::uint8_t byte : bytes) number = (number << 8U) | byte;
    return static_cast<std::int64_t>(number);
}

Error bad_cursor() { return invalid_field("cursor", "cursor did not come from this list"); }

std::size_t key_bytes(ListOf list) {
    switch (list) {
        case ListOf::workspaces:
        case ListOf::users:
        case ListOf::channels:
        case ListOf::members:
        case ListOf::receipts:
        case ListOf::blocks:
        case ListOf::webhooks: return kUuidBytes;
        case ListOf::my_channels: return std::tuple_size_v<ActivityBytes>;
        case ListOf::silences: return std::tuple_size_v<SilenceBytes>;
        case ListOf::deliveries:
        case ListOf::devices:
        case ListOf::moderation:
        case ListOf::presence:
        case ListOf::reactions:
        case ListOf::reports: return kNumberBytes;
    }
    return 0;
}

}  // namespace

std::string cursor_pattern(ListOf list) {
    return static_cast<char>(list) + ("[0-9a-f]{" + std::to_string(2 * key_bytes(list)) + "}");
}

std::string encode_cursor(ListOf list, const Uuid& key) { return encode(list, key.bytes); }

std::string encode_cursor(ListOf list, std::int64_t place) {
    std::array<std::uint8_t, kNumberBytes> bytes{};
    put_number(bytes, place);
    return encode(list, bytes);
}

std::string encode_cursor(const ChannelReader::ActivityKey& key) {
    ActivityBytes bytes{};
    put_number(std::span(bytes).first<kNumberBytes>(), key.last_activity.milliseconds);
    std::ranges::copy(key.channel.uuid.bytes, bytes.begin() + kNumberBytes);
    return encode(ListOf::my_channels, bytes);
}

std::string encode_cursor(const SilenceReader::Key& key) {
    SilenceBytes bytes{};
    std::ranges::copy(key.user.uuid.bytes, bytes.begin());
    std::ranges::copy(key.channel.uuid.bytes, bytes.begin() + kUuidBytes);
    return encode(ListOf::silences, bytes);
}

Result<std::optional<Uuid>> decode_cursor(ListOf list, std::string_view cursor) {
    if (cursor.empty()) return std::optional<Uuid>();
    Uuid key;
    if (!decode(list, cursor, key.bytes)) return bad_cursor();
    return std::optional(key);
}

Result<std::optional<std::int64_t>> decode_number_cursor(ListOf list, std::string_view cursor) {
    if (cursor.empty()) return std::optional<std::int64_t>();
    std::array<std::uint8_t, kNumberBytes> bytes{};
    if (!decode(list, cursor, bytes)) return bad_cursor();
    return std::optional(take_number(bytes));
}

Result<std::optional<ChannelReader::ActivityKey>> decode_activity_cursor(std::string_view cursor) {
    if (cursor.empty()) return std::optional<ChannelReader::ActivityKey>();
    ActivityBytes bytes{};
    if (!decode(ListOf::my_channels, cursor, bytes)) return bad_cursor();
    ChannelReader::ActivityKey key{.last_activity = {take_number(std::span(bytes).first<kNumberBytes>())}, .channel = {}};
    std::ranges::copy(std::span(bytes).subspan(kNumberBytes), key.channel.uuid.bytes.begin());
    return std::optional(key);
}

Result<std::optional<SilenceReader::Key>> decode_silence_cursor(std::string_view cursor) {
    if (cursor.empty()) return std::optional<SilenceReader::Key>();
    SilenceBytes bytes{};
    if (!decode(ListOf::silences, cursor, bytes)) return bad_cursor();
    SilenceReader::Key key;
    std::ranges::copy(std::span(bytes).first(kUuidBytes), key.user.uuid.bytes.begin());
    std::ranges::copy(std::span(bytes).subspan(kUuidBytes), key.channel.uuid.bytes.begin());
    return std::optional(key);
}

}  // namespace cariosan::core
