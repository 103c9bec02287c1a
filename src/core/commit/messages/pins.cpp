// Pinning a message to its channel.
#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"
#include "core/commit/messages/message_target.hpp"
#include "core/refusals.hpp"

namespace cariosan::commit {

Result<Committed> decide(BatchRows& rows, const mutation::PinMessage& pin) {
    const auto target = find_target(rows, pin.workspace, pin.channel, pin.message, pin.actor, false);
    if (!target) return target.error();
    if (auto open = check_open(rows, *target->channel); !open) return open.error();
    if (auto allowed = check_not_frozen(*target->channel, *target->actor); !allowed) return allowed.error();
    if (auto allowed = check_actor(rows, *target->channel, pin.actor); !allowed) return allowed.error();
    if (target->message.pinned == pin.pinned) return message_done(rows, *target, false);
    if (pin.pinned && pin.max_pins > 0 && rows.messages.count_pins(target->channel->id) >= pin.max_pins) {
        return too_many("message_id", pin.max_pins, "pinned messages", "a channel");
    }
    rows.messages.write_pin(target->message.id, BatchRows::next_rev(*target->channel),
                            pin.pinned ? std::optional(pin.at) : std::nullopt, target->actor->user);
    return message_done(rows, *target, true);
}

}  // namespace cariosan::commit
