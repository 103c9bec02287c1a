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

/// No caller sees this error: a reader then plans the send.
Error needs_reader() { return {ErrorCode::internal, "a reader has to look it up"}; }

/// The value if it is known without storage, otherwise the error that says a reader is needed.
template <class T>
Result<std::optional<T>> or_needs_reader(std::optional<T> known) {
    if (!known) return needs_reader();
    return known;
}

Result<std::optional<User>> read_user(WorkspaceId workspace, std::string_view reference, Context& context) {
    UserReader& users = context.reader.users();
    if (const auto id = UserId::parse(reference)) {
        auto user = users.find(workspace, *id);
        if (!user || *user) return user;
    }
    return users.find_external(workspace, reference);
}

Result<std::optional<Channel>> read_channel(WorkspaceId workspace, std::string_view reference, Context& context) {
    ChannelReader& channels = context.reader.channels();
    if (const auto id = ChannelId::parse(reference)) {
        auto channel = channels.find(workspace, *id);
        if (!channel || *channel) return channel;
    }
    return channels.find_external(workspace, reference);
}

}  // namespace

Result<std::optional<Workspace>> find_workspace(WorkspaceId id, Context& context) {
    if (context.at_once) return or_needs_reader(context.cache->workspace(id, context.elapsed));
    auto found = context.reader.workspaces().find(id);
    if (context.cache != nullptr && found && *found) context.cache->keep(**found, context.ticket);
    return found;
}

Result<std::optional<User>> find_user(WorkspaceId workspace, std::string_view reference, Context& context) {
    if (context.at_once) return or_needs_reader(context.cache->user(workspace, reference));
    auto found = read_user(workspace, reference, context);
    if (context.cache != nullptr && found && *found) context.cache->keep(workspace, reference, **found, context.ticket);
    return found;
}

Result<std::optional<User>> find_user_by_id(WorkspaceId workspace, UserId id, Context& context) {
    if (context.at_once) {
        auto known = context.cache->user(workspace, id.to_string());
        // A text that looks like an internal id may be another user's external one.
        if (!known || known->id != id) return needs_reader();
        return known;
    }
    auto found = context.reader.users().find(workspace, id);
    if (context.cache != nullptr && found && *found) context.cache->keep(workspace, id.to_string(), **found, context.ticket);
    return found;
}

Result<std::optional<Channel>> find_channel(WorkspaceId workspace, std::string_view reference,
                                            Context& context) {
    if (context.at_once) {
        const auto known = context.cache->channel(workspace, reference);
        if (!known) return needs_reader();
        Channel channel;
        channel.id = *known;
        return std::optional(std::move(channel));
    }
    auto found = read_channel(workspace, reference, context);
    if (context.cache != nullptr && found && *found) context.cache->keep(workspace, reference, (*found)->id, context.ticket);
    return found;
}

Result<PlanCache::IdempotencySecret> find_idempotency_secret(WorkspaceId id, Context& context) {
    if (context.at_once) {
        const auto known = context.cache->secret(id);
        if (!known) return needs_reader();
        return *known;
    }
    auto found = context.reader.workspaces().idempotency_secret(id);
    if (context.cache != nullptr && found) context.cache->keep_secret(id, *found);
    return found;
}

Result<ModerationSettings> find_moderation(WorkspaceId id, Context& context) {
    if (context.at_once) return needs_reader();
    return context.reader.workspaces().moderation(id);
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
    // The list is ordered by user id: the member, if present, is the first one after the id just below.
    CARIOSAN_TRY(auto members, context.reader.members().list(channel, UserId{before(user.uuid)}, 1));
    if (members.empty() || members.front().user.id != user) return std::optional<Member>();
    return std::optional(std::move(members.front()));
}

Result<WorkspaceSettings> settings_of(Workspace workspace, Context& context) {
    CARIOSAN_TRY(auto moderation, find_moderation(workspace.id, context));
    return WorkspaceSettings{std::move(workspace), std::move(moderation)};
}

}  // namespace cariosan::core
