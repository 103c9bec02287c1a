#include <cariosan/storage.hpp>
#include <string>
#include <utility>

namespace cariosan {
namespace {

UserId author_of(const mutation::SendMessage& send) { return send.author; }
UserId author_of(const mutation::EditMessage& edit) { return edit.actor; }

/// One overload for each mutation, so that a new one cannot be forgotten here.
struct OutboxOf {
    const Committed& committed;
    std::vector<OutboxEvent> events{};

    void operator()(const mutation::SendMessage& send) {
        const auto* message = std::get_if<Message>(&committed.object);
        if (message == nullptr || send.imported) return;
        about_message(WebhookEvent::message_created, send.workspace, *message, message->created_at);
        moderated(send, message->id);
        if (message->mentions.empty()) return;
        OutboxEvent& event =
            about_message(WebhookEvent::message_mentioned, send.workspace, *message, message->created_at);
        event.user = message->user.id;
        for (const Mention& mention : message->mentions) event.mentions.push_back(mention.user_id);
    }
    void operator()(const mutation::EditMessage& edit) {
        const auto* message = std::get_if<Message>(&committed.object);
        if (message == nullptr) return;
        about_message(WebhookEvent::message_updated, edit.workspace, *message, edit.at);
        moderated(edit, message->id);
    }
    void operator()(const mutation::RecordModeration& record) {
        std::visit([this](const auto& refused) { moderated(refused, std::nullopt); }, record.refused);
    }
    void operator()(const mutation::DeleteMessage& remove) {
        const auto* message = std::get_if<Message>(&committed.object);
        if (message != nullptr) about_message(WebhookEvent::message_deleted, remove.workspace, *message, remove.at);
    }
    void operator()(const mutation::AddReaction& add) { reaction(WebhookEvent::reaction_added, add); }
    void operator()(const mutation::RemoveReaction& remove) { reaction(WebhookEvent::reaction_removed, remove); }

    void operator()(const mutation::CreateChannel& create) {
        if (committed.created && !create.imported) channel(WebhookEvent::channel_created, create);
    }
    void operator()(const mutation::UpdateChannel& update) { channel(WebhookEvent::channel_updated, update); }
    void operator()(const mutation::DeleteChannel& remove) { channel(WebhookEvent::channel_deleted, remove); }

    void operator()(const mutation::AddMembers& add) {
        if (!add.imported) members(WebhookEvent::member_joined, add);
    }
    void operator()(const mutation::RemoveMember& remove) { members(WebhookEvent::member_left, remove); }
    void operator()(const mutation::UpdateMember& update) { members(WebhookEvent::member_updated, update); }

    void operator()(const mutation::UpsertUser& upsert) {
        if (upsert.imported) return;
        user(committed.created ? WebhookEvent::user_created : WebhookEvent::user_updated, upsert);
    }
    void operator()(const mutation::UpdateUser& update) { user(WebhookEvent::user_updated, update); }
    void operator()(const mutation::DeleteUser& remove) { user(WebhookEvent::user_deleted, remove); }

    void operator()(const mutation::SuspendUser& suspend) { user(WebhookEvent::user_suspended, suspend); }
    void operator()(const mutation::RestoreUser& restore) { user(WebhookEvent::user_restored, restore); }
    void operator()(const mutation::PinMessage& pin) {
        const auto* message = std::get_if<Message>(&committed.object);
        if (message != nullptr) about_message(WebhookEvent::message_updated, pin.workspace, *message, pin.at);
    }
    void operator()(const mutation::FileReport& report) {
        OutboxEvent& event = add(WebhookEvent::report_created, report.workspace, report.at);
        event.channel = report.channel;
        event.message = report.message;
        event.user = report.reporter;
        event.record = report.id.uuid;
    }

