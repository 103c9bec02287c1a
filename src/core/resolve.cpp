#include "core/resolve.hpp"

#include <algorithm>
#include "core/propagate.hpp"

namespace cariosan::core {
namespace {

/// The greatest UUID below this one.
Uuid before(Uuid uuid) {
    for (auto byte = uuid.bytes.rbegin(); byte != uuid.bytes.rend(); ++byte) {
        if ((*byte)-- != 0) break;
    }
    return uuid;
}

}  // namespace

Result<std::optional<User>> find_user(WorkspaceId workspace, std::string_view reference, Context& context) {
    UserReader& users = context.reader.users();
    if (const auto id = UserId::parse(reference)) {
        auto user = users.find(workspace, *id);
        if (!user || *user) return user;
    }
    return users.find_external(workspace, reference);
}

Result<std::optional<Channel>> find_channel(WorkspaceId workspace, std::string_view reference,
                                            Context& context) {
    ChannelReader& channels = context.reader.channels();
    if (const auto id = ChannelId::parse(reference)) {
        auto channel = channels.find(workspace, *id);
        if (!channel || *channel) return channel;
    }
    return channels.find_external(workspace, reference);
}

Result<User> resolve_user(WorkspaceId workspace, std::string_view reference, std::string_view field,
                          Context& context) {
    CARIOSAN_TRY(auto user, find_user(workspace, reference, context));
    if (!user) return not_found("user").with("field", std::string(field));
    return std::move(*user);
}

Result<std::vector<User>> resolve_external_users(WorkspaceId workspace,
                                                 const std::vector<std::string>& external_ids,
                                                 std::string_view field, Context& context) {
    std::vector<User> users;
    users.reserve(external_ids.size());
    for (const std::string& external_id : external_ids) {
        if (std::ranges::find(users, external_id, &User::external_id) != users.end()) continue;
        CARIOSAN_TRY(auto user, context.reader.users().find_external(workspace, external_id));
        if (!user) {
            return not_found("user").with("field", std::string(field)).with("external_id", external_id);
        }
        users.push_back(std::move(*user));
    }
    return users;
}

Result<std::optional<Member>> find_member(ChannelId channel, UserId user, Context& context) {
    // The list is in the order of user ids: if there, it is the first one after its predecessor.
    CARIOSAN_TRY(auto members, context.reader.members().list(channel, UserId{before(user.uuid)}, 1));
    if (members.empty() || members.front().user.id != user) return std::optional<Member>();
    return std::optional(std::move(members.front()));
}

Result<WorkspaceSettings> settings_of(Workspace workspace, Context& context) {
    CARIOSAN_TRY(auto moderation, context.reader.workspaces().moderation(workspace.id));
    return WorkspaceSettings{std::move(workspace), std::move(moderation)};
}

}  // namespace cariosan::core
