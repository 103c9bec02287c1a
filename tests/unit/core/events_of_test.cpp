#include "core/events/events_of.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "unit/core/stage.hpp"

using namespace cariosan;
using core::events_of;
using test::Stage;

namespace {

Committed committed(decltype(Committed::object) object, std::int64_t rev = 9) {
    Committed made;
    made.rev = rev;
    made.object = std::move(object);
    return made;
}

Committed stored(Message message) {
    Committed made = committed(std::move(message));
    made.created = true;
    return made;
}

template <class Body>
const Body& body(const EventRef& event) {
    REQUIRE(std::holds_alternative<Body>(event->body));
    return std::get<Body>(event->body);
}

}  // namespace

TEST_CASE("a sent message is one event and each mention another") {
    Stage stage;
    const mutation::SendMessage send = stage.mutation<mutation::SendMessage>(
        SendMessage{.channel = "orders", .content = "x"}, stage.as(stage.alice));
    Message message = stage.world.add_message(stage.orders, stage.alice, "x");
    auto events = events_of(send, stored(message));
    REQUIRE(events.size() == 1);
    CHECK(events[0]->workspace == stage.shop);
    CHECK(events[0]->channel == stage.orders);
    CHECK(events[0]->channel_external_id == "orders");
    CHECK(events[0]->rev == 9);
    CHECK(body<MessageCreated>(events[0]).message.id == message.id);

    message.mentions = {{.user_id = stage.budi.id, .external_id = {}, .name = {}}};
    events = events_of(send, stored(message));
    REQUIRE(events.size() == 2);
    CHECK(events[1]->rev == 0);
    CHECK(events[1]->channel == stage.orders);
    CHECK(body<Mentioned>(events[1]).message_id == message.id);
    CHECK(body<Mentioned>(events[1]).by == stage.alice.id);
    CHECK(body<Mentioned>(events[1]).users == std::vector{stage.budi.id});
}

TEST_CASE("edits, deletions and reactions each cause one event with the message") {
    Stage stage;
    Message message = stage.world.add_message(stage.orders, stage.alice, "x");
    message.reactions = {{.emoji = "a", .count = 2, .reacted_by_me = true}};
    auto events = events_of(mutation::EditMessage{.workspace = stage.shop}, committed(message));
    REQUIRE(events.size() == 1);
    CHECK(events[0]->channel == stage.orders);
    CHECK(events[0]->rev == 9);
    CHECK(body<MessageUpdated>(events[0]).message.id == message.id);
    CHECK_FALSE(body<MessageUpdated>(events[0]).message.reactions.at(0).reacted_by_me);

    CHECK_FALSE(body<MessageUpdated>(events[0]).mentions_changed);
    Committed mentioning = committed(message);
    mentioning.mentioned = std::vector{stage.budi.id};
    events = events_of(mutation::EditMessage{.workspace = stage.shop}, mentioning);
    REQUIRE(events.size() == 2);
    CHECK(body<MessageUpdated>(events[0]).mentions_changed);
    CHECK(body<Mentioned>(events[1]).users == std::vector{stage.budi.id});
    mentioning.mentioned->clear();
    events = events_of(mutation::EditMessage{.workspace = stage.shop}, mentioning);
    REQUIRE(events.size() == 1);
    CHECK(body<MessageUpdated>(events[0]).mentions_changed);

    Committed reacted = committed(message);
    reacted.emoji = "a";  // as the message shows it
    events = events_of(mutation::AddReaction{.workspace = stage.shop, .user = stage.budi.id, .emoji = "a\uFE0F"}, reacted);
    REQUIRE(events.size() == 1);
    const auto& added = body<ReactionChanged>(events[0]);
    CHECK(added.added);
    CHECK(added.message_id == message.id);
    CHECK(added.user_id == stage.budi.id);
    CHECK(added.emoji == "a");
    CHECK(added.reactions.at(0).count == 2);
    CHECK_FALSE(added.reactions.at(0).reacted_by_me);
    reacted.emoji = "b";
    events = events_of(mutation::RemoveReaction{.workspace = stage.shop, .user = stage.budi.id, .emoji = "b\uFE0F"}, reacted);
    REQUIRE(events.size() == 1);
    CHECK_FALSE(body<ReactionChanged>(events[0]).added);
    CHECK(body<ReactionChanged>(events[0]).emoji == "b");

    message.deleted_at = Timestamp{7};
    events = events_of(mutation::DeleteMessage{.workspace = stage.shop}, committed(message));
    REQUIRE(events.size() == 1);
    const auto& deleted = body<MessageDeleted>(events[0]);
    CHECK(deleted.message_id == message.id);
    CHECK(deleted.seq == message.seq);
    CHECK(deleted.deleted_at == Timestamp{7});
}

