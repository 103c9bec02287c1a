#include "protocol/json/webhook_body.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace cariosan::protocol {
namespace {

// The ids differ in their last digits; "01" below stands for a whole id.
constexpr std::string_view kPrefix = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a";

template <class Identifier>
Identifier id_of(std::string_view end) {
    return *Identifier::parse(std::string(kPrefix) + std::string(end));
}

/// Expands "@01" in a text to a whole id.
std::string expand(std::string_view text) {
    std::string full;
    for (const char c : text) {
        if (c == '@') {
            full += kPrefix;
        } else {
            full += c;
        }
    }
    return full;
}

/// All events in these tests have the same channel, message, user and time.
outbox::WebhookSubject subject_of(WebhookEvent event) {
    outbox::WebhookSubject subject;
    subject.event.id = id_of<EventId>("01");
    subject.event.event = event;
    subject.event.workspace = id_of<WorkspaceId>("02");
    subject.event.at = Timestamp{1000};
    subject.event.channel = id_of<ChannelId>("03");
    subject.event.channel_external_id = "order_1";
    subject.event.message = id_of<MessageId>("04");
    subject.event.user = id_of<UserId>("05");
    subject.read_at = Timestamp{5000};
    return subject;
}

Message message_of_alice() {
    Message message;
    message.id = id_of<MessageId>("04");
    message.channel_id = id_of<ChannelId>("03");
    message.channel_external_id = "order_1";
    message.seq = 9;
    message.rev = 17;
    message.user.id = id_of<UserId>("05");
    message.user.external_id = "alice";
    message.user.name = "Alice";
    message.content = "Halo";
    message.idempotency_key = "secret to others";
    message.created_at = Timestamp{1000};
    return message;
}

User user_of() {
    User user;
    user.id = id_of<UserId>("05");
    user.external_id = "alice";
    user.name = "Alice";
    return user;
}

/// Checks the envelope and `data`.
void check(const outbox::WebhookSubject& subject, std::string_view data) {
    const std::string expected =
        expand(R"({"event_id":"evt_@01","event":")") + std::string(to_string(subject.event.event)) +
        expand(R"(","workspace_id":"@02","created_at":"1970-01-01T00:00:01.000Z","data":)") + expand(data) + "}";
    CHECK(JsonWebhookBodyEncoder().encode(subject) == expected);
}

constexpr std::string_view kGoneMessage =
    R"({"message":{"id":"@04","channel_id":"@03","channel_external_id":"order_1",)"
    R"("deleted_at":"1970-01-01T00:00:05.000Z"}})";

TEST_CASE("the body of message.created is the message as others see it") {
    auto subject = subject_of(WebhookEvent::message_created);
    subject.message = message_of_alice();
    check(subject, R"({"message":{"id":"@04","channel_id":"@03","channel_external_id":"order_1","seq":9,"rev":17,)"
                   R"("user":{"id":"@05","external_id":"alice","name":"Alice","avatar_url":null,"updated_at":"1970-01-01T00:00:00.000Z"},"type":"text",)"
                   R"("content":"Halo","attachment_url":null,"metadata":{},"reactions":[],)"
                   R"("created_at":"1970-01-01T00:00:01.000Z","edited_at":null,"deleted_at":null}})");
    subject.message.reset();
    check(subject, kGoneMessage);
}

TEST_CASE("the body of message.updated is the text, or says that the message is gone") {
    auto subject = subject_of(WebhookEvent::message_updated);
    subject.message = message_of_alice();
    subject.message->edited_at = Timestamp{2000};
    check(subject, R"({"message":{"id":"@04","channel_id":"@03","channel_external_id":"order_1","content":"Halo",)"
                   R"("edited_at":"1970-01-01T00:00:02.000Z"}})");
    subject.message->deleted_at = Timestamp{5000};
    check(subject, kGoneMessage);
    subject.message.reset();
    check(subject, kGoneMessage);
}

TEST_CASE("the body of message.deleted says what and when, even without its row") {
    auto subject = subject_of(WebhookEvent::message_deleted);
    subject.message = message_of_alice();
    subject.message->deleted_at = Timestamp{5000};
    check(subject, kGoneMessage);
    subject.message.reset();
    check(subject, R"({"message":{"id":"@04","channel_id":"@03","channel_external_id":"order_1",)"
                   R"("deleted_at":"1970-01-01T00:00:01.000Z"}})");
}

