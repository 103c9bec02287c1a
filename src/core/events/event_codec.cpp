// The encoding: the version, then the fields in the order of `fields` below. Numbers are zigzag varints, texts and lists begin
// with their length, an optional with a byte that says whether it is present.
//
// Each structure lists its fields once, for both directions, so reading cannot differ from writing.
#include "core/events/event_codec.hpp"

#include <concepts>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cariosan::core {
namespace {

template <class T, class Structure>
concept Of = std::same_as<std::remove_const_t<T>, Structure>;

template <class Archive, Of<UserSummary> T>
void fields(Archive& archive, T& user) {
    archive(user.id, user.external_id, user.name, user.avatar_url, user.deleted, user.updated_at);
}
template <class Archive, Of<User> T>
void fields(Archive& archive, T& user) {
    archive(user.id, user.external_id, user.name, user.avatar_url, user.metadata, user.created_at, user.updated_at);
}
template <class Archive, Of<Channel> T>
void fields(Archive& archive, T& channel) {
    archive(channel.id, channel.external_id, channel.type, channel.name, channel.avatar_url, channel.metadata,
            channel.slow_mode_seconds, channel.frozen,
            channel.member_count, channel.rev, channel.settings_rev, channel.receipt_rev, channel.last_seq,
            channel.created_at);
}
template <class Archive, Of<Member> T>
void fields(Archive& archive, T& member) {
    archive(member.user, member.role, member.joined_at, member.rev, member.left);
}
template <class Archive, Of<TextSpan> T>
void fields(Archive& archive, T& span) {
    archive(span.start, span.length);
}
template <class Archive, Of<Mention> T>
void fields(Archive& archive, T& mention) {
    archive(mention.user_id, mention.external_id, mention.name, mention.spans);
}
template <class Archive, Of<Quote> T>
void fields(Archive& archive, T& quote) {
    archive(quote.id, quote.user_id, quote.user_name, quote.content, quote.type, quote.deleted, quote.hidden);
}
template <class Archive, Of<Reaction> T>
void fields(Archive& archive, T& reaction) {
    archive(reaction.emoji, reaction.count, reaction.reacted_by_me);
}
template <class Archive, Of<Pin> T>
void fields(Archive& archive, T& pin) {
    archive(pin.at, pin.by);
}
template <class Archive, Of<Message> T>
void fields(Archive& archive, T& message) {
    archive(message.id, message.channel_id, message.channel_external_id, message.seq, message.rev, message.user,
            message.type, message.content, message.attachment_url, message.metadata, message.parent_id,
            message.quoted_message, message.mentions, message.pin, message.reactions, message.idempotency_key, message.created_at,
            message.edited_at, message.deleted_at);
}
template <class Archive, Of<Receipt> T>
void fields(Archive& archive, T& receipt) {
    archive(receipt.user_id, receipt.last_read_seq, receipt.last_read_at, receipt.last_delivered_seq,
            receipt.last_delivered_at, receipt.receipt_rev, receipt.read_hidden);
}

template <class Archive, Of<MessageCreated> T>
void fields(Archive& archive, T& body) {
    archive(body.message);
}
template <class Archive, Of<MessageUpdated> T>
void fields(Archive& archive, T& body) {
    archive(body.message, body.mentions_changed);
}
template <class Archive, Of<MessageDeleted> T>
void fields(Archive& archive, T& body) {
    archive(body.message_id, body.seq, body.deleted_at, body.author);
}
template <class Archive, Of<ReactionChanged> T>
void fields(Archive& archive, T& body) {
    archive(body.added, body.message_id, body.user_id, body.emoji, body.reactions, body.author);
}
template <class Archive, Of<ChannelCreated> T>
void fields(Archive& archive, T& body) {
    archive(body.channel, body.members);
}
template <class Archive, Of<ChannelUpdated> T>
void fields(Archive& archive, T& body) {
    archive(body.channel);
}
template <class Archive, Of<ChannelDeleted> T>
void fields(Archive& archive, T& body) {
    archive(body.channel);
}
template <class Archive, Of<MembersEvent> T>
void fields(Archive& archive, T& body) {
    archive(body.kind, body.members, body.last_seq, body.member_count);
}
template <class Archive, Of<Mentioned> T>
void fields(Archive& archive, T& body) {
    archive(body.message_id, body.by, body.users);
}
template <class Archive, Of<ReceiptMoved> T>
void fields(Archive& archive, T& body) {
    archive(body.receipt, body.read, body.delivered);
}
template <class Archive, Of<UserUpdated> T>
void fields(Archive& archive, T& body) {
    archive(body.user, body.channels);
}
template <class Archive, Of<Typing> T>
void fields(Archive& archive, T& body) {
    archive(body.user_id, body.started, body.blocked);
}
template <class Archive, Of<EventsLost> T>
void fields(Archive& archive, T& body) {
    archive(body.channels, body.all);
}
template <class Archive, Of<BlockUpdated> T>
void fields(Archive& archive, T& body) {
    archive(body.user_id, body.blocked_user, body.blocked, body.blocks_rev);
}
template <class Archive, Of<UserDeleted> T>
void fields(Archive& archive, T& body) {
    archive(body.user_id, body.channels);
}
template <class Archive, Of<UserSilenced> T>
void fields(Archive& archive, T& body) {
    archive(body.user_id, body.channel);
}
template <class Archive, Of<UserSuspended> T>
void fields(Archive& archive, T& body) {
    archive(body.user_id, body.external_id, body.suspended);
}
template <class Archive, Of<WorkspaceDeleted> T>
void fields(Archive&, T&) {}
template <class Archive, Of<WorkspaceUpdated> T>
void fields(Archive&, T&) {}

template <class Archive, Of<AttachmentSettings> T>
void fields(Archive& archive, T& attachments) {
    archive(attachments.types, attachments.max_bytes);
}
template <class Archive, Of<ClientSettings> T>
void fields(Archive& archive, T& settings) {
    archive(settings.read_receipts_enabled, settings.edit_window_seconds, settings.max_message_bytes, settings.attachments);
}
template <class Archive, Of<SettingsUpdated> T>
void fields(Archive& archive, T& body) {
    archive(body.settings);
}

template <class Archive, Of<Preferences> T>
void fields(Archive& archive, T& preferences) {
    archive(preferences.muted, preferences.archived, preferences.pinned, preferences.marked_unread,
            preferences.preferences_rev);
}
template <class Archive, Of<PreferencesChanged> T>
void fields(Archive& archive, T& body) {
    archive(body.user_id, body.preferences);
}

template <class Archive, Of<UserPresence> T>
void fields(Archive& archive, T& presence) {
    archive(presence.user_id, presence.external_id, presence.online, presence.last_seen_at);
}
template <class Archive, Of<PresenceChanged::Change> T>
void fields(Archive& archive, T& change) {
    archive(change.presence, change.channels, change.others, change.blocked);
}
template <class Archive, Of<PresenceChanged> T>
void fields(Archive& archive, T& body) {
    archive(body.changes);
}

template <class Archive, Of<Event> T>
void fields(Archive& archive, T& event) {
    archive(event.workspace, event.channel, event.channel_external_id, event.rev, event.body);
}
template <class Archive, Of<SentEvent> T>
void fields(Archive& archive, T& sent) {
    archive(sent.node, sent.number, sent.event);
}

/// The last value of each enumeration: this version knows none beyond it.
constexpr std::uint8_t last_of(ChannelType) { return static_cast<std::uint8_t>(ChannelType::group); }
constexpr std::uint8_t last_of(Role) { return static_cast<std::uint8_t>(Role::admin); }
constexpr std::uint8_t last_of(MessageType) { return static_cast<std::uint8_t>(MessageType::system); }
constexpr std::uint8_t last_of(MembersEvent::Kind) { return static_cast<std::uint8_t>(MembersEvent::Kind::updated); }

class ByteWriter {
  public:
    template <class... Fields>
    void operator()(const Fields&... values) {
        (put(values), ...);
    }
    std::string take() { return std::move(bytes_); }

