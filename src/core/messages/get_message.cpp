#include "core/access.hpp"
#include "core/messages/message_reference.hpp"
#include "core/propagate.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetMessage& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<GetMessage>(caller, context));
    CARIOSAN_TRY(const auto place,
                 open_message<GetMessage>(actor, command.channel, command.message_id, context));
    CARIOSAN_TRY(auto message, find_message(place, actor, context));
    return Outcome{.answer = std::move(message)};
}

}  // namespace cariosan::core