TEST_CASE("the bodies of reactions") {
    for (const auto event : {WebhookEvent::reaction_added, WebhookEvent::reaction_removed}) {
        auto subject = subject_of(event);
        subject.event.detail = "👍";
        check(subject, R"({"reaction":{"message_id":"@04","channel_id":"@03","channel_external_id":"order_1",)"
                       R"("user_id":"@05","emoji":"👍"}})");
    }
}

TEST_CASE("the body of message.mentioned names the author and the mentioned user") {
    auto subject = subject_of(WebhookEvent::message_mentioned);
    subject.user = user_of();
    subject.mentions = {{.user_id = id_of<UserId>("06"), .external_id = "budi", .name = "Budi"},
                        {.user_id = id_of<UserId>("07"), .external_id = {}, .name = {}}};
    check(subject, R"({"message_id":"@04","channel_id":"@03","channel_external_id":"order_1",)"
                   R"("by_user":{"id":"@05","external_id":"alice","name":"Alice","avatar_url":null,"updated_at":"1970-01-01T00:00:00.000Z"},)"
                   R"("mentions":[{"user_id":"@06","external_id":"budi","name":"Budi"},)"
                   R"({"user_id":"@07","external_id":null,"name":""}]})");
    subject.user.reset();
    subject.mentions.clear();
    check(subject, R"({"message_id":"@04","channel_id":"@03","channel_external_id":"order_1",)"
                   R"("by_user":{"id":"@05","external_id":null,"name":"","deleted":true},"mentions":[]})");
}

TEST_CASE("the body of message.moderated only has a message if one was stored") {
    auto subject = subject_of(WebhookEvent::message_moderated);
    check(subject, R"({"channel_id":"@03","channel_external_id":"order_1","user_id":"@05","message_id":"@04"})");
    subject.event.message.reset();
    check(subject, R"({"channel_id":"@03","channel_external_id":"order_1","user_id":"@05"})");
    subject.record = ModerationRecord{};
    subject.record->rule = ModerationRule::link;
    subject.record->action = ModerationAction::flag;
    subject.record->excerpt = "see ***";
    check(subject, R"({"channel_id":"@03","channel_external_id":"order_1","user_id":"@05","rule":"link",)"
                   R"("action":"flag","excerpt":"see ***"})");
}

TEST_CASE("the bodies of channel events are the channel, or what it was called") {
    for (const auto event :
         {WebhookEvent::channel_created, WebhookEvent::channel_updated, WebhookEvent::channel_deleted}) {
        auto subject = subject_of(event);
        subject.channel = Channel{};
        subject.channel->id = id_of<ChannelId>("03");
        subject.channel->external_id = "order_1";
        subject.channel->name = "Order";
        subject.channel->member_count = 2;
        check(subject, R"({"channel":{"id":"@03","external_id":"order_1","type":"group","name":"Order",)"
                       R"("avatar_url":null,"metadata":{},"slow_mode_seconds":0,"frozen":false,"member_count":2,"rev":0,"settings_rev":0,"receipt_rev":0,)"
                       R"("last_seq":0,"created_at":"1970-01-01T00:00:00.000Z"}})");
        subject.channel.reset();
        subject.event.name = "Order";
        subject.event.detail = "group";
        check(subject, R"({"channel":{"id":"@03","external_id":"order_1","type":"group","name":"Order","deleted":true}})");
    }
}

TEST_CASE("the bodies of members") {
    for (const auto event : {WebhookEvent::member_joined, WebhookEvent::member_left, WebhookEvent::member_updated}) {
        auto subject = subject_of(event);
        subject.event.detail = "admin";
        check(subject, R"({"channel_id":"@03","user_id":"@05","role":"admin"})");
    }
}

TEST_CASE("the bodies of user events are the user, or what it was called") {
    for (const auto event : {WebhookEvent::user_created, WebhookEvent::user_updated, WebhookEvent::user_deleted}) {
        auto subject = subject_of(event);
        subject.user = user_of();
        check(subject, R"({"user":{"id":"@05","external_id":"alice","name":"Alice","avatar_url":null,"metadata":{},)"
                       R"("created_at":"1970-01-01T00:00:00.000Z","updated_at":"1970-01-01T00:00:00.000Z"}})");
        subject.user.reset();
        check(subject, R"({"user":{"id":"@05","external_id":null,"name":"","deleted":true}})");
        subject.event.external_id = "alice";
        subject.event.name = "Alice";
        check(subject, R"({"user":{"id":"@05","external_id":"alice","name":"Alice","deleted":true}})");
    }
}

TEST_CASE("the body of ping is empty") { check(subject_of(WebhookEvent::ping), "{}"); }

}  // namespace
}  // namespace cariosan::protocol