TEST_CASE("a duplicate or a write without a change causes no event") {
    Committed duplicate = committed(Message{});
    duplicate.duplicate = true;
    CHECK(events_of(mutation::SendMessage{}, duplicate).empty());
    Committed unchanged = committed(CommittedChannel{});
    unchanged.changed = false;
    CHECK(events_of(mutation::UpdateChannel{}, unchanged).empty());
    unchanged.object = Message{};
    CHECK(events_of(mutation::EditMessage{}, unchanged).empty());
    CHECK(events_of(mutation::DeleteMessage{}, unchanged).empty());
    CHECK(events_of(mutation::AddReaction{}, unchanged).empty());
    CHECK(events_of(mutation::RemoveReaction{}, unchanged).empty());
    unchanged.object = CommittedMembers{};
    CHECK(events_of(mutation::AddMembers{}, unchanged).empty());
}

TEST_CASE("an imported message is in the feed and notifies nobody") {
    Message message;
    message.mentions.resize(1);
    mutation::SendMessage send;
    send.imported = true;
    const auto events = events_of(send, stored(message));
    REQUIRE(events.size() == 1);
    CHECK(events[0]->rev == 9);
}

TEST_CASE("an imported message that gets its parent later is an update") {
    Message message;
    message.parent_id = MessageId{};
    const auto events = events_of(mutation::SendMessage{.imported = true}, committed(message));
    REQUIRE(events.size() == 1);
    CHECK(events[0]->rev == 9);
    CHECK(body<MessageUpdated>(events[0]).message.parent_id);
}

TEST_CASE("creating a channel is an event for its members, and finding an existing one is not") {
    CommittedChannel made;
    made.channel.external_id = "orders";
    made.members.resize(2);
    Committed created = committed(made, 1);
    created.created = true;
    const auto events = events_of(mutation::CreateChannel{}, created);
    REQUIRE(events.size() == 1);
    CHECK(events[0]->rev == 1);
    CHECK(events[0]->channel_external_id == "orders");
    CHECK(body<ChannelCreated>(events[0]).members.size() == 2);
    CHECK(events_of(mutation::CreateChannel{}, committed(made, 1)).empty());
}

TEST_CASE("changing or deleting a channel is an event with its revision") {
    CommittedChannel changed;
    changed.channel.name = "new";
    const auto updated = events_of(mutation::UpdateChannel{}, committed(changed, 4));
    REQUIRE(updated.size() == 1);
    CHECK(updated[0]->rev == 4);
    CHECK(body<ChannelUpdated>(updated[0]).channel.name == "new");
    const auto deleted = events_of(mutation::DeleteChannel{}, committed(changed, 5));
    REQUIRE(deleted.size() == 1);
    CHECK(deleted[0]->rev == 5);
    CHECK(body<ChannelDeleted>(deleted[0]).channel.name == "new");
}

