#include <utility>

#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {
namespace {

using Place = mutation::MoveDelivered::Place;

Result<Done> check(const MarkAllDelivered& command, const Limits& limits) {
    Fields fields(limits);
    fields.count("channels", command.channels.size(), limits.delivered_channels, "channels", Empty::allowed);
    for (const auto& each : command.channels) fields.reference("channels", each.channel);
    if (auto shape = fields.result(); !shape) return shape;
    for (const auto& each : command.channels) {
        if (!MessageId::parse(each.message_id)) return invalid_field("channels", "each channel needs the id of a message");
    }
    return Done{};
}

/// Absent if the channel is not one of the caller's, or does not have that message.
Result<std::optional<Place>> find_place(const MarkAllDelivered::Place& named, const Actor& actor, Context& context) {
    CARIOSAN_TRY(const auto channel, find_channel(actor.workspace.id, named.channel, context));
    if (!channel) return std::optional<Place>();
    CARIOSAN_TRY(const auto membership, context.reader.members().find(channel->id, actor.user->id));
    if (!membership) return std::optional<Place>();
    CARIOSAN_TRY(const auto message, context.reader.messages().find(channel->id, *MessageId::parse(named.message_id)));
    if (!message) return std::optional<Place>();
    return std::optional(Place{.channel = channel->id, .seq = message->seq});
}

}  // namespace

Result<Plan> plan(const MarkAllDelivered& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<MarkAllDelivered>(caller, context));
    CARIOSAN_TRY_DONE(check(command, context.limits));
    mutation::MoveDelivered move{.workspace = actor.workspace.id,
                                 .user = actor.user->id,
                                 .places = {},
                                 .at = context.now,
                                 .read_hidden = !actor.workspace.read_receipts_enabled};
    for (const auto& named : command.channels) {
        CARIOSAN_TRY(const auto place, find_place(named, actor, context));
        if (place) move.places.push_back(*place);
    }
    if (move.places.empty()) return answered(ChannelReceipts{});
    return planned(std::move(move));
}

}  // namespace cariosan::core
