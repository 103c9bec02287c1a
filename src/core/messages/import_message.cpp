#include "core/access.hpp"
#include "core/messages/request_hash.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {
namespace {

Result<Done> check_shape(const ImportMessage& command, Timestamp now, const Limits& limits) {
    Fields fields(limits);
    fields.reference("channel", command.channel)
        .reference("user", command.user)
        .key("idempotency_key", command.idempotency_key, limits.idempotency_key_bytes);
    if (command.parent_key) fields.key("parent_key", *command.parent_key, limits.idempotency_key_bytes);
    // A time that RFC 3339 cannot express could not be read back.
    fields.require(Timestamp::parse(command.at.to_string()) == command.at, "at",
                   " is not in the years 0000 to 9999");
    fields.require(command.at <= now, "at", " is in the future");
    auto shape = fields.result();
    if (!shape) return shape;
    if (std::cmp_greater(command.text.size(), limits.message_bytes)) {
        return message_too_long("text", limits);
    }
    return Fields(limits).key("text", command.text, limits.message_bytes).result();
}

/// Whether the message was stored before its parent and the parent must still be added.
bool lacks_parent(const ImportMessage& command, const Message& stored) {
    return command.parent_key && !command.dry_run && !stored.parent_id && !stored.deleted_at;
}

}  // namespace

Result<Plan> plan(const ImportMessage& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ImportMessage>(caller, context));
    CARIOSAN_TRY_DONE(check_shape(command, context.now, context.limits));
    CARIOSAN_TRY(const auto channel, open_channel<ImportMessage>(actor, command.channel, context));
    CARIOSAN_TRY(const auto author, resolve_user(actor.workspace.id, command.user, "user", context));

    mutation::SendMessage send;
    send.workspace = actor.workspace.id;
    send.channel = channel.channel.id;
    send.author = author.id;
    send.author_is_member = false;
    send.as_user = false;
    send.content = command.text;
    send.metadata = "{}";
    send.parent_key = command.parent_key;
    send.parent_follows = command.parent_follows;
    send.idempotency_key = command.idempotency_key;
    send.at = command.at;
    send.imported = true;
    send.dry_run = command.dry_run;

    CARIOSAN_TRY(auto hash, hash_request(send, context));
    send.request_hash = hash;
    if (!context.at_once) {
        // A repeat need not wait for the writer. Without a reader, the commit looks the key up.
        CARIOSAN_TRY(auto known, find_known_send(send, channel.channel.rev, context));
        if (known && !lacks_parent(command, std::get<Message>(known->answer))) return Plan(std::move(*known));
    }

    // The parent may precede this message in the same batch: only the commit can look for it.
    send.id = context.ids.make<MessageId>();
    return planned(std::move(send));
}

}  // namespace cariosan::core