  private:
    void put_byte(std::uint8_t byte) { bytes_ += static_cast<char>(byte); }
    void put_varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7U) put_byte(static_cast<std::uint8_t>(value | 0x80U));
        put_byte(static_cast<std::uint8_t>(value));
    }
    void put(bool value) { put_byte(value ? 1 : 0); }
    void put(std::uint8_t value) { put_byte(value); }
    void put(std::uint64_t value) { put_varint(value); }
    void put(std::int64_t value) {
        const auto bits = static_cast<std::uint64_t>(value);
        put_varint((bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0));
    }
    void put(const std::string& text) {
        put_varint(text.size());
        bytes_ += text;
    }
    void put(const Uuid& uuid) {
        for (const std::uint8_t byte : uuid.bytes) put_byte(byte);
    }
    template <class Tag>
    void put(const Id<Tag>& id) {
        put(id.uuid);
    }
    void put(Timestamp time) { put(time.milliseconds); }
    template <class T>
    void put(const std::optional<T>& value) {
        put(value.has_value());
        if (value) put(*value);
    }
    template <class T>
    void put(const std::vector<T>& items) {
        put_varint(items.size());
        for (const T& item : items) put(item);
    }
    void put(const EventBody& body) {
        put_byte(static_cast<std::uint8_t>(body.index()));
        std::visit([this](const auto& each) { put(each); }, body);
    }
    template <class T>
    void put(const T& value) {
        if constexpr (std::is_enum_v<T>) {
            put_byte(static_cast<std::uint8_t>(value));
        } else {
            fields(*this, value);
        }
    }

    std::string bytes_;
};

