#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetChannel& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<GetChannel>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("channel", command.channel).result());
    CARIOSAN_TRY(auto access, open_channel<GetChannel>(actor, command.channel, context));
    return Outcome{.answer = std::move(access.channel)};
}

}  // namespace cariosan::core
