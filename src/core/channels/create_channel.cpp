#include <algorithm>

#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"
#include "core/text/visible_text.hpp"

namespace cariosan::core {
namespace {

Result<Done> check_shape(const CreateChannel& command, const Limits& limits) {
    const bool group = command.type == ChannelType::group;
    Fields fields(limits);
    fields.require(!group || command.external_id, "external_id", " is required for a group")
        .require(group || !command.avatar_url, "avatar_url", " is for groups only")
        .name("name", command.name, Empty::allowed)
        .url("avatar_url", command.avatar_url)
        .external_ids("member_external_ids", command.member_external_ids, limits.members_per_call, Empty::allowed);
    if (command.external_id) fields.new_external_id("external_id", *command.external_id);
    if (command.created_by) fields.reference("created_by", *command.created_by);
    return fields.result();
}

/// The initial members. `admin` is one of `users`; a direct channel has none.
struct Founders {
    std::vector<UserId> users;
    std::optional<UserId> admin;
};

Result<Founders> find_founders(const CreateChannel& command, WorkspaceId workspace, Context& context) {
    CARIOSAN_TRY(auto listed, resolve_external_users(workspace, command.member_external_ids,
                                                     "member_external_ids", context));
    Founders founders;
    for (const User& user : listed) founders.users.push_back(user.id);
    if (!founders.users.empty()) founders.admin = founders.users.front();
    if (command.created_by) {
        CARIOSAN_TRY(auto creator, resolve_user(workspace, *command.created_by, "created_by", context));
        founders.admin = creator.id;
        // The creator of a channel always becomes a member.
        if (std::ranges::find(founders.users, creator.id) == founders.users.end()) {
            founders.users.push_back(creator.id);
        }
    }
    if (std::cmp_greater(founders.users.size(), context.limits.members_per_call)) {
        return over_limit("member_external_ids", context.limits.members_per_call,
                          "member_external_ids has too many", "users");
    }
    if (command.type == ChannelType::direct) {
        if (founders.users.size() != 2) {
            return direct_channel_has_two("member_external_ids");
        }
        founders.admin.reset();
    }
    return founders;
}

}  // namespace

Result<Plan> plan(const CreateChannel& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<CreateChannel>(caller, context));
    CARIOSAN_TRY_DONE(check_shape(command, context.limits));
    CARIOSAN_TRY(auto metadata, check_metadata(command.metadata, context));

    if (command.type == ChannelType::group) {
        // An existing group is returned as it is, whatever else the request names.
        CARIOSAN_TRY(auto known,
                     context.reader.channels().find_external(actor.workspace.id, *command.external_id));
        if (known && known->type != ChannelType::group) {
            return external_id_is_taken();
        }
        if (known) {
            const std::int64_t rev = known->rev;
            return answered(std::move(*known), rev);
        }
    }
    CARIOSAN_TRY(auto founders, find_founders(command, actor.workspace.id, context));
    return planned(mutation::CreateChannel{.workspace = actor.workspace.id,
                                           .new_id = context.ids.make<ChannelId>(),
                                           .type = command.type,
                                           .external_id = command.external_id,
                                           .name = shown_or_empty(command.name),
                                           .avatar_url = command.avatar_url,
                                           .metadata = std::move(metadata),
                                           .members = std::move(founders.users),
                                           .admin = founders.admin,
                                           .max_memberships = context.limits.memberships_per_user,
                                           .at = context.now,
                                           .imported = command.imported});
}

}  // namespace cariosan::core