/// After an error it reads nothing more, and `ok` is false.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes) : left_(bytes) {}

    template <class... Fields>
    void operator()(Fields&... values) {
        (get(values), ...);
    }
    bool ok() const { return ok_; }
    bool at_end() const { return left_.empty(); }

  private:
    void fail() {
        ok_ = false;
        left_ = {};
    }
    std::uint8_t byte() {
        if (left_.empty()) {
            fail();
            return 0;
        }
        const auto value = static_cast<std::uint8_t>(left_.front());
        left_.remove_prefix(1);
        return value;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint64_t next = byte();
            value |= (next & 0x7FU) << shift;
            if ((next & 0x80U) == 0) return value;
        }
        fail();
        return 0;
    }
    /// The length of a text or list, which has at least one byte per item.
    std::size_t length() {
        const std::uint64_t value = varint();
        if (value <= left_.size()) return static_cast<std::size_t>(value);
        fail();
        return 0;
    }
    void get(bool& value) {
        const std::uint8_t read = byte();
        if (read > 1) fail();
        value = read == 1;
    }
    void get(std::uint8_t& value) { value = byte(); }
    void get(std::uint64_t& value) { value = varint(); }
    void get(std::int64_t& value) {
        const std::uint64_t read = varint();
        value = static_cast<std::int64_t>((read >> 1U) ^ (~(read & 1U) + 1));
    }
    void get(std::string& text) {
        const std::size_t size = length();
        text = left_.substr(0, size);
        left_.remove_prefix(size);
    }
    void get(Uuid& uuid) {
        for (std::uint8_t& each : uuid.bytes) each = byte();
    }
    template <class Tag>
    void get(Id<Tag>& id) {
        get(id.uuid);
    }
    void get(Timestamp& time) { get(time.milliseconds); }
    template <class T>
    void get(std::optional<T>& value) {
        bool present = false;
        get(present);
        if (present) get(value.emplace());
    }
    template <class T>
    void get(std::vector<T>& items) {
        const std::size_t count = length();
        for (std::size_t i = 0; i < count && ok_; ++i) get(items.emplace_back());
    }
    void get(EventBody& body) { get_body<0>(body, byte()); }
    template <std::size_t Index>
    void get_body(EventBody& body, std::uint8_t index) {
        if constexpr (Index == std::variant_size_v<EventBody::variant>) {
            fail();
        } else if (index == Index) {
            get(body.emplace<Index>());
        } else {
            get_body<Index + 1>(body, index);
        }
    }
    template <class T>
    void get(T& value) {
        if constexpr (std::is_enum_v<T>) {
            const std::uint8_t read = byte();
            if (read > last_of(T{})) return fail();
            value = static_cast<T>(read);
        } else {
            fields(*this, value);
        }
    }

    std::string_view left_;
    bool ok_ = true;
};

}  // namespace

std::string encode_event(const Uuid& node, std::uint64_t number, const Event& event) {
    ByteWriter writer;
    writer(kEventEncoding, node, number, event);
    return writer.take();
}

std::optional<SentEvent> decode_event(std::string_view bytes) {
    if (bytes.size() > kMaxEventBytes) return std::nullopt;
    ByteReader reader(bytes);
    std::uint8_t version = 0;
    reader(version);
    if (version != kEventEncoding) return std::nullopt;
    SentEvent sent;
    fields(reader, sent);
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    return sent;
}

}  // namespace cariosan::core
