#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/access.hpp"
#include "core/messages/mentions.hpp"
#include "core/messages/request_hash.hpp"
#include "core/moderation/moderate_text.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"
#include "core/text/visible_text.hpp"

namespace cariosan::core {
namespace {

Result<Done> check_author_field(const SendMessage& command, const Actor& actor) {
    if (actor.user) {
        if (command.user) return invalid_field("user", "user cannot be set by a user: it is always the caller");
        if (command.type == MessageType::system) {
            return Error(ErrorCode::forbidden, "only a backend sends system messages").with("field", "type");
        }
    } else if (!command.user) {
        return invalid_field("user", "user is required: the author of the message");
    }
    return Done{};
}

MessageType type_of(const SendMessage& command) {
    return command.type.value_or(command.attachment_url ? MessageType::file : MessageType::text);
}

Result<Done> check_attachment(const SendMessage& command, WorkspaceId workspace, const Context& context) {
    const MessageType type = type_of(command);
    const bool needed = type == MessageType::image || type == MessageType::file;
    if (!needed && !command.attachment_url) return Done{};
    if (context.attachments == nullptr) return attachments_unavailable();
    if (!command.attachment_url) {
        return invalid_field("attachment_url", "attachment_url is required for the types image and file");
    }
    if (!needed) return invalid_field("type", "type must be image or file with an attachment");
    if (!context.attachments->accepts(*command.attachment_url, workspace)) {
        return invalid_field("attachment_url", "attachment_url is not a public_url of an upload to this workspace");
    }
    return Done{};
}

Result<Done> check_names(const SendMessage& command, const Limits& limits) {
    Fields fields(limits);
    fields.reference("channel", command.channel);
    if (command.user) fields.reference("user", *command.user);
    if (command.idempotency_key) {
        fields.key("idempotency_key", *command.idempotency_key, limits.idempotency_key_bytes);
    }
    if (command.parent_id) {
        fields.require(MessageId::parse(*command.parent_id).has_value(), "parent_id", " is not a message id");
    }
    check_mentions(fields, command.mentions, shown_or_empty(command.content), limits);
    return fields.result();
}

Result<Done> check_shape(const SendMessage& command, const Actor& actor, const Context& context) {
    auto shape = check_names(command, context.limits);
    if (shape) shape = check_author_field(command, actor);
    if (shape) shape = check_attachment(command, actor.workspace.id, context);
    if (!shape) return shape;
    return check_text(command.content, context.limits, command.attachment_url ? Empty::allowed : Empty::refused);
}

Result<User> find_author(const SendMessage& command, const Actor& actor, Context& context) {
    if (actor.user) return *actor.user;
    return resolve_user(actor.workspace.id, *command.user, "user", context);
}

struct ResolvedSend {
    mutation::SendMessage send;
    bool mention_missing = false;
};

/// Finds everything the command names. Decides nothing about rights.
Result<ResolvedSend> resolve(const SendMessage& command, const Actor& actor, ChannelId channel,
                             std::string metadata, Context& context) {
    CARIOSAN_TRY(const auto author, find_author(command, actor, context));
    CARIOSAN_TRY(auto mentions, find_mentions(command.mentions, actor.workspace.id, context));

    mutation::SendMessage send;
    send.workspace = actor.workspace.id;
    send.channel = channel;
    send.author = author.id;
    send.as_user = actor.user.has_value();
    send.type = type_of(command);
    send.content = shown_or_empty(command.content);
    send.attachment_url = command.attachment_url;
    send.metadata = std::move(metadata);
    if (command.parent_id) send.parent = MessageId::parse(*command.parent_id);
    send.mentions = std::move(mentions.mentions);
    send.idempotency_key = command.idempotency_key;
    send.at = context.now;
    send.push = context.push;
    return ResolvedSend{.send = std::move(send), .mention_missing = !mentions.missing.empty()};
}

/// The message sent under this key before, if there is one. A user it mentions may have been deleted and can no longer be found
/// by name: the mentions still stored with the message replace the names not found. A deleted message has none left; then the
/// key alone decides.
Result<std::optional<Outcome>> find_sent_before(mutation::SendMessage& send, bool mention_missing,
                                                std::int64_t channel_rev, Context& context) {
    if (mention_missing) {
        CARIOSAN_TRY(auto known, context.reader.messages().find_sent(send.channel, send.author,
                                                                     *send.idempotency_key));
        if (!known) return std::optional<Outcome>();
        Message& message = known->message;
        if (message.deleted_at) {
            return std::optional(Outcome{.answer = std::move(message), .duplicate = true, .rev = channel_rev});
        }
        std::ranges::copy_if(message.mentions, std::back_inserter(send.mentions),
                             [](const Mention& mention) { return mention.external_id.empty(); });
    }
    CARIOSAN_TRY(auto hash, hash_request(send, context));
    send.request_hash = hash;
    return find_known_send(send, channel_rev, context);
}

void drop_what_others_wrote(Message& message) {
    message.quoted_message.reset();
    message.reactions.clear();
}

/// A user who is no longer a member gets the message alone: the parent's text and the reactions are for members.
Result<Outcome> answer_known(Outcome known, const mutation::SendMessage& send, Context& context) {
    CARIOSAN_TRY(const auto member, context.reader.members().find(send.channel, send.author));
    if (!member) drop_what_others_wrote(std::get<Message>(known.answer));
    return known;
}

/// A known idempotency key is answered before any refusal: the message already exists. When planned without a reader, nothing is
/// refused here, and the commit looks the key up.
Result<std::optional<Outcome>> answer_repeat(ResolvedSend& resolved, const Actor& actor, std::int64_t channel_rev,
                                             Context& context) {
    mutation::SendMessage& send = resolved.send;
    if (!send.idempotency_key) return std::optional<Outcome>();
    if (context.at_once) {
        CARIOSAN_TRY(send.request_hash, hash_request(send, context));
        return std::optional<Outcome>();
    }
    auto known = find_sent_before(send, resolved.mention_missing, channel_rev, context);
    const bool is_new = known && !*known;
    if (is_new || !actor.user) return known;
    // A repeat only reads and is charged as a read, not as a send, so a client that lost the answer need not wait.
    CARIOSAN_TRY_DONE(context.rates.take({actor.workspace.id, actor.user->id}, RateKind::read, context.elapsed));
    if (!known) return known;
    CARIOSAN_TRY(auto answer, answer_known(std::move(**known), send, context));
    return std::optional(std::move(answer));
}

/// Only members may write and be mentioned; a reply's parent must be in the same channel. The parent may have been deleted in
/// the meantime: the reply is still worth keeping.
Result<Done> check_permission(const mutation::SendMessage& send, Context& context) {
    CARIOSAN_TRY(const auto author, context.reader.members().find(send.channel, send.author));
    if (!author) return author_is_no_member();

    for (const Mention& mention : send.mentions) {
        CARIOSAN_TRY(const auto member, context.reader.members().find(send.channel, mention.user_id));
        if (!member) return mention_of_no_member();
    }
    if (send.parent) {
        CARIOSAN_TRY(const auto parent, context.reader.messages().find(send.channel, *send.parent));
        if (!parent) return parent_is_missing("parent_id");
    }
    return Done{};
}

/// Identifies a send across its retries by the idempotency key; without a key each attempt is a send of its own.
std::uint64_t flood_send(const mutation::SendMessage& send, Context& context) {
    std::uint64_t out = 0;
    if (send.idempotency_key) {
        const Digest digest = context.crypto.sha256(*send.idempotency_key);
        std::memcpy(&out, digest.data(), sizeof(out));
    } else {
        // The last eight bytes of an id are random.
        std::memcpy(&out, send.id.uuid.bytes.data() + 8, sizeof(out));
    }
    return out;
}

}  // namespace

/// Steps 1 to 5 are here. The engine takes it from there: 6 commit, 7 publish, 8 wake the outbox.
Result<Plan> plan(const SendMessage& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<SendMessage>(caller, context));

