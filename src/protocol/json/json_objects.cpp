#include "protocol/json/json_objects.hpp"

#include "protocol/commands/moderation_field.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

void write_workspace(ObjectWriter& object, const Workspace& workspace) {
    object.id("id", workspace.id);
    object.string("name", workspace.name);
    object.boolean("test", workspace.test);
    object.boolean("read_receipts_enabled", workspace.read_receipts_enabled);
    object.integer_or_null("edit_window_seconds", workspace.edit_window_seconds);
    object.time("created_at", workspace.created_at);
}

void append_quote(std::string& out, const Quote& quote, bool hidden) {
    write_object(out, [&](ObjectWriter& object) {
        object.id("id", quote.id);
        if (hidden) {
            object.boolean("hidden", true);
            return;
        }
        object.id("user_id", quote.user_id);
        object.string("user_name", quote.user_name);
        object.string("content", quote.content);
        object.string("type", to_string(quote.type));
        object.boolean("deleted", quote.deleted);
    });
}

/// Members that deleted messages do not have.
void write_message_extras(ObjectWriter& object, const Message& message, MessageView view) {
    if (message.parent_id) object.id("parent_id", *message.parent_id);
    if (const auto& quote = message.quoted_message) {
        append_quote(object.key("quoted_message"), *quote, quote->hidden || view.hide_quote);
    }
    if (!message.mentions.empty()) write_array(object.key("mentions"), message.mentions, append_mention);
    if (!message.pin) return;
    object.time("pinned_at", message.pin->at);
    append_user_summary(object.key("pinned_by"), message.pin->by);
}

}  // namespace

Viewer::Viewer(const Caller& caller) {
    if (caller.kind() != Caller::Kind::user) return;
    id_ = UserId::parse(caller.user_reference());
    external_id_ = caller.user_reference();
}

MessageView Viewer::of(const Message& message) const {
    const bool personal = !external_id_.empty();
    if (message.user.deleted) return {.own = false, .personal = personal, .hide_quote = false};
    const bool own =
        id_ == message.user.id || (!external_id_.empty() && external_id_ == message.user.external_id);
    return {.own = own, .personal = personal, .hide_quote = false};
}

void append_figures(std::string& out, const WorkspaceFigures& figures) {
    write_object(out, [&](ObjectWriter& object) {
        object.integer("users", figures.users);
        object.integer("channels", figures.channels);
        object.integer("messages", figures.messages);
        object.integer("open_reports", figures.open_reports);
        object.integer("webhooks", figures.webhooks);
        object.integer("webhooks_disabled", figures.webhooks_disabled);
        object.integer("pending_deliveries", figures.pending_deliveries);
        object.integer("counted_to", figures.counted_to);
    });
}

void append_workspace(std::string& out, const Workspace& workspace) {
    write_object(out, [&](ObjectWriter& object) { write_workspace(object, workspace); });
}

void append_settings(std::string& out, const WorkspaceSettings& settings) {
    write_object(out, [&](ObjectWriter& object) {
        write_workspace(object, settings);
        append_moderation(object.key("moderation"), settings.moderation);
    });
}

void append_credentials(std::string& out, const WorkspaceCredentials& credentials) {
    write_object(out, [&](ObjectWriter& object) {
        write_workspace(object, credentials);
        object.string("api_key", credentials.api_key);
        object.string("api_secret", credentials.api_secret);
    });
}

void append_client_settings(std::string& out, const ClientSettings& settings) {
    write_object(out, [&](ObjectWriter& object) {
        object.boolean("read_receipts_enabled", settings.read_receipts_enabled);
        object.integer_or_null("edit_window_seconds", settings.edit_window_seconds);
        object.integer("max_message_bytes", settings.max_message_bytes);
        if (!settings.attachments) return object.null("attachments");
        write_object(object.key("attachments"), [&](ObjectWriter& attachments) {
            write_array(attachments.key("types"), settings.attachments->types,
                        [](std::string& item, const std::string& type) { append_json_string(item, type); });
            attachments.integer("max_bytes", settings.attachments->max_bytes);
        });
    });
}

void write_user(ObjectWriter& object, const User& user) {
    object.id("id", user.id);
    object.string("external_id", user.external_id);
    object.string("name", user.name);
    object.string_or_null("avatar_url", user.avatar_url);
    object.raw("metadata", user.metadata);
    object.time("created_at", user.created_at);
    object.time("updated_at", user.updated_at);
}

void append_user(std::string& out, const User& user) {
    write_object(out, [&](ObjectWriter& object) { write_user(object, user); });
}

void append_user_to_backend(std::string& out, const User& user) {
    write_object(out, [&](ObjectWriter& object) {
        write_user(object, user);
        if (!user.suspension) return;
        write_object(object.key("suspension"), [&](ObjectWriter& suspension) {
            suspension.time_or_null("until", user.suspension->until);
            suspension.string_or_null("reason", user.suspension->reason);
            suspension.time("created_at", user.suspension->created_at);
        });
    });
}

