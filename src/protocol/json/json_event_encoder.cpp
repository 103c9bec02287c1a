#include "protocol/json/json_event_encoder.hpp"

#include "protocol/json/json_writer.hpp"
#include "protocol/socket/frame_types.hpp"

namespace cariosan::protocol {
namespace {

/// `{"type":…,"data":{…}}`
template <class F>
void write_frame(std::string& out, ServerFrame type, F&& data) {
    out += R"({"type":")";
    out += type.name();
    out += R"(","data":)";
    write_object(out, data);
    out += '}';
}

ServerFrame frame_type(MembersEvent::Kind kind) {
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
    Encoder(std::string& out, const Event& event, MessageView view, bool hide_reactor = false)
        : out_(out), event_(event), view_(view), hide_reactor_(hide_reactor) {}

    void operator()(const MessageCreated& body) { write_message("message.created", body.message); }
    void operator()(const MessageUpdated& body) { write_message("message.updated", body.message); }
    void operator()(const MessageDeleted& body) {
        write_frame(out_, "message.deleted", [&](ObjectWriter& data) {
            data.id("channel_id", event_.channel);
            data.integer("rev", event_.rev);
            data.id("message_id", body.message_id);
            data.integer("seq", body.seq);
            data.time("deleted_at", body.deleted_at);
        });
    }
    void operator()(const ReactionChanged& body) {
        write_frame(out_, body.added ? ServerFrame("reaction.added") : ServerFrame("reaction.removed"), [&](ObjectWriter& data) {
            data.id("channel_id", event_.channel);
            data.integer("rev", event_.rev);
            data.id("message_id", body.message_id);
            if (hide_reactor_) {
                data.null("user_id");
            } else {
                data.id("user_id", body.user_id);
            }
            data.string("emoji", body.emoji);
            append_reactions(data.key("reactions"), body.reactions, false);
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
            data.integer("member_count", body.member_count);
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
    /// Reading implies delivery, so one frame covers both positions, unless the read position is hidden from others.
    void operator()(const ReceiptMoved& body) {
        const Receipt& receipt = body.receipt;
        const bool read = body.read && (view_.own || !receipt.read_hidden);
        write_frame(out_, read ? ServerFrame("receipt.read") : ServerFrame("receipt.delivered"), [&](ObjectWriter& data) {
            data.id("channel_id", event_.channel);
            data.integer("receipt_rev", receipt.receipt_rev);
            data.id("user_id", receipt.user_id);
            data.integer("seq", read ? receipt.last_read_seq : receipt.last_delivered_seq);
            data.time_or_null("at", read ? receipt.last_read_at : receipt.last_delivered_at);
        });
    }
    void operator()(const UserUpdated& body) {
        write_frame(out_, "user.updated",
                    [&](ObjectWriter& data) { append_user(data.key("user"), body.user); });
    }
    void operator()(const UserDeleted& body) {
        write_frame(out_, "user.updated", [&](ObjectWriter& data) {
            append_user_summary(data.key("user"), {.id = body.user_id, .external_id = {}, .name = {}, .avatar_url = {}, .deleted = true});
        });
    }
    void operator()(const UserSilenced&) {}
    void operator()(const UserSuspended&) {}
    void operator()(const WorkspaceUpdated&) {}
    void operator()(const SettingsUpdated& body) {
        write_frame(out_, "settings.updated",
                    [&](ObjectWriter& data) { append_client_settings(data.key("settings"), body.settings); });
    }
    void operator()(const WorkspaceDeleted&) {}
    void operator()(const PresenceChanged&) {}  // presence is sent in batches
    void operator()(const Typing& body) {
        write_frame(out_, body.started ? ServerFrame("typing.start") : ServerFrame("typing.stop"), [&](ObjectWriter& data) {
            data.id("channel_id", event_.channel);
            data.id("user_id", body.user_id);
        });
    }
    void operator()(const BlockUpdated& body) {
        write_frame(out_, "block.updated", [&](ObjectWriter& data) {
            data.id("user_id", body.blocked_user);
            data.boolean("blocked", body.blocked);
            data.integer("blocks_rev", body.blocks_rev);
        });
    }
    /// For subscribers of the host: a session writes the frame itself, with `unread_total`.
    void operator()(const PreferencesChanged& body) {
        write_frame(out_, "channel.preferences", [&](ObjectWriter& data) {
            write_channel_preferences(data, event_.channel, body.preferences);
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
    void write_message(ServerFrame type, const Message& message) {
        write_frame(out_, type, [&](ObjectWriter& data) {
            data.id("channel_id", event_.channel);
            data.string_or_null("channel_external_id", event_.channel_external_id);
            data.integer("rev", event_.rev);
            append_message(data.key("message"), message, view_);
        });
    }
    void write_channel(ObjectWriter& data, const Channel& channel) {
        append_channel(data.key("channel"), channel);
        data.integer("rev", event_.rev);
    }

    std::string& out_;
    const Event& event_;
    MessageView view_;
    bool hide_reactor_;
};

/// The message of an event that looks different to its author. Null if the event has none.
const Message* own_message(const Event& event) {
    if (const auto* created = std::get_if<MessageCreated>(&event.body)) return &created->message;
    if (const auto* updated = std::get_if<MessageUpdated>(&event.body)) return &updated->message;
    return nullptr;
}

/// Fits a usual message, so that its text is written without reallocation.
constexpr std::size_t kUsualFrame = 1024;

}  // namespace

std::string encode_event(const Event& event, MessageView view) {
    std::string out;
    out.reserve(kUsualFrame);
    std::visit(Encoder(out, event, view), event.body);
    return out;
}

realtime::EncodedEvent JsonEventEncoder::encode(const Event& event) {
    if (std::holds_alternative<EventsLost>(event.body) || std::holds_alternative<WorkspaceDeleted>(event.body)) return {};
    realtime::EncodedEvent encoded;
    if (const auto* moved = std::get_if<ReceiptMoved>(&event.body); moved != nullptr && moved->receipt.read_hidden) {
        if (moved->delivered) encoded.others = make_frame(encode_event(event, {.own = false}));
        if (moved->read) encoded.author = make_frame(encode_event(event, {.own = true}));
        return encoded;
    }
    encoded.others = make_frame(encode_event(event, {.own = false}));
    const Message* message = own_message(event);
    if (message != nullptr && message->idempotency_key) {
        encoded.author = make_frame(encode_event(event, {.own = true}));
    }
    return encoded;
}

FrameRef JsonEventEncoder::encode_hiding(const Event& event, realtime::Hiding what, bool own) {
    std::string out;
    out.reserve(kUsualFrame);
    if (what == realtime::Hiding::everything) {
        write_frame(out, "channel.rev", [&](ObjectWriter& data) {
            data.id("channel_id", event.channel);
            data.integer("rev", event.rev);
        });
    } else {
        const MessageView view{.own = own, .hide_quote = what == realtime::Hiding::quote};
        std::visit(Encoder(out, event, view, what == realtime::Hiding::reactor), event.body);
    }
    return make_frame(out);
}

FrameRef JsonEventEncoder::encode(ChannelId channel, std::int64_t since, std::int64_t rev,
                                  const std::vector<FrameRef>& frames) {
    std::string out;
    write_frame(out, "channel.events", [&](ObjectWriter& data) {
        data.id("channel_id", channel);
        data.integer("since", since);
        data.integer("rev", rev);
        write_array(data.key("events"), frames,
                    [](std::string& list, const FrameRef& frame) { list += payloads(*frame).front(); });
    });
    return make_frame(out);
}

realtime::EncodedPresence JsonEventEncoder::encode(const std::vector<UserPresence>& users) {
    constexpr ServerFrame kType = "presence.update";
    realtime::EncodedPresence encoded{
        .head = R"({"type":")" + std::string(kType.name()) + R"(","data":{"users":[)", .tail = "]}}", .users = {}};
    encoded.users.resize(users.size());
    for (std::size_t i = 0; i < users.size(); ++i) append_presence(encoded.users[i], users[i]);
    return encoded;
}

}  // namespace cariosan::protocol
