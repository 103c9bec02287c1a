/// A message as named in a command: its channel and its id.
#pragma once

#include <string_view>

#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

struct MessagePlace {
    ChannelId channel;
    MessageId message;
};

/// Checks both names and the caller's right in the channel: `not_found`, `not_a_member`. Whether the message exists is decided
/// in the commit.
template <AnyCommand C>
Result<MessagePlace> open_message(const Actor& actor, std::string_view channel, std::string_view message,
                                  Context& context) {
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("channel", channel).result());
    const auto id = MessageId::parse(message);
    if (!id) return message_id_is_none("message_id");
    CARIOSAN_TRY(const auto access, open_channel<C>(actor, channel, context));
    return MessagePlace{.channel = access.channel.id, .message = *id};
}

/// The message as the caller sees it: `not_found`.
inline Result<Message> find_message(const MessagePlace& place, const Actor& actor, Context& context) {
    Viewpoint viewer;
    viewer.user = actor.user_id();
    CARIOSAN_TRY(auto found, context.reader.messages().find(place.channel, place.message, viewer));
    if (!found) return message_is_missing("message_id");
    return std::move(*found);
}

}  // namespace cariosan::core
