#include "core/events/events_of.hpp"

#include <memory>
#include <utility>

#include "core/workspaces/client_settings.hpp"

namespace cariosan::core {
namespace {

std::shared_ptr<Event> durable(WorkspaceId workspace, const Channel& channel, std::int64_t rev) {
    auto event = std::make_shared<Event>();
    event->workspace = workspace;
    event->channel = channel.id;
    event->channel_external_id = channel.external_id;
    event->rev = rev;
    return event;
}

/// One overload for each mutation, so that a new one cannot be forgotten here.
struct EventsOf {
    const Committed& committed;
    std::vector<EventRef> events{};

    void operator()(const mutation::SendMessage& send) {
        const auto* message = std::get_if<Message>(&committed.object);
        if (message == nullptr) return;
        if (!committed.created) {
            return of_message(send.workspace, *message, MessageUpdated{.message = seen_by_all(*message)});
        }
        auto created = std::make_shared<Event>();
        created->workspace = send.workspace;
        created->channel = send.channel;
        created->channel_external_id = message->channel_external_id;
        created->rev = committed.rev;
        created->body = MessageCreated{seen_by_all(*message)};
        events.push_back(std::move(created));
        // An import writes history, not news.
        if (send.imported || message->mentions.empty()) return;
        std::vector<UserId> users;
        for (const Mention& mention : message->mentions) users.push_back(mention.user_id);
        mentioned(send.workspace, *message, std::move(users));
    }

    void operator()(const mutation::EditMessage& edit) {
        const auto* message = std::get_if<Message>(&committed.object);
        if (message == nullptr) return;
        of_message(edit.workspace, *message,
                   MessageUpdated{.message = seen_by_all(*message), .mentions_changed = committed.mentioned.has_value()});
        if (committed.mentioned && !committed.mentioned->empty()) mentioned(edit.workspace, *message, *committed.mentioned);
    }
    void operator()(const mutation::DeleteMessage& remove) {
        const auto* message = std::get_if<Message>(&committed.object);
        if (message == nullptr) return;
        of_message(remove.workspace, *message,
                   MessageDeleted{.message_id = message->id,
                                  .seq = message->seq,
                                  .deleted_at = message->deleted_at.value_or(remove.at),
                                  .author = message->user.id});
    }
    void operator()(const mutation::PinMessage& pin) {
        const auto* message = std::get_if<Message>(&committed.object);
        if (message != nullptr) of_message(pin.workspace, *message, MessageUpdated{.message = seen_by_all(*message)});
    }
    void operator()(const mutation::FileReport&) {}
    void operator()(const mutation::UpdateReport&) {}
    void operator()(const mutation::RecordLastSeen&) {}
    void operator()(const mutation::ForgetErasedFiles&) {}
    void operator()(const mutation::AddReaction& add) { reaction(add, true); }
    void operator()(const mutation::RemoveReaction& remove) { reaction(remove, false); }

    void operator()(const mutation::CreateChannel& create) {
        const auto* made = std::get_if<CommittedChannel>(&committed.object);
        if (made == nullptr || !committed.created) return;
        auto event = durable(create.workspace, made->channel, committed.rev);
        event->body = ChannelCreated{made->channel, made->members};
        events.push_back(std::move(event));
    }

    void operator()(const mutation::UpdateChannel& update) {
        const auto* updated = std::get_if<CommittedChannel>(&committed.object);
        if (updated == nullptr) return;
        auto event = durable(update.workspace, updated->channel, committed.rev);
        event->body = ChannelUpdated{updated->channel};
        events.push_back(std::move(event));
    }

    void operator()(const mutation::DeleteChannel& remove) {
        const auto* removed = std::get_if<CommittedChannel>(&committed.object);
        if (removed == nullptr) return;
        auto event = durable(remove.workspace, removed->channel, committed.rev);
        event->body = ChannelDeleted{removed->channel};
        events.push_back(std::move(event));
    }

    void operator()(const mutation::AddMembers& add) { members(add.workspace, MembersEvent::Kind::joined); }
    void operator()(const mutation::UpdateMember& update) {
        members(update.workspace, MembersEvent::Kind::updated);
    }
    void operator()(const mutation::RemoveMember& remove) {
        members(remove.workspace, MembersEvent::Kind::left);
    }