void append_user_summary(std::string& out, const UserSummary& user) {
    write_object(out, [&](ObjectWriter& object) {
        object.id("id", user.id);
        if (user.deleted) {
            object.null("external_id");
            object.string("name", "");
            object.boolean("deleted", true);
            return;
        }
        object.string("external_id", user.external_id);
        object.string("name", user.name);
        object.string_or_null("avatar_url", user.avatar_url);
        object.time("updated_at", user.updated_at);
    });
}

void write_channel(ObjectWriter& object, const Channel& channel) {
    object.id("id", channel.id);
    object.string_or_null("external_id", channel.external_id);
    object.string("type", to_string(channel.type));
    object.string("name", channel.name);
    object.string_or_null("avatar_url", channel.avatar_url);
    object.raw("metadata", channel.metadata);
    object.integer("slow_mode_seconds", channel.slow_mode_seconds);
    object.boolean("frozen", channel.frozen);
    object.integer("member_count", channel.member_count);
    object.integer("rev", channel.rev);
    object.integer("settings_rev", channel.settings_rev);
    object.integer("receipt_rev", channel.receipt_rev);
    object.integer("last_seq", channel.last_seq);
    object.time("created_at", channel.created_at);
}

void append_channel(std::string& out, const Channel& channel) {
    write_object(out, [&](ObjectWriter& object) { write_channel(object, channel); });
}

void append_span(std::string& out, const TextSpan& span) {
    out += '[';
    append_json_integer(out, span.start);
    out += ',';
    append_json_integer(out, span.length);
    out += ']';
}

void append_mention(std::string& out, const Mention& mention) {
    write_object(out, [&](ObjectWriter& object) {
        object.id("user_id", mention.user_id);
        if (mention.external_id.empty()) {
            object.null("external_id");
        } else {
            object.string("external_id", mention.external_id);
        }
        object.string("name", mention.name);
        if (mention.spans.empty()) return;
        write_array(object.key("spans"), mention.spans, append_span);
    });
}

void append_member(std::string& out, const Member& member) {
    write_object(out, [&](ObjectWriter& object) {
        if (member.left) {
            object.id("user_id", member.user.id);
            object.boolean("left", true);
        } else {
            append_user_summary(object.key("user"), member.user);
            object.string("role", to_string(member.role));
            object.time("joined_at", member.joined_at);
        }
        object.integer("rev", member.rev);
    });
}

void append_message(std::string& out, const Message& message, MessageView view) {
    const bool deleted = message.deleted_at.has_value();
    write_object(out, [&](ObjectWriter& object) {
        object.id("id", message.id);
        object.id("channel_id", message.channel_id);
        object.string_or_null("channel_external_id", message.channel_external_id);
        object.integer("seq", message.seq);
        object.integer("rev", message.rev);
        append_user_summary(object.key("user"), message.user);
        object.string("type", to_string(message.type));
        object.string("content", deleted ? std::string_view() : std::string_view(message.content));
        object.string_or_null("attachment_url", deleted ? std::nullopt : message.attachment_url);
        object.raw("metadata", deleted ? std::string_view("{}") : std::string_view(message.metadata));
        if (!deleted) write_message_extras(object, message, view);
        append_reactions(object.key("reactions"), message.reactions, view.personal);
        if (view.own && message.idempotency_key) object.string("idempotency_key", *message.idempotency_key);
        object.time("created_at", message.created_at);
        object.time_or_null("edited_at", message.edited_at);
        object.time_or_null("deleted_at", message.deleted_at);
    });
}

void append_presence(std::string& out, const UserPresence& presence) {
    write_object(out, [&](ObjectWriter& object) {
        object.id("user_id", presence.user_id);
        object.string("external_id", presence.external_id);
        object.string("status", presence.online ? "online" : "offline");
        object.time_or_null("last_seen_at", presence.last_seen_at);
    });
}

void append_reactions(std::string& out, const std::vector<Reaction>& reactions, bool personal) {
    write_array(out, reactions, [&](std::string& item, const Reaction& reaction) {
        write_object(item, [&](ObjectWriter& object) {
            object.string("emoji", reaction.emoji);
            object.integer("count", reaction.count);
            if (personal) object.boolean("reacted_by_me", reaction.reacted_by_me);
        });
    });
}

void append_message_reaction(std::string& out, const MessageReaction& reaction) {
    write_object(out, [&](ObjectWriter& object) {
        if (reaction.user) {
            append_user_summary(object.key("user"), *reaction.user);
        } else {
            object.null("user");
        }
        object.string("emoji", reaction.emoji);
        object.time("at", reaction.at);
    });
}

void append_receipt(std::string& out, const Receipt& receipt) {
    write_object(out, [&](ObjectWriter& object) {
        object.id("user_id", receipt.user_id);
        if (!receipt.read_hidden) {
            object.integer("last_read_seq", receipt.last_read_seq);
            object.time_or_null("last_read_at", receipt.last_read_at);
        }
        object.integer("last_delivered_seq", receipt.last_delivered_seq);
        object.time_or_null("last_delivered_at", receipt.last_delivered_at);
    });
}