TEST_CASE("joins, leaves and changes of members are one event each") {
    CommittedMembers changed;
    changed.channel.last_seq = 7;
    changed.channel.member_count = 3;
    changed.members.resize(2);
    const auto check = [&](const Mutation& mutation, MembersEvent::Kind kind) {
        const auto events = events_of(mutation, committed(changed));
        REQUIRE(events.size() == 1);
        CHECK(events[0]->rev == 9);
        const auto& event = body<MembersEvent>(events[0]);
        CHECK(event.kind == kind);
        CHECK(event.last_seq == 7);
        CHECK(event.member_count == 3);
        CHECK(event.members.size() == 2);
    };
    check(mutation::AddMembers{}, MembersEvent::Kind::joined);
    check(mutation::RemoveMember{}, MembersEvent::Kind::left);
    check(mutation::UpdateMember{}, MembersEvent::Kind::updated);
}

TEST_CASE("a changed user is an event for its channels, and a new one is none") {
    CommittedUser user;
    user.channels.resize(2);
    const auto events = events_of(mutation::UpsertUser{}, committed(user, 0));
    REQUIRE(events.size() == 1);
    CHECK(events[0]->rev == 0);
    CHECK(events[0]->channel.is_nil());
    CHECK(body<UserUpdated>(events[0]).channels.size() == 2);
    Committed created = committed(user, 0);
    created.created = true;
    CHECK(events_of(mutation::UpsertUser{}, created).empty());
    CHECK(events_of(mutation::UpdateUser{}, committed(user, 0)).size() == 1);
}

TEST_CASE("a moved receipt is an event, hidden or not") {
    CommittedReceipt moved;
    moved.state.receipt.last_read_seq = 4;
    moved.read_moved = true;
    const auto events = events_of(mutation::MoveReceipt{}, committed(moved, 0));
    REQUIRE(events.size() == 1);
    CHECK(events[0]->rev == 0);
    CHECK(body<ReceiptMoved>(events[0]).read);
    CHECK_FALSE(body<ReceiptMoved>(events[0]).delivered);
    CHECK(body<ReceiptMoved>(events[0]).receipt.last_read_seq == 4);
    CHECK_FALSE(body<ReceiptMoved>(events[0]).receipt.read_hidden);
    const auto hidden = events_of(mutation::MoveReceipt{.read_hidden = true}, committed(moved, 0));
    CHECK(body<ReceiptMoved>(hidden.at(0)).receipt.read_hidden);
    Committed unmoved = committed(moved, 0);
    unmoved.changed = false;
    CHECK(events_of(mutation::MoveReceipt{}, unmoved).empty());
}

TEST_CASE("changed preferences are an event for their user, also where reading has changed them") {
    mutation::SetPreferences set;
    set.user.uuid.bytes[15] = 1;
    set.channel.uuid.bytes[15] = 2;
    const Preferences muted{.muted = true, .preferences_rev = 7};
    const auto events = events_of(set, committed(muted, 9));
    REQUIRE(events.size() == 1);
    CHECK(events[0]->rev == 0);
    CHECK(events[0]->channel == set.channel);
    CHECK(body<PreferencesChanged>(events[0]).user_id == set.user);
    CHECK(body<PreferencesChanged>(events[0]).preferences == muted);
    Committed unchanged = committed(muted, 9);
    unchanged.changed = false;
    CHECK(events_of(set, unchanged).empty());

    mutation::MoveReceipt read;
    read.user = set.user;
    read.channel = set.channel;
    CommittedReceipt moved;
    moved.preferences = muted;
    const auto unmoved = events_of(read, committed(moved, 0));
    REQUIRE(unmoved.size() == 1);
    CHECK(body<PreferencesChanged>(unmoved[0]).preferences == muted);
    moved.read_moved = true;
    const auto both = events_of(read, committed(moved, 0));
    REQUIRE(both.size() == 2);
    CHECK(body<ReceiptMoved>(both[0]).read);
    CHECK(body<PreferencesChanged>(both[1]).user_id == read.user);
}

