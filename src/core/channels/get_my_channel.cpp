#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetMyChannel& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<GetMyChannel>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits)
                          .reference("channel", command.channel)
                          .number("members", command.members, 1, context.limits.members_shown)
                          .result());
    CARIOSAN_TRY(const auto access, open_channel<GetMyChannel>(actor, command.channel, context));
    CARIOSAN_TRY(auto mine, context.reader.channels().find_of(actor.workspace.id, actor.user->id, access.channel.id,
                                                              command.members));
    if (!mine) return caller_is_no_member();
    return Outcome{.answer = std::move(*mine)};
}

}  // namespace cariosan::core
