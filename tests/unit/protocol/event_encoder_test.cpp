#include "protocol/json/json_event_encoder.hpp"

#include <doctest/doctest.h>

#include <string>

namespace cariosan::protocol {
namespace {

const ChannelId kChannel = *ChannelId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01");
const UserId kAlice = *UserId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02");
const MessageId kMessage = *MessageId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03");

Event event_of(EventBody body, std::int64_t rev = 0) {
    Event event;
    event.channel = kChannel;
    event.channel_external_id = "order_1";
    event.rev = rev;
    event.body = std::move(body);
    return event;
}

Message message_of() {
    Message message;
    message.id = kMessage;
    message.channel_id = kChannel;
    message.channel_external_id = "order_1";
    message.seq = 9;
    message.rev = 17;
    message.user = {
        .id = kAlice, .external_id = "alice", .name = "Alice", .avatar_url = {}, .deleted = false};
    message.content = "Halo";
    message.metadata = R"({"a":1})";
    return message;
}

std::string text_of(const FrameRef& frame) {
    const auto found = payloads(*frame);
    REQUIRE(found.size() == 1);
    return std::string(found[0]);
}

TEST_CASE("a message only has a second encoding if its author sees more") {
    JsonEventEncoder encoder;
    const auto plain = encoder.encode(event_of(MessageCreated{message_of()}, 17));
    CHECK(
        text_of(plain.others) ==
        R"({"type":"message.created","data":{"channel_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01",)"
        R"("channel_external_id":"order_1","rev":17,"message":{"id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03",)"
        R"("channel_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01","channel_external_id":"order_1","seq":9,"rev":17,)"
        R"("user":{"id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02","external_id":"alice","name":"Alice","avatar_url":null,"updated_at":"1970-01-01T00:00:00.000Z"},)"
        R"("type":"text","content":"Halo","attachment_url":null,"metadata":{"a":1},"reactions":[],)"
        R"("created_at":"1970-01-01T00:00:00.000Z","edited_at":null,"deleted_at":null}}})");
    CHECK(plain.author == nullptr);

    Message keyed = message_of();
    keyed.idempotency_key = "k";
    const auto two = encoder.encode(event_of(MessageCreated{keyed}, 17));
    CHECK(text_of(two.others) == text_of(plain.others));
    REQUIRE(two.author != nullptr);
    CHECK(text_of(two.author).find(R"("idempotency_key":"k")") != std::string::npos);
}

TEST_CASE("a deleted object keeps its place and nothing else") {
    Message deleted = message_of();
    deleted.user.deleted = true;
    deleted.attachment_url = "https://example.com/x";
    deleted.parent_id = kMessage;
    deleted.quoted_message = Quote{};
    deleted.mentions.push_back({});
    deleted.deleted_at = Timestamp{1000};
    std::string out;
    append_message(out, deleted, {});
    CHECK(out.find(R"("content":"","attachment_url":null,"metadata":{},"reactions":[])") !=
          std::string::npos);
    CHECK(out.find(R"("deleted_at":"1970-01-01T00:00:01.000Z")") != std::string::npos);
    CHECK(
        out.find(
            R"("user":{"id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02","external_id":null,"name":"","deleted":true})") !=
        std::string::npos);
    CHECK(out.find("mentions") == std::string::npos);
    CHECK(out.find("quoted_message") == std::string::npos);
}

TEST_CASE("a reaction names who changed it and nothing about the reader") {
    JsonEventEncoder encoder;
    const auto added = encoder.encode(
        event_of(ReactionChanged{true, kMessage, kAlice, "👍", {{.emoji = "👍", .count = 2, .reacted_by_me = true}}}, 18));
    CHECK(added.author == nullptr);
    CHECK(text_of(added.others) ==
          R"({"type":"reaction.added","data":{"channel_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01","rev":18,)"
          R"("message_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03","user_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02",)"
          R"("emoji":"👍","reactions":[{"emoji":"👍","count":2}]}})");
    const auto removed = encoder.encode(event_of(ReactionChanged{false, kMessage, kAlice, "👍", {}}, 19));
    CHECK(text_of(removed.others).starts_with(R"({"type":"reaction.removed")"));
    CHECK(text_of(removed.others).ends_with(R"("reactions":[]}})"));
}

TEST_CASE("an unsent message contains only its id, place and time") {
    JsonEventEncoder encoder;
    const auto deleted = encoder.encode(event_of(MessageDeleted{kMessage, 9, Timestamp{1000}}, 18));
    CHECK(text_of(deleted.others) ==
          R"({"type":"message.deleted","data":{"channel_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01","rev":18,)"
          R"("message_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03","seq":9,"deleted_at":"1970-01-01T00:00:01.000Z"}})");
    CHECK(deleted.author == nullptr);
}

TEST_CASE("a receipt is shown to whoever may know it") {
    JsonEventEncoder encoder;
    ReceiptMoved moved{{.user_id = kAlice,
                        .last_read_seq = 7,
                        .last_read_at = Timestamp{1000},
                        .last_delivered_seq = 9,
                        .last_delivered_at = Timestamp{2000},
                        .receipt_rev = 3},
                       true,
                       true};
    const std::string read =
        R"({"type":"receipt.read","data":{"channel_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01","receipt_rev":3,)"
        R"("user_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02","seq":7,"at":"1970-01-01T00:00:01.000Z"}})";
    const std::string delivered =
        R"({"type":"receipt.delivered","data":{"channel_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01","receipt_rev":3,)"
        R"("user_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02","seq":9,"at":"1970-01-01T00:00:02.000Z"}})";
    auto encoded = encoder.encode(event_of(moved));
    CHECK(text_of(encoded.others) == read);
    CHECK(encoded.author == nullptr);
    moved.receipt.read_hidden = true;
    encoded = encoder.encode(event_of(moved));
    CHECK(text_of(encoded.others) == delivered);
    CHECK(text_of(encoded.author) == read);
    moved.delivered = false;
    encoded = encoder.encode(event_of(moved));
    CHECK(encoded.others == nullptr);
    CHECK(text_of(encoded.author) == read);
    moved.read = false;
    moved.delivered = true;
    encoded = encoder.encode(event_of(moved));
    CHECK(text_of(encoded.others) == delivered);
    CHECK(encoded.author == nullptr);
}

TEST_CASE("a user who blocked somebody gets only the revision, or no quote, or no name") {
    using realtime::Hiding;
    JsonEventEncoder encoder;
    Message message = message_of();
    message.idempotency_key = "k";
    message.quoted_message.emplace();
    message.quoted_message->id = kMessage;
    message.quoted_message->content = "secret";
    const Event event = event_of(MessageCreated{message}, 17);
    CHECK(text_of(encoder.encode_hiding(event, Hiding::everything, false)) ==
          R"({"type":"channel.rev","data":{"channel_id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01","rev":17}})");
    const std::string hidden = text_of(encoder.encode_hiding(event, Hiding::quote, false));
    CHECK(hidden.find(R"("quoted_message":{"id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03","hidden":true},)") !=
          std::string::npos);
    CHECK(hidden.find("secret") == std::string::npos);
    CHECK(hidden.find("idempotency_key") == std::string::npos);
    const std::string own = text_of(encoder.encode_hiding(event, Hiding::quote, true));
    CHECK(own.find("secret") == std::string::npos);
    CHECK(own.find(R"("idempotency_key":"k")") != std::string::npos);

    const Event reaction = event_of(ReactionChanged{.added = true,
                                                    .message_id = kMessage,
                                                    .user_id = kAlice,
                                                    .emoji = "a",
                                                    .reactions = {{.emoji = "a", .count = 1}}},
                                    18);
    std::string named = text_of(encoder.encode(reaction).others);
    const std::string name = R"("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02")";
    REQUIRE(named.find(name) != std::string::npos);
    named.replace(named.find(name), name.size(), "null");
    CHECK(text_of(encoder.encode_hiding(reaction, Hiding::reactor, false)) == named);
}

TEST_CASE("only subscribers get lost events") {
    const Event event = event_of(EventsLost{{kChannel}, false});
    CHECK(
        encode_event(event, {}) ==
        R"({"type":"events.lost","data":{"channels":["0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01"],"all":false}})");
    JsonEventEncoder encoder;
    CHECK(encoder.encode(event).others == nullptr);
}

TEST_CASE("a frame has the header for the size of its payload") {
    for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65'535U, 65'536U, 200'000U}) {
        const std::string payload(size, 'x');
        const FrameRef frame = make_frame(payload);
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(frame->bytes[at]); };
        CHECK(byte(0) == 0x81);
        const std::size_t header = frame->bytes.size() - size;
        CHECK(header == (size < 126 ? 2 : size < 65'536 ? 4 : 10));
        CHECK(byte(1) == (size < 126 ? size : size < 65'536 ? 126 : 127));
        CHECK(text_of(frame) == payload);
    }
    Frame two;
    two.bytes = make_frame("one")->bytes + make_frame(std::string(300, 'y'))->bytes;
    const auto found = payloads(two);
    REQUIRE(found.size() == 2);
    CHECK(found[0] == "one");
    CHECK(found[1].size() == 300);
}

}  // namespace
}  // namespace cariosan::protocol
