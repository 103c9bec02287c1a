// Sizes estimated by the core, compared with what the encoders write.
#include <doctest/doctest.h>

#include <string>

#include "core/events/encoded_size.hpp"
#include "protocol/json/json_objects.hpp"
#include "protocol/json/json_webhooks.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::int64_t kLargest = 999'999'999'999;
/// Text with every kind of escape.
std::string odd(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += "\x01\"\\\n\xc3\xa9 a"[i % 8];
    return text;
}

UserSummary somebody() {
    UserSummary user;
    user.external_id = odd(80);
    user.name = odd(80);
    user.avatar_url = odd(80);
    user.updated_at = {253402300799999};
    return user;
}

Message full_message() {
    Message message;
    message.channel_external_id = odd(80);
    message.seq = message.rev = kLargest;
    message.user = somebody();
    message.type = MessageType::system;
    message.content = odd(800);
    message.attachment_url = odd(80);
    message.metadata = R"({"a":"b"})";
    message.parent_id = MessageId{};
    message.quoted_message = Quote{.user_name = odd(80), .content = odd(80), .type = MessageType::system};
    message.mentions = {Mention{.external_id = odd(16), .name = odd(16), .spans = std::vector<TextSpan>(9, {8000, 8192})}, Mention{.external_id = {}, .name = odd(8)}};
    message.reactions = {Reaction{.emoji = "\xf0\x9f\x91\x8d", .count = kLargest, .reacted_by_me = true}};
    message.idempotency_key = odd(80);
    message.edited_at = Timestamp{1};
    return message;
}

/// Never less than what is written, and not much more.
void check_size(std::size_t reckoned, const std::string& written) {
    CAPTURE(written);
    CHECK(reckoned >= written.size());
    CHECK(reckoned <= written.size() + written.size() / 3 + 700);
}

template <class T, class Append>
void check_object(const T& object, Append append) {
    std::string out;
    append(out, object);
    check_size(core::encoded_size(object), out);
}

constexpr MessageView kOwn{.own = true, .personal = true, .hide_quote = false};

TEST_CASE("the size of a text includes its escapes") {
    for (const std::string& text : {std::string(), std::string("abc"), std::string(8192, '\x01'), odd(100)}) {
        std::string out;
        append_json_string(out, text);
        CHECK(core::encoded_size(text) >= out.size());
        CHECK(core::encoded_size(text) <= out.size() + 4 * text.size() / 8 + 2);
    }
    CHECK(core::encoded_size(std::string(8192, '\x01')) == 6 * 8192 + 2);
}

TEST_CASE("the estimated size of each object covers its encoding") {
    const auto message = [](std::string& out, const Message& each) { append_message(out, each, kOwn); };
    check_object(full_message(), message);
    check_object(Message{}, message);
    Message deleted = full_message();
    deleted.deleted_at = Timestamp{1};
    check_object(deleted, message);
    check_object(somebody(), append_user_summary);
    User user;
    user.external_id = user.name = odd(80);
    user.avatar_url = odd(80);
    check_object(user, append_user);
    Channel channel;
    channel.external_id = channel.name = odd(80);
    channel.avatar_url = odd(80);
    channel.member_count = channel.rev = channel.settings_rev = channel.receipt_rev = channel.last_seq = kLargest;
    check_object(channel, append_channel);
    check_object(Member{.user = somebody(), .role = Role::member, .rev = kLargest}, append_member);
    check_object(Receipt{.last_read_seq = kLargest,
                         .last_read_at = Timestamp{1},
                         .last_delivered_seq = kLargest,
                         .last_delivered_at = Timestamp{1}},
                 append_receipt);
    check_object(Block{.user = somebody()}, append_block);
    Silence silence;
    silence.user = somebody();
    silence.channel_id = ChannelId{};
    silence.channel_external_id = silence.reason = odd(80);
    silence.until = Timestamp{1};
    check_object(silence, append_silence);
    MyChannel item;
    item.channel = channel;
    item.members = {Member{.user = somebody()}, Member{.user = somebody()}};
    item.last_message = full_message();
    item.unread_count = item.mention_count = item.last_read_seq = kLargest;
    check_object(item, [](std::string& out, const MyChannel& each) {
        write_object(out, [&](ObjectWriter& object) { write_my_channel(object, each, Viewer(Caller::host())); });
    });
    Webhook webhook;
    webhook.url = webhook.disabled_reason.emplace(odd(80));
    webhook.disabled_at = Timestamp{1};
    std::string out;
    append_webhook(out, webhook);
    CHECK(core::encoded_size(webhook) >= out.size());
}

}  // namespace
}  // namespace cariosan::protocol
