#include "protocol/socket/frames.hpp"

#include "protocol/errors.hpp"
#include "protocol/json/json_objects.hpp"

namespace cariosan::protocol {

FrameRef answer_frame(ServerFrame type, const FrameId& id, std::string_view data) {
    std::string text;
    text.reserve(type.name().size() + id.size() + data.size() + 32);
    text += R"({"type":")";
    text += type.name();
    if (!id.empty()) {
        text += R"(","id":)";
        text += id;
        text += R"(,"data":)";
    } else {
        text += R"(","data":)";
    }
    text += data;
    text += '}';
    return make_frame(text);
}

FrameRef error_frame(const FrameId& id, const Error& error) {
    return object_frame("error", id, [&](ObjectWriter& data) {
        write_error(data, error);
        if (const auto wait = retry_after_ms(error)) data.integer("retry_after_ms", *wait);
    });
}

FrameRef ready_frame(const realtime::SessionStart& start, const Greeting& greeting) {
    return object_frame("connection.ready", {}, [&](ObjectWriter& data) {
        data.string("connection_id", greeting.connection.to_string());
        append_user(data.key("user"), start.user);
        data.string("epoch", start.epoch);
        data.integer("blocks_rev", start.blocks_rev);
        data.integer("preferences_rev", start.preferences_rev);
        data.time("server_time", greeting.now);
        data.integer("heartbeat_seconds", greeting.heartbeat_seconds);
        data.integer("unread_total", start.unread_total);
        append_client_settings(data.key("settings"), start.settings);
    });
}

}  // namespace cariosan::protocol
