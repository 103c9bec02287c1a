#include <algorithm>
#include <span>

#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {
namespace {

/// The budget of one page: some hundred users, each in hundreds of channels without the caller.
constexpr std::int64_t kPageSteps = 40'000;

/// The users who exist, once each, with the index of the first reference to them.
struct NamedUsers {
    std::vector<UserId> ids;
    std::vector<std::int64_t> places;
};

Result<NamedUsers> existing_users(WorkspaceId workspace, const std::vector<std::string>& references, Context& context) {
    NamedUsers users;
    for (std::size_t place = 0; place < references.size(); ++place) {
        CARIOSAN_TRY(const auto user, find_user(workspace, references[place], context));
        if (!user || std::ranges::find(users.ids, user->id) != users.ids.end()) continue;
        users.ids.push_back(user->id);
        users.places.push_back(static_cast<std::int64_t>(place));
    }
    return users;
}

}  // namespace

Result<Outcome> read(const GetPresence& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<GetPresence>(caller, context));
    const std::int64_t limit =
        command.to_subscribe ? context.limits.presence_subscriptions : context.limits.presence_users;
    Fields fields(context.limits);
    fields.count("users", command.users.size(), limit, "users", Empty::refused);
    for (const std::string& reference : command.users) fields.reference("users", reference);
    CARIOSAN_TRY_DONE(fields.result());

    CARIOSAN_TRY(const auto after, decode_number_cursor(ListOf::presence, command.cursor));

    CARIOSAN_TRY(const auto users, existing_users(actor.workspace.id, command.users, context));
    const auto first = std::ranges::lower_bound(users.places, after.value_or(0)) - users.places.begin();
    const std::span rest = std::span(users.ids).subspan(static_cast<std::size_t>(first));
    WorkBudget budget(kPageSteps);
    CARIOSAN_TRY(auto sharing,
                 context.reader.users().sharing(actor.workspace.id, actor.user->id, rest, budget));
    Page<UserPresence> page{.items = std::move(sharing.found), .next_cursor = {}};
    if (sharing.judged < rest.size()) {
        const auto next = static_cast<std::size_t>(first) + sharing.judged;
        page.next_cursor = encode_cursor(ListOf::presence, users.places[next]);
    }
    std::vector<UserId> shown;
    for (const UserPresence& each : page.items) shown.push_back(each.user_id);
    const auto states = context.presence.find_all(actor.workspace.id, shown);
    for (std::size_t i = 0; i < page.items.size(); ++i) {
        UserPresence& each = page.items[i];
        const std::optional<PresenceState>& present = states[i];
        if (!present) continue;
        each.online = present->online;
        each.last_seen_at = present->online ? std::nullopt : std::optional(present->last_seen);
    }
    return Outcome{.answer = std::move(page)};
}

}  // namespace cariosan::core
