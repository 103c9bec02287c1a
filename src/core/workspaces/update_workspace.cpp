#include <algorithm>
#include <iterator>

#include "core/access.hpp"
#include "core/moderation/words/folded_text.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"
#include "core/text/visible_text.hpp"
#include "core/workspaces/client_settings.hpp"

namespace cariosan::core {
namespace {

/// Whether the term shows nothing, and so could match nothing.
bool is_blank(std::string_view term) {
    return shows_nothing(term) || std::ranges::all_of(moderation::fold(term), [](const auto& each) {
               return moderation::is_space(each.character);
           });
}

void check_terms(Fields& fields, std::string_view field, const std::optional<std::vector<std::string>>& terms,
                 const Limits& limits) {
    if (!terms) return;
    fields.count(field, terms->size(), limits.blocklist_terms, "terms", Empty::allowed);
    for (const std::string& term : *terms) {
        fields.term(field, term, limits.blocklist_term_code_points);
        if (!fields.sound()) return;
        fields.require(!is_blank(term), field, " has a term that is blank");
    }
}

void check_moderation(Fields& fields, const ModerationPatch& patch, const Limits& limits) {
    if (patch.flood.max_repeats) {
        fields.number("moderation.rules.flood.max_repeats", *patch.flood.max_repeats, 1, kMostRepeats);
    }
    if (patch.flood.window_seconds) {
        fields.number("moderation.rules.flood.window_seconds", *patch.flood.window_seconds, 1, kLongestFloodWindow);
    }
    check_terms(fields, "moderation.blocklist", patch.blocklist, limits);
    check_terms(fields, "moderation.allowlist", patch.allowlist, limits);
    if (patch.auto_mute_seconds) {
        fields.number("moderation.auto_mute_seconds", *patch.auto_mute_seconds, 1, kLongestSilence);
    }
}

}  // namespace

Result<Plan> plan(const UpdateWorkspace& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(auto actor, authorize<UpdateWorkspace>(caller, context));
    Fields fields(context.limits);
    if (command.name) fields.name("name", *command.name, Empty::refused);
    if (command.edit_window_seconds && *command.edit_window_seconds) {
        fields.number("edit_window_seconds", **command.edit_window_seconds, 0, kLongestEditWindow);
    }
    if (command.moderation) check_moderation(fields, *command.moderation, context.limits);
    CARIOSAN_TRY_DONE(fields.result());

    if (!command.name && !command.read_receipts_enabled && !command.edit_window_seconds && !command.moderation) {
        CARIOSAN_TRY(auto settings, settings_of(std::move(actor.workspace), context));
        return answered(std::move(settings));
    }
    return planned(mutation::UpdateWorkspace{.workspace = actor.workspace.id,
                                             .name = command.name,
                                             .read_receipts_enabled = command.read_receipts_enabled,
                                             .edit_window_seconds = command.edit_window_seconds,
                                             .moderation = command.moderation,
                                             .server = server_settings(context)});
}

}  // namespace cariosan::core
