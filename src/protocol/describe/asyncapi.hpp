/// /asyncapi.json: the frames of the WebSocket as an AsyncAPI 3.0 document, generated from the same tables that serve them.
#pragma once

#include <cariosan/limits.hpp>
#include <span>
#include <string>
#include <string_view>

#include "protocol/commands/command_table.hpp"

namespace cariosan::protocol {

/// The document for an engine with these limits and these types of attachments.
std::string asyncapi_document(const CommandTable& table, const Limits& limits, std::span<const std::string> attachment_types);

/// A frame that is no command: its type, what it means in one sentence, and the JSON Schema of its `data` as text.
struct FrameShape {
    std::string_view type;
    std::string_view summary;
    std::string_view data;
    bool event = false;  ///< of the server: subscribers in the host's own process get it too (`Gateway::encode`)
};

/// One for each of `kServerFrames`, and one for each of `kBuiltInFrames`; a missing one does not compile.
std::span<const FrameShape> server_frame_shapes();
std::span<const FrameShape> built_in_frame_shapes();
/// `kEventsLost`, which no client gets.
const FrameShape& events_lost_shape();

}  // namespace cariosan::protocol
