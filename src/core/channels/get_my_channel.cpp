#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetMyChannel& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<GetMyChannel>(caller, context));
    CARIOSAN_TRY_DONE(
        Fields(context.limits).reference("channel", command.channel).shown(command.members).result());
    CARIOSAN_TRY(auto mine, find_mine<GetMyChannel>(actor, command.channel, command.members, context));
    return Outcome{.answer = std::move(mine)};
}

}  // namespace cariosan::core
