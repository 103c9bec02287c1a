#include "core/moderation/apply_verdict.hpp"

#include <string>
#include <utility>

#include "core/moderation/moderate_text.hpp"
#include "core/text/fields.hpp"
#include "core/text/text.hpp"

namespace cariosan::core {
namespace {

constexpr std::size_t kReasonCodePoints = 200;

std::string shown_reason(std::string_view reason) {
    return is_utf8(reason) ? std::string(cut_code_points(reason, kReasonCodePoints)) : std::string();
}

ModerationMatch record_of(ModerationAction action, const std::string& reason, IdGenerator& ids) {
    return {.id = ids.make<ModerationRecordId>(),
            .rule = ModerationRule::moderator,
            .action = action,
            .excerpt = reason};
}

/// Where the new text names anybody is not known.
void replace_text(mutation::SendMessage& send, std::string text) {
    for (Mention& mention : send.mentions) mention.spans.clear();
    send.content = std::move(text);
}
/// Keeps the text the client sent.
void replace_text(mutation::EditMessage& edit, std::string text) {
    if (edit.mentions) {
        for (auto& mention : *edit.mentions) mention.spans.clear();
    }
    std::string before = std::exchange(edit.content, std::move(text));
    if (!edit.original) edit.original = std::move(before);
}

template <class M>
PlannedMutation refused_by_moderator(M mutation, const std::string& reason, IdGenerator& ids) {
    ModeratedText moderated{.matches = std::move(mutation.matches),
                            .refusal = Refusal{.rule = ModerationRule::moderator}};
    moderated.matches.push_back(record_of(ModerationAction::reject, reason, ids));
    PlannedMutation planned = with_moderation(std::move(mutation), std::move(moderated));
    if (!reason.empty()) planned.refusal->details.push_back({.name = "reason", .value = reason});
    return planned;
}

template <class M>
void apply_to(PlannedMutation& planned, M& mutation, ModerationVerdict&& verdict, const Limits& limits,
              IdGenerator& ids) {
    using Kind = ModerationVerdict::Kind;
    std::string reason = shown_reason(verdict.reason);
    if (verdict.kind == Kind::change && !check_text(verdict.text, limits)) {
        verdict.kind = Kind::refuse;
        reason = "the moderator's text cannot be stored";
    }
    switch (verdict.kind) {
        case Kind::allow: break;
        case Kind::change: replace_text(mutation, std::move(verdict.text)); break;
        case Kind::flag: mutation.matches.push_back(record_of(ModerationAction::flag, reason, ids)); break;
        case Kind::refuse: planned = refused_by_moderator(std::move(mutation), reason, ids); break;
    }
}

}  // namespace

std::optional<ModerationDraft> draft_of(const Mutation& mutation) {
    if (const auto* send = std::get_if<mutation::SendMessage>(&mutation)) {
        // Backends and imports are trusted: their sends are not checked for silences.
        if (!send->as_user) return std::nullopt;
        return ModerationDraft{.workspace = send->workspace,
                               .channel = send->channel,
                               .user = send->author,
                               .text = send->content};
    }
    if (const auto* edit = std::get_if<mutation::EditMessage>(&mutation)) {
        return ModerationDraft{.workspace = edit->workspace,
                               .channel = edit->channel,
                               .user = edit->actor,
                               .edited = edit->message,
                               .text = edit->content};
    }
    return std::nullopt;
}

void apply_verdict(PlannedMutation& planned, ModerationVerdict verdict, const Limits& limits, IdGenerator& ids) {
    if (auto* send = std::get_if<mutation::SendMessage>(&planned.mutation)) {
        apply_to(planned, *send, std::move(verdict), limits, ids);
    } else if (auto* edit = std::get_if<mutation::EditMessage>(&planned.mutation)) {
        apply_to(planned, *edit, std::move(verdict), limits, ids);
    }
}

}  // namespace cariosan::core
