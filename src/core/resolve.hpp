/// From the names callers use to the objects they refer to. Everything is only looked up in the caller's workspace: objects of
/// others do not exist.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/use_case.hpp"

namespace cariosan::core {

// While a send or an import is planned at once, these know only the cache's content, and an unknown name is an error.

/// Absent if it was deleted, or never created.
Result<std::optional<Workspace>> find_workspace(WorkspaceId id, Context& context);
/// By reference: a canonical UUID is looked up as internal id first, then as `external_id`.
Result<std::optional<User>> find_user(WorkspaceId workspace, std::string_view reference, Context& context);
/// By internal id alone.
Result<std::optional<User>> find_user_by_id(WorkspaceId workspace, UserId id, Context& context);
Result<std::optional<Channel>> find_channel(WorkspaceId workspace, std::string_view reference,
                                            Context& context);

/// The key for the hashes of idempotent requests.
Result<PlanCache::IdempotencySecret> find_idempotency_secret(WorkspaceId id, Context& context);
/// The moderation settings of a workspace. Never known while a send is planned at once.
Result<ModerationSettings> find_moderation(WorkspaceId id, Context& context);

/// Like `find_user`, but a missing user is `not_found` with `details.field`.
Result<User> resolve_user(WorkspaceId workspace, std::string_view reference, std::string_view field,
                          Context& context);

/// The users with these `external_id`s, each once, in the order in which they are first named; `not_found`
/// with `details.field` and `details.external_id` for the first that does not exist.
Result<std::vector<User>> resolve_external_users(WorkspaceId workspace,
                                                 const std::vector<std::string>& external_ids,
                                                 std::string_view field, Context& context);

/// The workspace with all its settings.
Result<WorkspaceSettings> settings_of(Workspace workspace, Context& context);

/// A user's current membership as others see it; absent if they are not a member.
Result<std::optional<Member>> find_member(ChannelId channel, UserId user, Context& context);

}  // namespace cariosan::core
