#include <utility>

#include "core/access.hpp"
#include "core/moderation/moderate.hpp"
#include "core/moderation/rule_cache.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const CheckText& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<CheckText>(caller, context));
    CARIOSAN_TRY_DONE(check_text(command.content, context.limits, Empty::allowed));
    const Workspace& workspace = actor.workspace;
    if (!workspace.moderation_enabled) return Outcome{.answer = TextVerdict{.content = command.content}};
    CARIOSAN_TRY(const auto rules, context.rules.get(workspace.id, workspace.moderation_rev, [&] {
        return find_moderation(workspace.id, context);
    }));
    moderation::Verdict verdict = moderation::moderate(command.content, *rules);
    TextVerdict answer{.action = verdict.action, .rule = verdict.rule};
    if (!verdict.refused()) answer.content = std::move(verdict.content);
    for (moderation::Match& match : verdict.matches) {
        answer.matches.push_back({.rule = match.rule, .action = match.action, .excerpt = std::move(match.excerpt)});
    }
    return Outcome{.answer = std::move(answer)};
}

}  // namespace cariosan::core