    void operator()(const mutation::MoveReceipt& move) {
        const auto* moved = std::get_if<CommittedReceipt>(&committed.object);
        if (moved == nullptr) return;
        if (moved->read_moved || moved->delivered_moved) receipt_moved(move, move.channel, *moved);
        if (moved->preferences) preferences_changed(move, *moved->preferences);
    }
    void operator()(const mutation::SetPreferences& set) {
        const auto* preferences = std::get_if<Preferences>(&committed.object);
        if (preferences != nullptr) preferences_changed(set, *preferences);
    }

    template <class M>
    void preferences_changed(const M& mutation, const Preferences& preferences) {
        auto event = std::make_shared<Event>();
        event->workspace = mutation.workspace;
        event->channel = mutation.channel;
        event->body = PreferencesChanged{mutation.user, preferences};
        events.push_back(std::move(event));
    }
    void operator()(const mutation::MoveDelivered& move) {
        const auto* moved = std::get_if<CommittedReceipts>(&committed.object);
        if (moved == nullptr) return;
        for (const auto& place : moved->places) {
            if (place.receipt.delivered_moved) receipt_moved(move, place.channel, place.receipt);
        }
    }

    template <class M>
    void receipt_moved(const M& move, ChannelId channel, const CommittedReceipt& moved) {
        auto event = std::make_shared<Event>();
        event->workspace = move.workspace;
        event->channel = channel;
        ReceiptMoved body{moved.state.receipt, moved.read_moved, moved.delivered_moved};
        body.receipt.read_hidden = move.read_hidden;
        event->body = body;
        events.push_back(std::move(event));
    }

    void operator()(const mutation::UpsertUser& upsert) {
        if (!committed.created) user_updated(upsert.workspace);
    }
    void operator()(const mutation::UpdateUser& update) { user_updated(update.workspace); }

    void user_updated(WorkspaceId workspace) {
        const auto* user = std::get_if<CommittedUser>(&committed.object);
        if (user == nullptr) return;
        auto event = std::make_shared<Event>();
        event->workspace = workspace;
        event->body = UserUpdated{user->user, user->channels};
        events.push_back(std::move(event));
    }

    void operator()(const mutation::DeleteUser& remove) {
        const auto* user = std::get_if<CommittedUser>(&committed.object);
        if (user == nullptr) return;
        auto event = std::make_shared<Event>();
        event->workspace = remove.workspace;
        event->body = UserDeleted{user->user.id, user->channels};
        events.push_back(std::move(event));
    }
    void operator()(const mutation::SuspendUser& suspend) { suspended(suspend.workspace, true); }
    void operator()(const mutation::RestoreUser& restore) { suspended(restore.workspace, false); }

    void suspended(WorkspaceId workspace, bool suspended) {
        const auto* user = std::get_if<CommittedUser>(&committed.object);
        if (user == nullptr) return;
        of_workspace(workspace, UserSuspended{user->user.id, user->user.external_id, suspended});
    }
    void operator()(const mutation::UpdateWorkspace& update) {
        of_workspace(update.workspace, WorkspaceUpdated{});
        const auto* updated = std::get_if<WorkspaceSettings>(&committed.object);
        if (updated == nullptr || !committed.settings_changed) return;
        of_workspace(update.workspace, SettingsUpdated{client_settings(*updated, update.server)});
    }
    void operator()(const mutation::DeleteWorkspace& remove) { of_workspace(remove.workspace, WorkspaceDeleted{}); }

    void of_workspace(WorkspaceId workspace, EventBody body) {
        auto event = std::make_shared<Event>();
        event->workspace = workspace;
        event->body = std::move(body);
        events.push_back(std::move(event));
    }

    void operator()(const mutation::CreateWebhook&) {}
    void operator()(const mutation::RotateWebhookSecret&) {}
    void operator()(const mutation::UpdateWebhook&) {}
    void operator()(const mutation::DeleteWebhook&) {}
    void operator()(const mutation::PingWebhook&) {}
    void operator()(const mutation::RetryDelivery&) {}
    void operator()(const mutation::LeaseWebhooks&) {}
    void operator()(const mutation::FinishDeliveries&) {}
    void operator()(const mutation::RegisterDevice&) {}
    void operator()(const mutation::RemoveDevice&) {}
    void operator()(const mutation::LeasePushJobs&) {}
    void operator()(const mutation::FinishPushPart&) {}
    void operator()(const mutation::FinishDeletion&) {}
    void operator()(const mutation::CreateWorkspace&) {}
    void operator()(const mutation::RotateSecret&) {}
    void operator()(const mutation::UnsilenceUser&) {}

