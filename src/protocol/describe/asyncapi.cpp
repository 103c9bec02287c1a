#include "protocol/describe/asyncapi.hpp"

#include <utility>
#include <vector>

#include "protocol/describe/openapi.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

/// A frame as the document has it. Frames of both directions may have the same type.
struct FrameEntry {
    bool from_client = false;
    std::string_view type;
    std::string_view summary;
    std::string data;

    std::string key() const { return (from_client ? "client." : "server.") + std::string(type); }
};

/// The `data` of a command's frame. A frame may stand for two commands, told apart by a member.
std::string command_data(const CommandTable& table, const CommandRow& row) {
    std::string usual = fields_schema(row.fields, row.body_rules);
    for (const CommandRow& other : table.rows()) {
        if (other.frame.type == row.name) {
            return R"({"anyOf":[)" + usual + ',' + fields_schema(other.fields, other.body_rules) + "]}";
        }
    }
    return usual;
}

std::vector<FrameEntry> all_frames(const CommandTable& table) {
    std::vector<FrameEntry> frames;
    for (const CommandRow& row : table.rows()) {
        if (row.ack != Ack::none) frames.push_back({true, row.name, row.summary, command_data(table, row)});
    }
    for (const FrameShape& each : built_in_frame_shapes()) frames.push_back({true, each.type, each.summary, std::string(each.data)});
    for (const FrameShape& each : server_frame_shapes()) frames.push_back({false, each.type, each.summary, std::string(each.data)});
    return frames;
}

void append_frame(std::string& out, const FrameEntry& frame) {
    write_object(out, [&](ObjectWriter& message) {
        message.string("name", frame.type);
        message.string("summary", frame.summary);
        write_object(message.key("payload"), [&](ObjectWriter& payload) {
            payload.string("type", "object");
            payload.raw("required", frame.from_client ? R"(["type"])" : R"(["type","data"])");
            write_object(payload.key("properties"), [&](ObjectWriter& properties) {
                write_object(properties.key("type"), [&](ObjectWriter& type) { type.string("const", frame.type); });
                properties.raw("id", frame.from_client
                                         ? R"({"type":["string","integer","null"],"description":"The client's own; the answer repeats it."})"
                                         : R"({"type":["string","integer"],"description":"Of the frame that is answered."})");
                properties.raw("data", frame.data);
            });
        });
    });
}

void append_operation(std::string& out, const std::vector<FrameEntry>& frames, bool from_client) {
    write_object(out, [&](ObjectWriter& operation) {
        // AsyncAPI names the action as the server sees it.
        operation.string("action", from_client ? "receive" : "send");
        operation.string("summary", from_client ? "Frames sent by clients." : "Frames sent to clients.");
        operation.raw("channel", R"({"$ref":"#/channels/socket"})");
        std::vector<FrameEntry> one_way;
        for (const FrameEntry& frame : frames) {
            if (frame.from_client == from_client) one_way.push_back(frame);
        }
        write_array(operation.key("messages"), one_way, [](std::string& to, const FrameEntry& frame) {
            to += R"({"$ref":"#/channels/socket/messages/)" + frame.key() + R"("})";
        });
    });
}

constexpr std::string_view kSocketInfo =
    R"({"title":"Cariosan WebSocket","version":"1.0.0","description":"The frames of GET /v1/ws: text messages with one JSON object each. )"
    R"(The REST interface is described in /openapi.json. Clients ignore types and members they do not know."})";

}  // namespace

std::string asyncapi_document(const CommandTable& table, const Limits& limits, std::span<const std::string> attachment_types) {
    const std::vector<FrameEntry> frames = all_frames(table);
    std::string out;
    write_object(out, [&](ObjectWriter& document) {
        document.string("asyncapi", "3.0.0");
        document.raw("info", kSocketInfo);
        document.string("defaultContentType", "application/json");
        write_object(document.key("channels"), [&](ObjectWriter& channels) {
            write_object(channels.key("socket"), [&](ObjectWriter& socket) {
                socket.string("address", "/v1/ws");
                socket.string("description", "The token travels in Sec-WebSocket-Protocol: cariosan.v1, cariosan.jwt.<token>.");
                write_object(socket.key("messages"), [&](ObjectWriter& messages) {
                    for (const FrameEntry& frame : frames) {
                        messages.raw(frame.key(), R"({"$ref":"#/components/messages/)" + frame.key() + R"("})");
                    }
                });
            });
        });
        write_object(document.key("operations"), [&](ObjectWriter& operations) {
            append_operation(operations.key("fromClient"), frames, true);
            append_operation(operations.key("toClient"), frames, false);
        });
        write_object(document.key("components"), [&](ObjectWriter& components) {
            write_object(components.key("messages"), [&](ObjectWriter& messages) {
                for (const FrameEntry& frame : frames) append_frame(messages.key(frame.key()), frame);
            });
            components.raw("schemas", openapi_schemas(limits, attachment_types));
        });
    });
    return out;
}

}  // namespace cariosan::protocol
