/// Shared by marking as read and as delivered.
#pragma once

#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

/// Plans to move the caller's position of that kind to the message named in the command, or to the newest one.
template <AnyCommand C>
Result<Plan> plan_receipt(ReceiptKind kind, const C& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<C>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("channel", command.channel).result());
    const auto id = command.message_id ? MessageId::parse(*command.message_id) : std::nullopt;
    if (command.message_id && !id) return message_id_is_none("message_id");

    CARIOSAN_TRY(const auto access, open_channel<C>(actor, command.channel, context));
    mutation::MoveReceipt move{.workspace = actor.workspace.id,
                              .channel = access.channel.id,
                              .user = actor.user->id,
                              .kind = kind,
                              .seq = {},
                              .at = context.now,
                              .read_hidden = !actor.workspace.read_receipts_enabled};
    if (id) {
        CARIOSAN_TRY(const auto message, context.reader.messages().find(access.channel.id, *id));
        if (!message) return message_is_missing("message_id");
        move.seq = message->seq;
    }
    return planned(move);
}

}  // namespace cariosan::core
