#include "core/access.hpp"

namespace cariosan::core {

Result<Outcome> read(const GetMe&, const Caller& caller, Context& context) {
    auto actor = authorize<GetMe>(caller, context);
    if (!actor) return std::move(actor).error();
    const auto unread = context.reader.channels().unread_total(actor->workspace.id, actor->user->id);
    if (!unread) return unread.error();
    return Outcome{.answer = Me{.user = std::move(*actor->user), .unread_total = *unread}};
}

}  // namespace cariosan::core
