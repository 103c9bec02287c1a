/// The types of WebSocket frames. A `ServerFrame` of a type that is not listed here does not compile.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace cariosan::protocol {

/// The frames the server sends. Section 5 of the protocol.
inline constexpr std::array<std::string_view, 31> kServerFrames = {
    "connection.ready", "ack",              "error",           "pong",
    "message.created",  "message.updated",  "message.deleted", "reaction.added",
    "reaction.removed", "channel.created",  "channel.updated", "channel.deleted",
    "member.joined",    "member.left",      "member.updated",  "channel.events",
    "channel.rev",      "channel.sync",     "sync.done",       "receipt.read",
    "receipt.delivered", "unread",          "mention",         "user.updated",
    "block.updated",    "typing.start",     "typing.stop",     "presence.update",
    "server.draining",  "settings.updated", "channel.preferences"};

/// Only for subscribers in the host's own process, never for a client.
inline constexpr std::string_view kEventsLost = "events.lost";

/// The frames a client may send besides commands (`CommandRow::ack`).
inline constexpr std::array<std::string_view, 7> kBuiltInFrames = {
    "ping", "typing.start", "typing.stop", "sync", "presence.subscribe", "presence.unsubscribe", "auth.refresh"};

/// The type of a frame the server sends, checked at compile time.
class ServerFrame {
  public:
    consteval ServerFrame(const char* type) : name_(type) {
        if (name_ != kEventsLost && std::ranges::find(kServerFrames, name_) == kServerFrames.end()) {
            throw "there is no such type of frame in kServerFrames";
        }
    }
    constexpr std::string_view name() const { return name_; }

  private:
    std::string_view name_;
};

}  // namespace cariosan::protocol
