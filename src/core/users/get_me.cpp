#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/workspaces/client_settings.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetMe&, const Caller& caller, Context& context) {
    CARIOSAN_TRY(auto actor, authorize<GetMe>(caller, context));
    CARIOSAN_TRY(const auto unread,
                 context.reader.channels().unread_total(actor.workspace.id, actor.user->id));
    CARIOSAN_TRY(const auto preferences,
                 context.reader.channels().preferences_of(actor.workspace.id, actor.user->id, 0, 0));
    return Outcome{.answer = Me{.user = std::move(*actor.user),
                                .unread_total = unread,
                                .preferences_rev = preferences.preferences_rev,
                                .settings = client_settings(actor.workspace, server_settings(context))}};
}

}  // namespace cariosan::core