    void operator()(const mutation::SilenceUser& silence) {
        silenced(silence.workspace, {silence.user, silence.channel});
    }
    void operator()(const mutation::RecordModeration& record) {
        if (!record.silence_until) return;
        if (const auto* send = std::get_if<mutation::SendMessage>(&record.refused)) {
            silenced(send->workspace, {send->author});
        } else {
            const auto& edit = std::get<mutation::EditMessage>(record.refused);
            silenced(edit.workspace, {edit.actor});
        }
    }

    void silenced(WorkspaceId workspace, UserSilenced body) {
        auto event = std::make_shared<Event>();
        event->workspace = workspace;
        event->body = body;
        events.push_back(std::move(event));
    }

    void operator()(const mutation::BlockUser& block) { blocked(block.workspace, block.user); }
    void operator()(const mutation::UnblockUser& unblock) { blocked(unblock.workspace, unblock.user); }

    void blocked(WorkspaceId workspace, UserId user) {
        const auto* block = std::get_if<CommittedBlock>(&committed.object);
        if (block == nullptr) return;
        auto event = std::make_shared<Event>();
        event->workspace = workspace;
        event->body = BlockUpdated{.user_id = user,
                                   .blocked_user = block->block.user.id,
                                   .blocked = block->blocked,
                                   .blocks_rev = block->blocks_rev};
        events.push_back(std::move(event));
    }

    /// A committed message is as the acting user sees it; this removes the personal parts.
    static Message seen_by_all(Message message) {
        message.reactions = seen_by_all(std::move(message.reactions));
        if (message.quoted_message) message.quoted_message->hidden = false;
        return message;
    }

    static std::vector<Reaction> seen_by_all(std::vector<Reaction> reactions) {
        for (Reaction& reaction : reactions) reaction.reacted_by_me = false;
        return reactions;
    }

    void of_message(WorkspaceId workspace, const Message& message, EventBody body) {
        auto event = std::make_shared<Event>();
        event->workspace = workspace;
        event->channel = message.channel_id;
        event->channel_external_id = message.channel_external_id;
        event->rev = committed.rev;
        event->body = std::move(body);
        events.push_back(std::move(event));
    }

    template <class M>
    void reaction(const M& mutation, bool added) {
        const auto* message = std::get_if<Message>(&committed.object);
        if (message == nullptr) return;
        of_message(mutation.workspace, *message,
                   ReactionChanged{.added = added,
                                   .message_id = message->id,
                                   .user_id = mutation.user,
                                   .emoji = committed.emoji,
                                   .reactions = seen_by_all(message->reactions),
                                   .author = message->user.id});
    }

    void mentioned(WorkspaceId workspace, const Message& message, std::vector<UserId> users) {
        auto event = std::make_shared<Event>();
        event->workspace = workspace;
        event->channel = message.channel_id;
        event->channel_external_id = message.channel_external_id;
        event->body = Mentioned{.message_id = message.id, .by = message.user.id, .users = std::move(users)};
        events.push_back(std::move(event));
    }

    void members(WorkspaceId workspace, MembersEvent::Kind kind) {
        const auto* changed = std::get_if<CommittedMembers>(&committed.object);
        if (changed == nullptr) return;
        auto event = durable(workspace, changed->channel, committed.rev);
        event->body = MembersEvent{.kind = kind,
                                   .members = changed->members,
                                   .last_seq = changed->channel.last_seq,
                                   .member_count = changed->channel.member_count};
        events.push_back(std::move(event));
    }
};

}  // namespace

std::vector<EventRef> events_of(const Mutation& mutation, const Committed& committed) {
    if (!committed.changed || committed.duplicate) return {};
    EventsOf events{committed};
    std::visit(events, mutation);
    return std::move(events.events);
}

}  // namespace cariosan::core
