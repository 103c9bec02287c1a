#include "protocol/json/webhook_body.hpp"

#include <cariosan/webhooks.hpp>
#include <memory>

#include "engine/engine_ports.hpp"
#include "protocol/json/json_objects.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

/// Writes `data`: one method per kind of object.
class DataWriter {
  public:
    DataWriter(std::string& out, const outbox::WebhookSubject& subject)
        : out_(out), subject_(subject), event_(subject.event) {}

    void write() {
        write_object(out_, [this](ObjectWriter& data) { write(data); });
    }

  private:
    void write(ObjectWriter& data) const {
        switch (event_.event) {
            case WebhookEvent::message_created: return write_message(data);
            case WebhookEvent::message_updated: return write_text(data);
            case WebhookEvent::message_deleted: return write_deleted_message(data);
            case WebhookEvent::reaction_added:
            case WebhookEvent::reaction_removed: return write_reaction(data);
            case WebhookEvent::message_mentioned: return write_mentions(data);
            case WebhookEvent::message_moderated: return write_moderated(data);
            case WebhookEvent::channel_created:
            case WebhookEvent::channel_updated:
            case WebhookEvent::channel_deleted: return write_channel(data);
            case WebhookEvent::member_joined:
            case WebhookEvent::member_left:
            case WebhookEvent::member_updated: return write_member(data);
            case WebhookEvent::user_created:
            case WebhookEvent::user_updated:
            case WebhookEvent::user_deleted:
            case WebhookEvent::user_suspended:
            case WebhookEvent::user_restored: return write_user(data);
            case WebhookEvent::report_created: return write_report(data);
            case WebhookEvent::ping: return;
        }
    }

    template <class Tag>
    static void id_or_null(ObjectWriter& object, std::string_view name, const std::optional<Id<Tag>>& id) {
        if (id) {
            object.id(name, *id);
        } else {
            object.null(name);
        }
    }
    void write_channel_ids(ObjectWriter& object) const {
        id_or_null(object, "channel_id", event_.channel);
        object.string_or_null("channel_external_id", event_.channel_external_id);
    }
    void write_message_ids(ObjectWriter& object) const {
        id_or_null(object, "id", event_.message);
        write_channel_ids(object);
    }
    /// When the message was deleted. If it disappeared with its channel: when this was noticed.
    Timestamp deleted_at() const {
        if (subject_.message && subject_.message->deleted_at) return *subject_.message->deleted_at;
        return event_.event == WebhookEvent::message_deleted ? event_.at : subject_.read_at;
    }

    void write_message(ObjectWriter& data) const {
        if (!subject_.message) return write_deleted_message(data);
        append_message(data.key("message"), *subject_.message, {});
    }
    void write_text(ObjectWriter& data) const {
        if (!subject_.message || subject_.message->deleted_at) return write_deleted_message(data);
        write_object(data.key("message"), [this](ObjectWriter& object) {
            write_message_ids(object);
            object.string("content", subject_.message->content);
            object.time_or_null("edited_at", subject_.message->edited_at);
        });
    }
    void write_deleted_message(ObjectWriter& data) const {
        write_object(data.key("message"), [this](ObjectWriter& object) {
            write_message_ids(object);
            object.time("deleted_at", deleted_at());
        });
    }
    void write_reaction(ObjectWriter& data) const {
        write_object(data.key("reaction"), [this](ObjectWriter& object) {
            id_or_null(object, "message_id", event_.message);
            write_channel_ids(object);
            id_or_null(object, "user_id", event_.user);
            object.string("emoji", event_.detail);
        });
    }
    void write_mentions(ObjectWriter& data) const {
        id_or_null(data, "message_id", event_.message);
        write_channel_ids(data);
        append_user_summary(data.key("by_user"), author());
        write_array(data.key("mentions"), subject_.mentions, append_mention);
    }
    void write_moderated(ObjectWriter& data) const {
        write_channel_ids(data);
        id_or_null(data, "user_id", event_.user);
        if (event_.message) data.id("message_id", *event_.message);
        if (!subject_.record) return;
        data.string("rule", to_string(subject_.record->rule));
        data.string("action", to_string(subject_.record->action));
        data.string("excerpt", subject_.record->excerpt);
    }
    void write_channel(ObjectWriter& data) const {
        std::string& out = data.key("channel");
        if (subject_.channel) return append_channel(out, *subject_.channel);
        write_object(out, [this](ObjectWriter& object) {
            id_or_null(object, "id", event_.channel);
            object.string_or_null("external_id", event_.channel_external_id);
            if (!event_.detail.empty()) object.string("type", event_.detail);
            object.string("name", event_.name);
            object.boolean("deleted", true);
        });
    }
    void write_member(ObjectWriter& data) const {
        id_or_null(data, "channel_id", event_.channel);
        id_or_null(data, "user_id", event_.user);
        if (!event_.detail.empty()) data.string("role", event_.detail);
    }
    void write_user(ObjectWriter& data) const {
        std::string& out = data.key("user");
        if (subject_.user) return append_user_to_backend(out, *subject_.user);
        write_object(out, [this](ObjectWriter& object) {
            id_or_null(object, "id", event_.user);
            if (event_.external_id.empty()) {
                object.null("external_id");
            } else {
                object.string("external_id", event_.external_id);
            }
            object.string("name", event_.name);
            object.boolean("deleted", true);
        });
    }
    /// Nothing but its id is left of one whose channel was deleted in the meantime.
    void write_report(ObjectWriter& data) const {
        std::string& out = data.key("report");
        if (subject_.report) return append_report(out, *subject_.report);
        write_object(out, [this](ObjectWriter& object) {
            if (event_.record) object.id("id", ReportId{*event_.record});
        });
    }
    UserSummary author() const {
        UserSummary author;
        author.id = event_.user.value_or(UserId{});
        author.deleted = !subject_.user.has_value();
        if (subject_.user) {
            author.external_id = subject_.user->external_id;
            author.name = subject_.user->name;
            author.avatar_url = subject_.user->avatar_url;
            author.updated_at = subject_.user->updated_at;
        }
        return author;
    }

    std::string& out_;
    const outbox::WebhookSubject& subject_;
    const OutboxEvent& event_;
};

}  // namespace

std::string JsonWebhookBodyEncoder::encode(const outbox::WebhookSubject& subject) const {
    std::string body;
    write_object(body, [&](ObjectWriter& object) {
        object.string("event_id", outbox::wire_id(subject.event.id));
        object.string("event", to_string(subject.event.event));
        object.id("workspace_id", subject.event.workspace);
        object.time("created_at", subject.event.at);
        DataWriter(object.key("data"), subject).write();
    });
    return body;
}

}  // namespace cariosan::protocol

namespace cariosan::engine {

std::unique_ptr<outbox::WebhookBodyEncoder> make_webhook_body_encoder() {
    return std::make_unique<protocol::JsonWebhookBodyEncoder>();
}

}  // namespace cariosan::engine