void append_presigned_upload(std::string& out, const PresignedUpload& upload) {
    write_object(out, [&](ObjectWriter& object) {
        object.string("upload_url", upload.upload_url);
        object.string("method", upload.method);
        write_object(object.key("headers"), [&](ObjectWriter& headers) {
            for (const UploadHeader& each : upload.headers) headers.string(each.name, each.value);
        });
        object.string("public_url", upload.public_url);
        object.time("expires_at", upload.expires_at);
    });
}

void append_block(std::string& out, const Block& block) {
    write_object(out, [&](ObjectWriter& object) { write_block(object, block); });
}

void write_block(ObjectWriter& object, const Block& block) {
    append_user_summary(object.key("user"), block.user);
    object.time("created_at", block.created_at);
}

void append_device(std::string& out, const Device& device) {
    write_object(out, [&](ObjectWriter& object) {
        object.string("token", device.token);
        object.string("platform", to_string(device.platform));
        object.time("created_at", device.created_at);
    });
}

void append_silence(std::string& out, const Silence& silence) {
    write_object(out, [&](ObjectWriter& object) {
        append_user_summary(object.key("user"), silence.user);
        if (silence.channel_id) {
            object.id("channel_id", *silence.channel_id);
        } else {
            object.null("channel_id");
        }
        object.string_or_null("channel_external_id", silence.channel_external_id);
        object.time_or_null("until", silence.until);
        object.string_or_null("reason", silence.reason);
        object.time("created_at", silence.created_at);
    });
}

void write_preferences(ObjectWriter& object, const Preferences& preferences) {
    object.boolean("muted", preferences.muted);
    object.boolean("archived", preferences.archived);
    object.boolean("pinned", preferences.pinned);
    object.boolean("marked_unread", preferences.marked_unread);
    object.integer("preferences_rev", preferences.preferences_rev);
}

void write_channel_preferences(ObjectWriter& object, ChannelId channel, const Preferences& preferences) {
    object.id("channel_id", channel);
    write_preferences(object, preferences);
}

void write_my_channel(ObjectWriter& object, const MyChannel& item, const Viewer& viewer) {
    append_channel(object.key("channel"), item.channel);
    object.string("role", to_string(item.role));
    if (item.channel.type == ChannelType::direct) {
        // The other user of the channel, even if deleted.
        if (item.members.empty()) {
            object.null("peer");
        } else {
            append_user_summary(object.key("peer"), item.members.front().user);
        }
    } else {
        write_array(object.key("members"), item.members, append_member);
    }
    object.integer("member_count", item.channel.member_count);
    if (item.last_message) {
        append_message(object.key("last_message"), *item.last_message, viewer.of(*item.last_message));
    } else {
        object.null("last_message");
    }
    object.integer("unread_count", item.unread_count);
    object.integer("mention_count", item.mention_count);
    object.integer("last_read_seq", item.last_read_seq);
    object.integer("last_delivered_seq", item.last_delivered_seq);
    object.integer("rev", item.channel.rev);
    object.integer("receipt_rev", item.channel.receipt_rev);
    write_preferences(object, item.preferences);
    object.time("last_activity", item.last_activity);
}

void write_summary(ObjectWriter& object, const MyChannel& item, const Viewer& viewer) {
    object.boolean("summary", true);
    object.id("channel_id", item.channel.id);
    write_my_channel(object, item, viewer);
}

void write_left(ObjectWriter& object, ChannelId channel) {
    object.id("channel_id", channel);
    object.boolean("left", true);
}

void write_changes(ObjectWriter& object, const Changes& changes, const Viewer& viewer, bool with_counts) {
    object.id("channel_id", changes.channel_id);
    object.string("epoch", changes.epoch);
    object.integer("since", changes.since);
    object.integer("rev", changes.rev);
    object.integer("receipt_rev", changes.receipt_rev);
    object.boolean("reset", changes.reset);
    if (changes.channel) append_channel(object.key("channel"), *changes.channel);
    object.integer("member_count", changes.member_count);
    write_object(object.key("preferences"), [&](ObjectWriter& own) { write_preferences(own, changes.preferences); });
    write_array(object.key("messages"), changes.messages, [&](std::string& out, const Message& message) {
        append_message(out, message, viewer.of(message));
    });
    write_array(object.key("members"), changes.members, append_member);
    write_array(object.key("receipts"), changes.receipts, append_receipt);
    if (with_counts) {
        object.integer("unread_count", changes.unread_count);
        object.integer("mention_count", changes.mention_count);
    }
    object.boolean("has_more", changes.has_more);
}

void write_receipt_state(ObjectWriter& object, const ReceiptState& state) {
    object.integer("receipt_rev", state.receipt_rev);
    append_receipt(object.key("receipt"), state.receipt);
    object.integer("unread_count", state.unread_count);
    object.integer("mention_count", state.mention_count);
}

}  // namespace cariosan::protocol
