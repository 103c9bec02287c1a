#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/text/fields.hpp"
#include "core/text/visible_text.hpp"

namespace cariosan::core {

Result<Plan> plan(const UpdateChannel& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<UpdateChannel>(caller, context));
    Fields fields(context.limits);
    fields.reference("channel", command.channel);
    if (command.name) fields.name("name", *command.name, Empty::allowed);
    if (command.avatar_url) fields.url("avatar_url", *command.avatar_url);
    if (command.slow_mode_seconds) {
        fields.number("slow_mode_seconds", *command.slow_mode_seconds, 0, context.limits.slow_mode_seconds);
    }
    CARIOSAN_TRY_DONE(fields.result());
    std::optional<std::string> name;
    if (command.name) name = shown_or_empty(*command.name);
    std::optional<std::string> metadata;
    if (command.metadata) {
        CARIOSAN_TRY(metadata, check_metadata(*command.metadata, context));
    }

    CARIOSAN_TRY(auto access, open_channel<UpdateChannel>(actor, command.channel, context));
    if (access.channel.type == ChannelType::direct && command.avatar_url && *command.avatar_url) {
        return invalid_field("avatar_url", "a direct channel has no avatar");
    }
    const bool restricts = command.slow_mode_seconds || command.frozen;
    if (restricts && actor.user && access.channel.type == ChannelType::direct) return caller_is_no_admin();
    if (!command.name && !command.avatar_url && !metadata && !restricts) {
        const std::int64_t rev = access.channel.rev;
        return answered(std::move(access.channel), rev);
    }
    return planned(mutation::UpdateChannel{.workspace = actor.workspace.id,
                                           .channel = access.channel.id,
                                           .actor = actor.user_id(),
                                           .name = std::move(name),
                                           .avatar_url = command.avatar_url,
                                           .metadata = std::move(metadata),
                                           .slow_mode_seconds = command.slow_mode_seconds,
                                           .frozen = command.frozen,
                                           .at = context.now});
}

}  // namespace cariosan::core
