#include "outbox/webhook_subject.hpp"

#include <doctest/doctest.h>

#include "unit/core/fakes.hpp"

namespace cariosan::test {
namespace {

/// A channel with a message by alice.
struct Scene {
    World world;
    WorkspaceId workspace = world.add_workspace();
    User alice = world.add_user(workspace, "alice");
    ChannelId channel = world.add_channel(workspace, ChannelType::group, "order_1").id;
    Message message = (world.add_member(channel, alice), world.add_message(channel, alice, "Halo"));

    outbox::WebhookSubject read(OutboxEvent event) {
        FakeReader reader(world);
        return outbox::read_subject(reader, event, Timestamp{7}).value();
    }
    OutboxEvent event_of(WebhookEvent kind) const {
        OutboxEvent event;
        event.event = kind;
        event.workspace = workspace;
        event.channel = channel;
        event.message = message.id;
        event.user = alice.id;
        return event;
    }
};

TEST_CASE("a message is read as it is now") {
    Scene scene;
    const auto subject = scene.read(scene.event_of(WebhookEvent::message_created));
    REQUIRE(subject.message.has_value());
    CHECK(subject.message->content == "Halo");
    CHECK(subject.read_at == Timestamp{7});
}

TEST_CASE("a message of another workspace, or of a deleted channel, is not delivered") {
    Scene scene;
    OutboxEvent event = scene.event_of(WebhookEvent::message_created);
    event.workspace = scene.world.add_workspace();
    CHECK_FALSE(scene.read(event).message.has_value());
    event = scene.event_of(WebhookEvent::message_created);
    event.channel = ChannelId{scene.world.next_id()};
    CHECK_FALSE(scene.read(event).message.has_value());
}

TEST_CASE("channels and users are read if the event is about them") {
    Scene scene;
    CHECK(scene.read(scene.event_of(WebhookEvent::channel_updated)).channel.has_value());
    CHECK_FALSE(scene.read(scene.event_of(WebhookEvent::channel_deleted)).channel.has_value());
    CHECK(scene.read(scene.event_of(WebhookEvent::user_created)).user->external_id == "alice");
    CHECK_FALSE(scene.read(scene.event_of(WebhookEvent::user_deleted)).user.has_value());
    CHECK_FALSE(scene.read(scene.event_of(WebhookEvent::member_left)).user.has_value());
}

TEST_CASE("of a deleted mentioned user only the id is left") {
    Scene scene;
    OutboxEvent event = scene.event_of(WebhookEvent::message_mentioned);
    event.mentions = {UserId{scene.world.next_id()}, scene.alice.id};
    const auto subject = scene.read(event);
    REQUIRE(subject.mentions.size() == 2);
    CHECK(subject.mentions[0].external_id.empty());
    CHECK(subject.mentions[1].external_id == "alice");
    CHECK(subject.user->external_id == "alice");
}

}  // namespace
}  // namespace cariosan::test
