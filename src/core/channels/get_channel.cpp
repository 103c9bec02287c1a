#include "core/access.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetChannel& command, const Caller& caller, Context& context) {
    const auto actor = authorize<GetChannel>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).reference("channel", command.channel).result();
    if (!shape) return std::move(shape).error();
    auto access = open_channel<GetChannel>(*actor, command.channel, context);
    if (!access) return std::move(access).error();
    return Outcome{.answer = std::move(access->channel)};
}

}  // namespace cariosan::core
