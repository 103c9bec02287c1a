/// Encodes events as frames; section 5 of the protocol.
#pragma once

#include <cariosan/events.hpp>
#include <string>

#include "protocol/json/json_objects.hpp"
#include "realtime/event_encoder.hpp"

namespace cariosan::protocol {

/// The frame's text. `EventsLost` becomes `events.lost`, which only JSON subscribers in the host's process get, never a client.
std::string encode_event(const Event& event, MessageView view);

class JsonEventEncoder final : public realtime::EventEncoder {
  public:
    realtime::EncodedEvent encode(const Event& event) override;
    FrameRef encode_hiding(const Event& event, realtime::Hiding what, bool own) override;
    FrameRef encode(ChannelId channel, std::int64_t since, std::int64_t rev, const std::vector<FrameRef>& frames) override;
    realtime::EncodedPresence encode(const std::vector<UserPresence>& users) override;
};

}  // namespace cariosan::protocol