    // No webhook events.
    void operator()(const mutation::UpdateReport&) {}
    void operator()(const mutation::CreateWorkspace&) {}
    void operator()(const mutation::UpdateWorkspace&) {}
    void operator()(const mutation::DeleteWorkspace&) {}
    void operator()(const mutation::RotateSecret&) {}
    void operator()(const mutation::MoveReceipt&) {}
    void operator()(const mutation::MoveDelivered&) {}
    void operator()(const mutation::SetPreferences&) {}
    void operator()(const mutation::SilenceUser&) {}
    void operator()(const mutation::UnsilenceUser&) {}
    void operator()(const mutation::BlockUser&) {}
    void operator()(const mutation::UnblockUser&) {}
    void operator()(const mutation::RecordLastSeen&) {}
    void operator()(const mutation::ForgetErasedFiles&) {}
    void operator()(const mutation::FinishDeletion&) {}
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

    OutboxEvent& add(WebhookEvent kind, WorkspaceId workspace, Timestamp at) {
        OutboxEvent& event = events.emplace_back();
        event.event = kind;
        event.workspace = workspace;
        event.at = at;
        event.rev = committed.rev;
        return event;
    }

    OutboxEvent& about_message(WebhookEvent kind, WorkspaceId workspace, const Message& message, Timestamp at) {
        OutboxEvent& event = add(kind, workspace, at);
        event.channel = message.channel_id;
        event.channel_external_id = message.channel_external_id;
        event.message = message.id;
        return event;
    }

    /// One event per record.
    template <class M>
    void moderated(const M& mutation, const std::optional<MessageId>& message) {
        for (const ModerationMatch& match : mutation.matches) {
            OutboxEvent& event = add(WebhookEvent::message_moderated, mutation.workspace, mutation.at);
            event.channel = mutation.channel;
            event.message = message;
            event.user = author_of(mutation);
            event.record = match.id.uuid;
        }
    }

    template <class M>
    void reaction(WebhookEvent kind, const M& mutation) {
        const auto* message = std::get_if<Message>(&committed.object);
        if (message == nullptr) return;
        OutboxEvent& event = about_message(kind, mutation.workspace, *message, mutation.at);
        event.user = mutation.user;
        event.detail = committed.emoji;
    }

    template <class M>
    void channel(WebhookEvent kind, const M& mutation) {
        const auto* changed = std::get_if<CommittedChannel>(&committed.object);
        if (changed == nullptr) return;
        OutboxEvent& event = add(kind, mutation.workspace, mutation.at);
        event.channel = changed->channel.id;
        event.channel_external_id = changed->channel.external_id;
        if (kind != WebhookEvent::channel_deleted) return;
        event.name = changed->channel.name;
        event.detail = to_string(changed->channel.type);
    }

    template <class M>
    void members(WebhookEvent kind, const M& mutation) {
        const auto* changed = std::get_if<CommittedMembers>(&committed.object);
        if (changed == nullptr) return;
        for (const Member& member : changed->members) {
            OutboxEvent& event = add(kind, mutation.workspace, mutation.at);
            event.channel = changed->channel.id;
            event.channel_external_id = changed->channel.external_id;
            event.user = member.user.id;
            event.detail = to_string(member.role);
        }
    }

    template <class M>
    void user(WebhookEvent kind, const M& mutation) {
        const auto* changed = std::get_if<CommittedUser>(&committed.object);
        if (changed == nullptr) return;
        OutboxEvent& event = add(kind, mutation.workspace, mutation.at);
        event.user = changed->user.id;
        if (kind != WebhookEvent::user_deleted) return;
        event.external_id = changed->user.external_id;
        event.name = changed->user.name;
    }
};

/// Empty for mutations without one.
struct TraceparentOf {
    template <class M>
    std::string operator()(const M& mutation) const {
        if constexpr (requires { mutation.traceparent; }) {
            return mutation.traceparent;
        } else {
            return {};
        }
    }
    std::string operator()(const mutation::RecordModeration& record) const { return std::visit(*this, record.refused); }
};

}  // namespace

std::vector<OutboxEvent> outbox_events(const Mutation& mutation, const Committed& committed) {
    if (!committed.changed || committed.duplicate) return {};
    OutboxOf outbox{committed};
    std::visit(outbox, mutation);
    const std::string traceparent = std::visit(TraceparentOf{}, mutation);
    for (OutboxEvent& event : outbox.events) event.traceparent = traceparent;
    return std::move(outbox.events);
}

}  // namespace cariosan