    // 1. Shape.
    CARIOSAN_TRY_DONE(check_shape(command, actor, context));
    CARIOSAN_TRY(auto metadata, check_metadata(command.metadata, context));

    CARIOSAN_TRY(const auto channel, find_channel(actor.workspace.id, command.channel, context));
    if (!channel) return not_found("channel").with("field", "channel");
    CARIOSAN_TRY(auto resolved, resolve(command, actor, channel->id, std::move(metadata), context));
    mutation::SendMessage* const send = &resolved.send;

    // 2. A known idempotency key.
    CARIOSAN_TRY(auto known, answer_repeat(resolved, actor, channel->rev, context));
    if (known) return Plan(std::move(*known));

    if (resolved.mention_missing) return mention_of_nobody();

    // 3. Permission. The commit checks again; without a reader, only the commit checks.
    if (!context.at_once) {
        CARIOSAN_TRY_DONE(check_permission(*send, context));
        if (send->as_user) {
            CARIOSAN_TRY_DONE(precheck_not_silenced(send->channel, send->author, context));
        }
    }

    // 4. Rate.
    std::shared_ptr<SendCharge> charge;
    if (actor.user) {
        const RateKey key{actor.workspace.id, actor.user->id};
        CARIOSAN_TRY_DONE(context.rates.take(key, RateKind::send, context.elapsed));
        if (context.at_once) charge = std::make_shared<SendCharge>(context.rates, key, context.elapsed);
    }

    // 5. Moderation. Backends are trusted.
    send->id = context.ids.make<MessageId>();
    ModeratedText moderated{.content = std::move(send->content)};
    if (actor.user) {
        CARIOSAN_TRY(moderated, moderate_text({.workspace = actor.workspace,
                                               .channel = send->channel,
                                               .user = send->author,
                                               .text = moderated.content,
                                               .send = flood_send(*send, context)},
                                              context));
    }

    // 6. The engine does the commit and everything after it.
    PlannedMutation planned = with_moderation(std::move(*send), std::move(moderated));
    planned.charge = std::move(charge);
    return Plan(std::move(planned));
}

}  // namespace cariosan::core
