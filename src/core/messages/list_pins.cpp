#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListPins& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListPins>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("channel", command.channel).result());
    CARIOSAN_TRY(const auto access, open_channel<ListPins>(actor, command.channel, context));
    Viewpoint viewer;
    viewer.user = actor.user_id();
    CARIOSAN_TRY(auto pins, context.reader.messages().pins(access.channel.id, viewer));
    return Outcome{.answer = MessagePage{.messages = std::move(pins),
                                         .rev = access.channel.rev,
                                         .receipt_rev = access.channel.receipt_rev,
                                         .epoch = std::string(context.epoch)}};
}

}  // namespace cariosan::core