TEST_CASE("a block is an event for the user who blocks") {
    CommittedBlock block;
    block.block.user.id.uuid.bytes[15] = 2;
    block.blocked = true;
    block.blocks_rev = 7;
    mutation::BlockUser made;
    made.user.uuid.bytes[15] = 1;
    const auto events = events_of(made, committed(block, 0));
    REQUIRE(events.size() == 1);
    CHECK(events[0]->rev == 0);
    const auto& event = body<BlockUpdated>(events[0]);
    CHECK(event.user_id == made.user);
    CHECK(event.blocked_user == block.block.user.id);
    CHECK(event.blocked);
    CHECK(event.blocks_rev == 7);
    block.blocked = false;
    const auto lifted = events_of(mutation::UnblockUser{.workspace = {}, .user = made.user}, committed(block, 0));
    REQUIRE(lifted.size() == 1);
    CHECK_FALSE(body<BlockUpdated>(lifted[0]).blocked);
    Committed unchanged = committed(block, 0);
    unchanged.changed = false;
    CHECK(events_of(mutation::UnblockUser{}, unchanged).empty());
}

TEST_CASE("a silence ends typing where it applies, even an automatic one") {
    mutation::SilenceUser silence;
    silence.user.uuid.bytes[15] = 1;
    const auto everywhere = events_of(silence, committed(Silence{}, 0));
    REQUIRE(everywhere.size() == 1);
    CHECK(everywhere[0]->rev == 0);
    CHECK(body<UserSilenced>(everywhere[0]).user_id == silence.user);
    CHECK_FALSE(body<UserSilenced>(everywhere[0]).channel);
    silence.channel.emplace().uuid.bytes[15] = 2;
    CHECK(body<UserSilenced>(events_of(silence, committed(Silence{}, 0)).at(0)).channel == silence.channel);

    mutation::SendMessage send;
    send.author = silence.user;
    mutation::RecordModeration refused{.refused = send};
    CHECK(events_of(refused, Committed{}).empty());
    refused.silence_until = Timestamp{1};
    CHECK(body<UserSilenced>(events_of(refused, Committed{}).at(0)).user_id == silence.user);
    mutation::EditMessage edit;
    edit.actor = silence.user;
    refused.refused = edit;
    CHECK(body<UserSilenced>(events_of(refused, Committed{}).at(0)).user_id == silence.user);
}

TEST_CASE("a quote hidden from the author is shown to the others") {
    Message message;
    message.quoted_message.emplace();
    message.quoted_message->content = "text";
    message.quoted_message->hidden = true;
    const auto created = events_of(mutation::SendMessage{}, stored(message));
    REQUIRE(created.size() == 1);
    CHECK_FALSE(body<MessageCreated>(created[0]).message.quoted_message->hidden);
    CHECK(body<MessageCreated>(created[0]).message.quoted_message->content == "text");
    const auto updated = events_of(mutation::EditMessage{}, committed(message));
    CHECK_FALSE(body<MessageUpdated>(updated.at(0)).message.quoted_message->hidden);
}

TEST_CASE("clients receive settings only when those they see change") {
    mutation::UpdateWorkspace update;
    update.server.max_message_bytes = 100;
    update.server.attachments.emplace().max_bytes = 200;
    WorkspaceSettings settings;
    settings.read_receipts_enabled = false;
    settings.edit_window_seconds = 60;
    Committed done = committed(settings);
    const auto silent = events_of(update, done);
    REQUIRE(silent.size() == 1);
    CHECK(std::holds_alternative<WorkspaceUpdated>(silent[0]->body));
    done.settings_changed = true;
    const auto events = events_of(update, done);
    REQUIRE(events.size() == 2);
    ClientSettings expected = update.server;
    expected.read_receipts_enabled = false;
    expected.edit_window_seconds = 60;
    CHECK(body<SettingsUpdated>(events[1]).settings == expected);
}

TEST_CASE("a change that nobody else sees is no event") {
    CHECK(events_of(mutation::UnsilenceUser{}, committed(Done{}, 0)).empty());
    CHECK(events_of(mutation::CreateWorkspace{}, committed(Workspace{})).empty());
    CHECK(events_of(mutation::RotateSecret{}, committed(Done{})).empty());
}
