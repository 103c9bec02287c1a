/// The types of WebSocket frames, each named once. What is not listed here cannot be sent: `ServerFrame` does not compile.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace cariosan::protocol {

/// What the server says. Section 5 of the protocol.
inline constexpr std::array<std::string_view, 29> kServerFrames = {
    "connection.ready", "ack",              "error",           "pong",
    "message.created",  "message.updated",  "message.deleted", "reaction.added",
    "reaction.removed", "channel.created",  "channel.updated", "channel.deleted",
    "member.joined",    "member.left",      "member.updated",  "channel.events",
    "channel.rev",      "channel.sync",     "sync.done",       "receipt.read",
    "receipt.delivered", "unread",          "mention",         "user.updated",
    "block.updated",    "typing.start",     "typing.stop",     "presence.update",
    "server.draining"};

/// Told to subscribers in the host's own process alone, never to a client.
inline constexpr std::string_view kEventsLost = "events.lost";

/// What a client may say beside the commands that can be frames (`CommandRow::ack`).
inline constexpr std::array<std::string_view, 7> kBuiltInFrames = {
    "ping", "typing.start", "typing.stop", "sync", "presence.subscribe", "presence.unsubscribe", "auth.refresh"};

/// The type of a frame that goes out, checked when it is compiled.
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
