#include "core/events/event_codec.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "core/events/event_topics.hpp"

namespace cariosan::core {
namespace {

Uuid uuid_numbered(std::uint8_t number) {
    Uuid uuid;
    uuid.bytes.fill(number);
    return uuid;
}

UserSummary summary() { return {UserId{uuid_numbered(1)}, "alice", "Alice \"A\"\n", "https://x/y.png", true, {1700000000123}}; }

Channel channel_of_all_fields() {
    return {.id = ChannelId{uuid_numbered(2)}, .external_id = "order_1", .type = ChannelType::direct, .name = "Order",
            .avatar_url = "https://x/z.png", .metadata = R"({"a":[1,2]})", .slow_mode_seconds = 30,
            .frozen = true, .member_count = 3,
            .rev = std::numeric_limits<std::int64_t>::max(), .settings_rev = 4, .receipt_rev = 5, .last_seq = 6,
            .created_at = {-1}};
}

Member member_of_all_fields() { return {summary(), Role::admin, {7}, 8, true}; }

Message message_of_all_fields() {
    Message message;
    message.id = MessageId{uuid_numbered(3)};
    message.channel_id = ChannelId{uuid_numbered(2)};
    message.channel_external_id = "order_1";
    message.seq = 9;
    message.rev = 10;
    message.user = summary();
    message.type = MessageType::system;
    message.content = std::string("with \0 inside", 13);
    message.attachment_url = "https://x/f";
    message.metadata = R"({"k":"v"})";
    message.parent_id = MessageId{uuid_numbered(4)};
    message.quoted_message = Quote{MessageId{uuid_numbered(4)}, UserId{uuid_numbered(5)}, "Budi", "lama", MessageType::file, true, true};
    message.mentions = {{UserId{uuid_numbered(5)}, "budi", "Budi", {{14, 15}, {16, 17}}}, {UserId{uuid_numbered(6)}, "", ""}};
    message.pin = Pin{{24}, summary()};
    message.reactions = {{"👍", 3, true}, {"❤", 1, false}};
    message.idempotency_key = "key";
    message.created_at = {11};
    message.edited_at = Timestamp{12};
    message.deleted_at = Timestamp{13};
    return message;
}

/// One event of each kind, with every field set to something other than its default.
std::vector<EventBody> bodies() {
    const UserId alice{uuid_numbered(1)};
    const UserId budi{uuid_numbered(5)};
    const ChannelId shop{uuid_numbered(2)};
    const MessageId message{uuid_numbered(3)};
    const User user{alice, "alice", "Alice", "https://x/y.png", "{}", {1}, {2}, {}};
    return {MessageCreated{message_of_all_fields()},
            MessageUpdated{message_of_all_fields(), true},
            MessageDeleted{message, 9, {14}, alice},
            ReactionChanged{false, message, budi, "👍", {{"👍", 2, false}}, alice},
            ChannelCreated{channel_of_all_fields(), {member_of_all_fields(), {}}},
            ChannelUpdated{channel_of_all_fields()},
            ChannelDeleted{channel_of_all_fields()},
            MembersEvent{MembersEvent::Kind::updated, {member_of_all_fields()}, 15, 16},
            Mentioned{message, alice, {budi}},
            ReceiptMoved{{alice, 1, Timestamp{2}, 3, Timestamp{4}, 5, true}, true, true},
            UserUpdated{user, {shop}},
            Typing{alice, false, {budi}},
            EventsLost{{shop}, true},
            BlockUpdated{alice, budi, false, 17},
            UserDeleted{alice, {shop}},
            UserSilenced{alice, shop},
            WorkspaceDeleted{},
            PresenceChanged{{{{alice, "alice", false, Timestamp{19}}, {shop}, {ChannelId{uuid_numbered(8)}}, {budi}}}},
            WorkspaceUpdated{},
            SettingsUpdated{{.read_receipts_enabled = false,
                             .edit_window_seconds = 20,
                             .max_message_bytes = 21,
                             .attachments = AttachmentSettings{{"image/png", "audio/*"}, 22}}},
            PreferencesChanged{alice, {true, true, true, true, 23}},
            UserSuspended{alice, "alice", false}};
}

Event event_with(EventBody body) {
    return {.workspace = WorkspaceId{uuid_numbered(7)}, .channel = ChannelId{uuid_numbered(2)},
            .channel_external_id = "order_1", .rev = 18, .body = std::move(body)};
}

constexpr std::size_t kSizeOfVersion = 2957;
constexpr std::uint32_t kFingerprintOfVersion = 1753142888U;

/// FNV-1a, to pin an encoding in one line.
std::uint32_t fingerprint(const std::string& bytes) {
    std::uint32_t hash = 2'166'136'261U;
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 16'777'619U;
    return hash;
}

TEST_CASE("every event is decoded as it was encoded") {
    std::set<std::size_t> kinds;
    for (EventBody& body : bodies()) {
        const Event event = event_with(std::move(body));
        kinds.insert(event.body.index());
        CAPTURE(event.body.index());
        const std::string bytes = encode_event(uuid_numbered(9), 300, event);
        const auto sent = decode_event(bytes);
        REQUIRE(sent);
        CHECK(sent->node == uuid_numbered(9));
        CHECK(sent->number == 300);
        CHECK(sent->event.workspace == event.workspace);
        CHECK(sent->event.channel == event.channel);
        CHECK(sent->event.channel_external_id == event.channel_external_id);
        CHECK(sent->event.rev == event.rev);
        CHECK(sent->event.body.index() == event.body.index());
        // Every field has a distinct value, so equal bytes mean equal fields.
        CHECK(encode_event(uuid_numbered(9), 300, sent->event) == bytes);
    }
    CHECK(kinds.size() == std::variant_size_v<EventBody::variant>);
}

TEST_CASE("every field survives encoding and decoding") {
    const auto sent = decode_event(encode_event({}, 1, event_with(MessageCreated{message_of_all_fields()})));
    REQUIRE(sent);
    const Message& message = std::get<MessageCreated>(sent->event.body).message;
    CHECK(message.content == std::string_view("with \0 inside", 13));
    CHECK(message.user.name == "Alice \"A\"\n");
    CHECK(message.user.deleted);
    CHECK(message.type == MessageType::system);
    CHECK(message.quoted_message->type == MessageType::file);
    CHECK(message.mentions[1].user_id == UserId{uuid_numbered(6)});
    CHECK(message.reactions[0].count == 3);
    CHECK(message.pin->by.name == "Alice \"A\"\n");
    CHECK(message.deleted_at == Timestamp{13});
    const auto channel = decode_event(encode_event({}, 1, event_with(ChannelUpdated{channel_of_all_fields()})));
    REQUIRE(channel);
    const Channel& shop = std::get<ChannelUpdated>(channel->event.body).channel;
    CHECK(shop.rev == std::numeric_limits<std::int64_t>::max());
    CHECK(shop.created_at == Timestamp{-1});
}

TEST_CASE("the encoding of version 7 never changes, and a change needs a new version") {
    std::string all;
    for (EventBody& body : bodies()) all += encode_event(uuid_numbered(9), 300, event_with(std::move(body)));
    REQUIRE(kEventEncoding == 7);
    CHECK(all.size() == kSizeOfVersion);
    CHECK(fingerprint(all) == kFingerprintOfVersion);
}

TEST_CASE("truncated, extended, damaged or foreign encodings are refused") {
    for (EventBody& body : bodies()) {
        const std::string bytes = encode_event(uuid_numbered(9), 1, event_with(std::move(body)));
        for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_event(bytes.substr(0, size)));
        CHECK_FALSE(decode_event(bytes + '\0'));
        std::string other = bytes;
        other[0] = static_cast<char>(kEventEncoding + 1);
        CHECK_FALSE(decode_event(other));
    }
    CHECK_FALSE(decode_event(std::string(kMaxEventBytes + 1, static_cast<char>(kEventEncoding))));
    // A list that claims 2^60 items.
    std::string bytes = encode_event({}, 1, event_with(Mentioned{}));
    bytes.pop_back();
    for (int i = 0; i < 8; ++i) bytes += '\x80';
    bytes += '\x10';
    CHECK_FALSE(decode_event(bytes));
}

TEST_CASE("events are published to the topics of the nodes concerned") {
    const auto topics = [](EventBody body, bool in_channel = true) {
        Event event = event_with(std::move(body));
        if (!in_channel) event.channel = {};
        return topics_of(event);
    };
    const BusTopic channel = topic_of(ChannelId{uuid_numbered(2)});
    const BusTopic alice = topic_of(UserId{uuid_numbered(1)});
    const BusTopic workspace = topic_of(WorkspaceId{uuid_numbered(7)});
    using Topics = std::vector<BusTopic>;
    CHECK(topics(MessageCreated{}) == Topics{channel});
    CHECK(topics(Mentioned{}) == Topics{channel});
    CHECK(topics(MembersEvent{MembersEvent::Kind::joined, {member_of_all_fields()}}) == Topics{channel, alice});
    CHECK(topics(MembersEvent{MembersEvent::Kind::left, {member_of_all_fields()}}) == Topics{channel});
    CHECK(topics(ChannelCreated{{}, {member_of_all_fields()}}) == Topics{channel, alice});
    CHECK(topics(BlockUpdated{.user_id = UserId{uuid_numbered(1)}, .blocked_user = {}}, false) == Topics{alice});
    CHECK(topics(PreferencesChanged{.user_id = UserId{uuid_numbered(1)}}) == Topics{alice});
    CHECK(topics(UserUpdated{}, false) == Topics{workspace});
    CHECK(topics(WorkspaceDeleted{}, false) == Topics{workspace});
    CHECK(topics(EventsLost{}).empty());
}

}  // namespace
}  // namespace cariosan::core
