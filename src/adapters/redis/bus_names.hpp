#pragma once

#include <cariosan/event_bus.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::redis {

/// The pub/sub channels of a deployment. Redis has one space of them for all its databases, so each name has the number of the
/// database.
class BusNames {
  public:
    BusNames(const std::string& prefix, int database) : start_(prefix + ":" + std::to_string(database) + ":") {}

    /// "cariosan:0:c:" and the id; "u:" and "w:" for users and workspaces.
    std::string channel_of(const BusTopic& topic) const;
    std::optional<BusTopic> topic_of(std::string_view channel) const;
    /// Where a node says of which topics it could not publish everything.
    std::string losses() const { return start_ + "lost"; }

  private:
    const std::string start_;
};

/// Precedes each message, so that a node recognises its own and repeated ones without reading them.
struct Envelope {
    static constexpr char kVersion = '1';
    static constexpr std::size_t kSize = 17;

    std::uint64_t sender = 0;  ///< random, of one bus object
    std::uint64_t number = 0;  ///< of its messages

    bool operator==(const Envelope&) const = default;
    std::string to_bytes() const;
    /// Absent if the message has none, or one of another version.
    static std::optional<Envelope> read(std::string_view message);
};

/// Topics as the content of a message on `losses`. None: all topics.
std::string encode_topics(std::span<const BusTopic> topics);
std::optional<std::vector<BusTopic>> decode_topics(std::string_view bytes);

}  // namespace cariosan::redis
