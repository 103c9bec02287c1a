#include "core/messages/mentions.hpp"

#include <algorithm>

#include "core/propagate.hpp"
#include "core/resolve.hpp"

namespace cariosan::core {

void check_mentions(Fields& fields, const std::vector<std::string>& references, const Limits& limits) {
    fields.count("mentions", references.size(), limits.mentions, "users", Empty::allowed);
    for (const std::string& reference : references) fields.reference("mentions", reference);
}

Result<FoundMentions> find_mentions(const std::vector<std::string>& references, WorkspaceId workspace, Context& context) {
    FoundMentions found;
    for (const std::string& reference : references) {
        CARIOSAN_TRY(auto user, find_user(workspace, reference, context));
        if (!user) {
            found.missing.push_back(reference);
            continue;
        }
        if (std::ranges::find(found.mentions, user->id, &Mention::user_id) != found.mentions.end()) continue;
        found.mentions.push_back({.user_id = user->id,
                                  .external_id = std::move(user->external_id),
                                  .name = std::move(user->name)});
    }
    return found;
}

}  // namespace cariosan::core
