/// Step 5 of a send and of an edit: what the rules of the workspace make of what a user writes.
#pragma once

#include <cariosan/moderation.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/access.hpp"

namespace cariosan::core {

/// A text, who says it and where.
struct WrittenText {
    const Workspace& workspace;
    ChannelId channel;
    UserId user;
    const std::string& text;
    std::optional<std::uint64_t> send{};  ///< what the flood rule counts it as; nothing: an edit, which repeats nothing
};

/// Why nothing is stored.
struct Refusal {
    ModerationRule rule = ModerationRule::profanity;  ///< `details.rule`
    std::optional<Timestamp> silence_until{};         ///< its author is silenced until then
};

struct ModeratedText {
    std::string content{};                   ///< what is stored and delivered; empty if it is refused
    std::vector<ModerationMatch> matches{};  ///< what is recorded
    std::optional<Refusal> refusal{};
    std::shared_ptr<moderation::FloodPlace> flood{};  ///< null: the flood rule did not count it
};

/// Judges the text, if the workspace moderates at all, and counts it for the flood rule. Masks may make it longer than what a
/// client may send, by two bytes for each; never empty.
Result<ModeratedText> moderate_text(const WrittenText& written, Context& context);

/// What is committed of a send or an edit, which has the text as it was written: with what became of the text and what was
/// found in it, or, if it is refused, the records (and the silence) alone; then `message_rejected` is answered.
PlannedMutation with_moderation(mutation::SendMessage send, ModeratedText moderated);
PlannedMutation with_moderation(mutation::EditMessage edit, ModeratedText moderated);

}  // namespace cariosan::core
