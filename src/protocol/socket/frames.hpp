/// Encodes the frames that are not events: answers, `connection.ready`, sync.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/session.hpp>
#include <string>
#include <string_view>

#include "protocol/json/json_writer.hpp"
#include "protocol/socket/frame_types.hpp"
#include "realtime/session_handle.hpp"

namespace cariosan::protocol {

/// The `id` that the client gave its frame, as JSON text; empty if none.
using FrameId = std::string;

/// `{"type":…,"id":…,"data":<data>}`
FrameRef answer_frame(ServerFrame type, const FrameId& id, std::string_view data);
/// Like `answer_frame`, but `members` writes the members of `data`.
template <class F>
FrameRef object_frame(ServerFrame type, const FrameId& id, F&& members) {
    std::string data;
    write_object(data, members);
    return answer_frame(type, id, data);
}

FrameRef error_frame(const FrameId& id, const Error& error);

struct Greeting {
    Uuid connection;
    Timestamp now;
    std::int64_t heartbeat_seconds = 0;
};
FrameRef ready_frame(const realtime::SessionStart& start, const Greeting& greeting);

}  // namespace cariosan::protocol
