#include <doctest/doctest.h>

#include <cariosan/storage.hpp>
#include <string>
#include <vector>

namespace cariosan::core {
namespace {

UserId user_of(std::uint8_t number) {
    UserId id;
    id.uuid.bytes[15] = number;
    return id;
}

Committed of_message(std::vector<Mention> mentions = {}) {
    Message message;
    message.id.uuid.bytes[15] = 9;
    message.channel_id.uuid.bytes[15] = 7;
    message.channel_external_id = "order_1";
    message.user.id = user_of(1);
    message.mentions = std::move(mentions);
    message.created_at = {1000};
    Committed committed;
    committed.rev = 5;
    committed.object = std::move(message);
    return committed;
}

std::vector<WebhookEvent> kinds(const Mutation& mutation, const Committed& committed) {
    std::vector<WebhookEvent> all;
    for (const OutboxEvent& event : outbox_events(mutation, committed)) all.push_back(event.event);
    return all;
}

ModerationMatch match_of(std::uint8_t number) {
    ModerationMatch match;
    match.id.uuid.bytes[15] = number;
    return match;
}

}  // namespace

TEST_CASE("imports notify no webhook") {
    Committed user;
    user.created = true;
    user.object = CommittedUser{};
    Committed channel = user;
    channel.object = CommittedChannel{};
    Committed members;
    members.object = CommittedMembers{.channel = {}, .members = {Member{}}};
    for (const bool imported : {false, true}) {
        CHECK(kinds(mutation::UpsertUser{.imported = imported}, user).empty() == imported);
        CHECK(kinds(mutation::CreateChannel{.imported = imported}, channel).empty() == imported);
        CHECK(kinds(mutation::AddMembers{.imported = imported}, members).empty() == imported);
    }
}

TEST_CASE("a send notifies with its mentions and matches, and an import does not") {
    mutation::SendMessage send;
    send.author = user_of(1);
    send.matches = {match_of(21), match_of(22)};
    const Committed committed = of_message({{user_of(2), "budi", "Budi"}});
    const auto events = outbox_events(send, committed);
    REQUIRE(events.size() == 4);
    using enum WebhookEvent;
    CHECK(kinds(send, committed) ==
          std::vector{message_created, message_moderated, message_moderated, message_mentioned});
    CHECK(events[0].at == Timestamp{1000});
    CHECK(events[0].rev == 5);
    CHECK(events[0].channel_external_id == "order_1");
    CHECK(events[1].record->bytes[15] == 21);
    CHECK(events[2].record->bytes[15] == 22);
    CHECK(events[2].user == user_of(1));
    CHECK(events[3].mentions == std::vector{user_of(2)});
    send.imported = true;
    CHECK(outbox_events(send, committed).empty());
}

TEST_CASE("a refused message notifies with its records only") {
    mutation::SendMessage send;
    send.author = user_of(1);
    send.channel.uuid.bytes[15] = 7;
    send.matches = {match_of(21)};
    mutation::RecordModeration refused;
    refused.refused = send;
    const auto events = outbox_events(refused, Committed{});
    REQUIRE(events.size() == 1);
    CHECK(events[0].event == WebhookEvent::message_moderated);
    CHECK(events[0].channel == send.channel);
    CHECK(events[0].user == user_of(1));
    CHECK_FALSE(events[0].message.has_value());
}

TEST_CASE("writes without a change and known keys notify nobody") {
    Committed committed = of_message();
    committed.duplicate = true;
    CHECK(outbox_events(mutation::SendMessage{}, committed).empty());
    committed.duplicate = false;
    committed.changed = false;
    CHECK(outbox_events(mutation::EditMessage{}, committed).empty());
}

TEST_CASE("every joining member is an event, but members of a new channel are part of its creation") {
    CommittedMembers joined;
    for (std::uint8_t number = 1; number <= 3; ++number) {
        Member member;
        member.user.id = user_of(number);
        member.role = number == 1 ? Role::admin : Role::member;
        joined.members.push_back(member);
    }
    Committed committed;
    committed.object = joined;
    const auto events = outbox_events(mutation::AddMembers{}, committed);
    REQUIRE(events.size() == 3);
    CHECK(events[0].detail == "admin");
    CHECK(events[2].detail == "member");
    CHECK(events[2].user == user_of(3));
    committed.object = CommittedChannel{{}, joined.members};
    committed.created = true;
    CHECK(kinds(mutation::CreateChannel{}, committed) == std::vector{WebhookEvent::channel_created});
    committed.created = false;
    CHECK(kinds(mutation::CreateChannel{}, committed).empty());
}

TEST_CASE("events have names on the wire, in both directions") {
    for (unsigned number = 0; number <= static_cast<unsigned>(WebhookEvent::ping); ++number) {
        const auto event = static_cast<WebhookEvent>(number);
        CHECK(parse_webhook_event(to_string(event)) == event);
    }
    CHECK(to_string(WebhookEvent::reaction_added) == "message.reaction.added");
    CHECK_FALSE(parse_webhook_event("message.exploded").has_value());
    CHECK_FALSE(parse_webhook_event("").has_value());
}

}  // namespace cariosan::core
