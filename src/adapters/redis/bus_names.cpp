#include "adapters/redis/bus_names.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace cariosan::redis {
namespace {

constexpr std::array<char, 3> kKindLetters = {'c', 'u', 'w'};  // in the order of BusTopic::Kind

std::optional<BusTopic::Kind> kind_of(std::uint8_t number) {
    if (number >= kKindLetters.size()) return std::nullopt;
    return static_cast<BusTopic::Kind>(number);
}

}  // namespace

std::string BusNames::channel_of(const BusTopic& topic) const {
    std::string name = start_;
    name += kKindLetters[static_cast<std::size_t>(topic.kind)];
    name += ':';
    return name + topic.id.to_string();
}

std::optional<BusTopic> BusNames::topic_of(std::string_view channel) const {
    if (!channel.starts_with(start_)) return std::nullopt;
    channel.remove_prefix(start_.size());
    if (channel.size() < 2 || channel[1] != ':') return std::nullopt;
    const auto* const letter = std::ranges::find(kKindLetters, channel[0]);
    const auto id = Uuid::parse(channel.substr(2));
    if (letter == kKindLetters.end() || !id) return std::nullopt;
    return BusTopic{static_cast<BusTopic::Kind>(letter - kKindLetters.begin()), *id};
}

std::string Envelope::to_bytes() const {
    std::string bytes(kSize, kVersion);
    std::memcpy(bytes.data() + 1, &sender, sizeof sender);
    std::memcpy(bytes.data() + 1 + sizeof sender, &number, sizeof number);
    return bytes;
}

std::optional<Envelope> Envelope::read(std::string_view message) {
    if (message.size() < kSize || message[0] != kVersion) return std::nullopt;
    Envelope envelope;
    std::memcpy(&envelope.sender, message.data() + 1, sizeof envelope.sender);
    std::memcpy(&envelope.number, message.data() + 1 + sizeof envelope.sender, sizeof envelope.number);
    return envelope;
}

std::string encode_topics(std::span<const BusTopic> topics) {
    std::string bytes;
    for (const BusTopic& topic : topics) {
        bytes += static_cast<char>(topic.kind);
        bytes.append(reinterpret_cast<const char*>(topic.id.bytes.data()), topic.id.bytes.size());
    }
    return bytes;
}

std::optional<std::vector<BusTopic>> decode_topics(std::string_view bytes) {
    constexpr std::size_t kEach = 1 + sizeof(Uuid);
    if (bytes.size() % kEach != 0) return std::nullopt;
    std::vector<BusTopic> topics;
    for (; !bytes.empty(); bytes.remove_prefix(kEach)) {
        const auto kind = kind_of(static_cast<std::uint8_t>(bytes[0]));
        if (!kind) return std::nullopt;
        BusTopic& topic = topics.emplace_back(BusTopic{*kind, {}});
        std::memcpy(topic.id.bytes.data(), bytes.data() + 1, topic.id.bytes.size());
    }
    return topics;
}

}  // namespace cariosan::redis
