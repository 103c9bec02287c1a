#include "protocol/event_encoder.hpp"

#include "protocol/json_writer.hpp"

namespace cariosan::protocol {
namespace {

/// `{"type":…,"data":{…}}`
template <class F>
void write_frame(std::string& out, std::string_view type, F&& data) {
    out += R"({"type":")";
    out += type;
    out += R"(","data":)";
    write_object(out, data);
    out += '}';
}

std::string_view frame_type(MembersEvent::Kind kind) {
    switch (kind) {
        case MembersEvent::Kind::joined: return "member.joined";
        case MembersEvent::Kind::left: return "member.left";
        case MembersEvent::Kind::updated: return "member.updated";
    }
    return "member.updated";
}

/// One overload per kind of event.
class Encoder {
  public:
    Encoder(std::string& out, const Event& event, MessageView view) : out_(out), event_(event), view_(view) {}

    void operator()(const MessageCreated& body) {
        write_frame(out_, "message.created", [&](ObjectWriter& data) {
            data.id("channel_id", event_.channel);
            data.string_or_null("channel_external_id", event_.channel_external_id);
            data.integer("rev", event_.rev);
            append_message(data.key("message"), body.message, view_);
        });
    }
    void operator()(const ChannelCreated& body) {
        write_frame(out_, "channel.created", [&](ObjectWriter& data) {
            write_channel(data, body.channel);
            write_array(data.key("members"), body.members, append_member);
        });
    }
    void operator()(const ChannelUpdated& body) {
        write_frame(out_, "channel.updated", [&](ObjectWriter& data) { write_channel(data, body.channel); });
    }
    void operator()(const ChannelDeleted& body) {
        write_frame(out_, "channel.deleted", [&](ObjectWriter& data) { write_channel(data, body.channel); });
    }
    void operator()(const MembersEvent& body) {
        write_frame(out_, frame_type(body.kind), [&](ObjectWriter& data) {
            data.id("channel_id", event_.channel);
            data.integer("rev", event_.rev);
            data.integer("last_seq", body.last_seq);
            write_array(data.key("members"), body.members, append_member);
        });
    }
    void operator()(const Mentioned& body) {
        write_frame(out_, "mention", [&](ObjectWriter& data) {
            data.id("channel_id", event_.channel);
            data.id("message_id", body.message_id);
            data.id("by_user_id", body.by);
        });
    }
    void operator()(const UserUpdated& body) {
        write_frame(out_, "user.updated",
                    [&](ObjectWriter& data) { append_user(data.key("user"), body.user); });
    }
    void operator()(const Typing& body) {
        write_frame(out_, body.started ? "typing.start" : "typing.stop", [&](ObjectWriter& data) {
            data.id("channel_id", event_.channel);
            data.id("user_id", body.user_id);
        });
    }
    void operator()(const EventsLost& body) {
        write_frame(out_, "events.lost", [&](ObjectWriter& data) {
            write_array(data.key("channels"), body.channels, [](std::string& out, ChannelId channel) {
                append_json_string(out, channel.to_string());
            });
            data.boolean("all", body.all);
        });
    }

  private:
    void write_channel(ObjectWriter& data, const Channel& channel) {
        append_channel(data.key("channel"), channel);
        data.integer("rev", event_.rev);
    }

    std::string& out_;
    const Event& event_;
    MessageView view_;
};

/// Enough for a usual message, so that its text is written without growing.
constexpr std::size_t kUsualFrame = 1024;

}  // namespace

std::string encode_event(const Event& event, MessageView view) {
    std::string out;
    out.reserve(kUsualFrame);
    std::visit(Encoder(out, event, view), event.body);
    return out;
}

realtime::EncodedEvent JsonEventEncoder::encode(const Event& event) {
    if (std::holds_alternative<EventsLost>(event.body)) return {};
    realtime::EncodedEvent encoded;
    encoded.others = make_frame(encode_event(event, {.own = false}));
    const auto* created = std::get_if<MessageCreated>(&event.body);
    if (created != nullptr && created->message.idempotency_key) {
        encoded.author = make_frame(encode_event(event, {.own = true}));
    }
    return encoded;
}

}  // namespace cariosan::protocol
