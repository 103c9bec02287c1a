#include "core/access.hpp"
#include "core/messages/message_reference.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetMessage& command, const Caller& caller, Context& context) {
    const auto actor = authorize<GetMessage>(caller, context);
    if (!actor) return actor.error();
    const auto place = open_message<GetMessage>(*actor, command.channel, command.message_id, context);
    if (!place) return place.error();
    auto message = find_message(*place, *actor, context);
    if (!message) return std::move(message).error();
    return Outcome{.answer = std::move(*message)};
}

}  // namespace cariosan::core
