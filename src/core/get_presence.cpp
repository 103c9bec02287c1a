#include <algorithm>

#include "core/access.hpp"
#include "core/fields.hpp"
#include "core/resolve.hpp"

namespace cariosan::core {
namespace {

/// The ids of those who exist, each once.
Result<std::vector<UserId>> existing_users(WorkspaceId workspace, const std::vector<std::string>& references,
                                           Context& context) {
    std::vector<UserId> ids;
    ids.reserve(references.size());
    for (const std::string& reference : references) {
        const auto user = find_user(workspace, reference, context);
        if (!user) return user.error();
        if (*user && std::ranges::find(ids, (*user)->id) == ids.end()) ids.push_back((*user)->id);
    }
    return ids;
}

}  // namespace

Result<Outcome> read(const GetPresence& command, const Caller& caller, Context& context) {
    const auto actor = authorize<GetPresence>(caller, context);
    if (!actor) return actor.error();
    const std::int64_t limit =
        command.to_subscribe ? context.limits.presence_subscriptions : context.limits.presence_users;
    Fields fields(context.limits);
    fields.number("users", static_cast<std::int64_t>(command.users.size()), 1, limit);
    for (const std::string& reference : command.users) fields.reference("users", reference);
    auto shape = fields.result();
    if (!shape) return std::move(shape).error();

    const auto users = existing_users(actor->workspace.id, command.users, context);
    if (!users) return users.error();
    auto found = context.reader.users().sharing(actor->workspace.id, actor->user->id, *users);
    if (!found) return std::move(found).error();
    for (UserPresence& each : *found) {
        const auto present = context.presence.find(each.user_id);
        if (!present) continue;
        each.online = present->online;
        each.last_seen_at = present->online ? std::nullopt : std::optional(present->last_seen);
    }
    return Outcome{.answer = Page<UserPresence>{.items = std::move(*found)}};
}

}  // namespace cariosan::core
