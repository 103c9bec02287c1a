#include "core/moderation/moderate_text.hpp"

#include <utility>

#include "core/moderation/masking.hpp"
#include "core/moderation/rule_cache.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"

namespace cariosan::core {
namespace {

template <class M>
PlannedMutation refuse(M mutation, ModeratedText&& moderated) {
    mutation.matches = std::move(moderated.matches);
    PlannedMutation out;
    out.mutation = mutation::RecordModeration{.refused = std::move(mutation),
                                              .silence_until = moderated.refusal->silence_until};
    out.refusal = Error(ErrorCode::message_rejected, "the text breaks a rule of the workspace")
                      .with("rule", std::string(to_string(moderated.refusal->rule)));
    return out;
}

ModeratedText judged(moderation::Verdict verdict, const ModerationSettings& settings, Context& context) {
    ModeratedText out{.content = std::move(verdict.content), .flood = std::move(verdict.flood)};
    out.masked = std::move(verdict.masked);
    for (moderation::Match& match : verdict.matches) {
        out.matches.push_back({.id = context.ids.make<ModerationRecordId>(),
                               .rule = match.rule,
                               .action = match.action,
                               .excerpt = std::move(match.excerpt)});
    }
    if (!verdict.refused()) return out;
    out.refusal = Refusal{.rule = *verdict.rule};
    if (verdict.silences()) {
        out.refusal->silence_until = Timestamp{context.now.milliseconds + settings.auto_mute_seconds * 1000};
    }
    return out;
}

}  // namespace

Result<ModeratedText> moderate_text(const WrittenText& written, Context& context) {
    const Workspace& workspace = written.workspace;
    if (!workspace.moderation_enabled) return ModeratedText{.content = written.text};
    CARIOSAN_TRY(const auto rules, context.rules.get(workspace.id, workspace.moderation_rev, [&] {
        return find_moderation(workspace.id, context);
    }));
    const moderation::FloodAttempt attempt{.counter = context.floods,
                                           .user = written.user,
                                           .channel = written.channel,
                                           .send = written.send.value_or(0),
                                           .now = context.elapsed};
    return judged(moderation::moderate(written.text, *rules, written.send ? &attempt : nullptr),
                  rules->rules(), context);
}

PlannedMutation with_moderation(mutation::SendMessage send, ModeratedText moderated) {
    if (moderated.refusal) return refuse(std::move(send), std::move(moderated));
    for (Mention& mention : send.mentions) moderation::move_spans(mention.spans, send.content, moderated.masked);
    send.content = std::move(moderated.content);
    send.matches = std::move(moderated.matches);
    PlannedMutation out{.mutation = std::move(send)};
    out.flood = std::move(moderated.flood);
    return out;
}

PlannedMutation with_moderation(mutation::EditMessage edit, ModeratedText moderated) {
    if (moderated.refusal) return refuse(std::move(edit), std::move(moderated));
    if (edit.mentions) {
        for (auto& mention : *edit.mentions) moderation::move_spans(mention.spans, edit.content, moderated.masked);
    }
    if (moderated.content != edit.content) edit.original = std::exchange(edit.content, std::move(moderated.content));
    edit.matches = std::move(moderated.matches);
    PlannedMutation out;
    out.mutation = std::move(edit);
    return out;
}

}  // namespace cariosan::core
